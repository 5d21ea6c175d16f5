//! A phase's shader, bound to memory. Which buffers a run is given changes little from run to run, so the
//! few combinations that come are kept.

use super::run::Placed;
use fovea_core::Result;
use fovea_gpu::{Bind, Device, Pipeline, Range, Stream};
use fovea_graph::gpu::assemble::{Binding, module};
use fovea_graph::gpu::{Operand, word};
use fovea_graph::lower::{Loc, Phase};
use fovea_graph::plan::Plan;
use fovea_graph::target::GpuWork;

/// So many combinations of buffers are kept for each phase.
const MOST_KEPT: usize = 12;

/// For each operand the memory it lies in, by its number, and where.
type Places = Vec<(u64, usize)>;

/// One phase with the combinations of buffers it was bound to.
#[derive(Default)]
pub(super) struct Bound {
    kept: Vec<(Places, Pipeline, Bind)>,
}

impl Bound {
    /// Records the phase, reading and writing where `placed` says.
    pub fn record(
        &mut self,
        device: &Device,
        stream: &mut Stream,
        plan: &Plan<GpuWork>,
        phase: &Phase<GpuWork>,
        placed: &Placed,
    ) -> Result<()> {
        let dispatch = &phase.work.dispatch;
        let at = |operand: &Operand| placed.at(phase, *operand);
        let key: Places = dispatch
            .operands
            .iter()
            .map(|o| at(o).map(|(m, offset)| (m.id(), offset)))
            .collect::<Result<_>>()?;
        if let Some((_, pipeline, bind)) = self.kept.iter().find(|(kept, ..)| *kept == key) {
            stream.run(pipeline, bind, dispatch.workgroups);
            return Ok(());
        }
        let mut bindings: Vec<Binding> = Vec::new();
        let mut ranges: Vec<Range> = Vec::new();
        for (i, operand) in dispatch.operands.iter().enumerate() {
            let (memory, offset) = at(operand)?;
            let (bytes, word) = extent(plan, phase, *operand);
            let first = key.iter().position(|k| *k == key[i]).unwrap_or(i);
            let place = match first < i {
                true => bindings[first].place,
                false => {
                    ranges.push(Range { memory, offset, bytes });
                    ranges.len() as u32 - 1
                }
            };
            bindings.push(Binding { operand: *operand, word, place });
        }
        let text = module(dispatch, &bindings, phase.work.heeds);
        let pipeline = device.pipeline(&text, ranges.len() as u32, phase.name)?;
        let bind = device.bind(&pipeline, &ranges)?;
        stream.run(&pipeline, &bind, dispatch.workgroups);
        if self.kept.len() == MOST_KEPT {
            self.kept.remove(0);
        }
        self.kept.push((key, pipeline, bind));
        Ok(())
    }
}

/// The bytes of an operand and the type of its words.
fn extent(plan: &Plan<GpuWork>, phase: &Phase<GpuWork>, operand: Operand) -> (usize, &'static str) {
    match loc(phase, operand) {
        Some(loc) => {
            let extent = plan.extents[loc.0 as usize];
            (extent.bytes, extent.dtype.map_or("u32", word::storage))
        }
        None => (4, "u32"),
    }
}

/// The place of an operand in the plan; the halt word has none.
pub(super) fn loc(phase: &Phase<GpuWork>, operand: Operand) -> Option<Loc> {
    match operand {
        Operand::Input(i) => phase.inputs.get(i as usize).copied(),
        Operand::Output(k) => phase.outputs.get(k as usize).copied(),
        Operand::Temp => phase.temp,
        Operand::Halt => None,
    }
}
