//! One run of a plan on the CPU: finds where everything lies, runs the phases, gives variables their
//! new contents.

mod crew;
pub(crate) mod kept;
pub(crate) mod pool;
mod profile;
mod trouble;

use crate::machine::Machine;
use crate::memory::Buffer;
use crate::operand::{Operand, encode};
use crate::operands::{Slots, commit, in_place, lock, tear};
use fovea_core::{Code, Result};
use fovea_graph::lower::{CpuWork, Io, Loc};
use fovea_graph::plan::{Place, Plan, Write};
use pool::{Progress, Work};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A plan for the CPU, and what its runs reuse.
pub(crate) struct CpuPlan {
    pub plan: Plan<CpuWork>,
    pub progress: Progress,
    /// Unlike that of any other plan of this process.
    number: u64,
    scratch_bytes: usize,
    /// Of all phases, and of those behind what is prepared.
    costs: [f64; 2],
    state: Mutex<RunState>,
}

impl CpuPlan {
    pub fn new(plan: Plan<CpuWork>, threads: usize) -> CpuPlan {
        let progress = Progress::new(plan.phases.len(), threads);
        let scratch_bytes = plan.scratch_bytes();
        let costs = [0, plan.prepared.phases].map(|first| plan.cost(first));
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        CpuPlan { plan, progress, number, scratch_bytes, costs, state: Mutex::default() }
    }

    /// Roughly how many floating-point operations a run is, with what it prepares.
    pub fn cost(&self) -> f64 {
        self.costs[0]
    }

    fn lock(&self) -> MutexGuard<'_, RunState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Those of plans.
static NUMBERS: AtomicU64 = AtomicU64::new(0);

/// What runs of one plan reuse, so that they allocate nothing.
#[derive(Default)]
struct RunState {
    /// Whether there was a run: what one prepares is kept for others from the second on.
    ran: bool,
    /// The numbers that leaves of rank 0 are given.
    numbers: Vec<[u8; 8]>,
    pointers: Pointers,
}

/// Operand pointers, phase after phase.
#[derive(Default)]
struct Pointers {
    inputs: Vec<*const u8>,
    outputs: Vec<*mut u8>,
    /// For each phase: where its inputs and outputs begin, and its shared memory.
    phases: Vec<(usize, usize, *mut u8)>,
}

// SAFETY: the pointers are only read during the run that wrote them.
unsafe impl Send for Pointers {}
// SAFETY: as above.
unsafe impl Sync for Pointers {}

/// Runs a plan with one operand for each leaf. `outputs` are written in place where they fit and
/// nobody else holds them; otherwise they are replaced.
pub(crate) fn run(
    machine: &mut Machine,
    compiled: &CpuPlan,
    operands: &[Operand],
    outputs: &mut Vec<Buffer>,
) -> Result<()> {
    let plan = &compiled.plan;
    let mut slots = lock(plan, operands)?;
    prepare_outputs(plan, outputs)?;
    let (kept, right) = machine.kept.find(compiled.number, &plan.prepared, operands, &slots)?;
    machine.reserve(plan.arena_bytes, compiled.scratch_bytes)?;
    bring(plan, operands, &slots, outputs)?;
    let mut fresh = fresh_storage(plan, &slots)?;
    let mut state = compiled.lock();
    let RunState { ran, numbers, pointers } = &mut *state;
    numbers.clear();
    numbers.extend(operands.iter().zip(&plan.leaves).map(|(o, leaf)| match o {
        Operand::Number(n) => encode(*n, leaf.ty.dtype),
        _ => [0; 8],
    }));
    let leaf = |i: usize| match (&operands[i], &slots[i]) {
        (Operand::Buffer(b), _) => b.ptr(),
        (_, Some(slot)) => slot.buffer.ptr(),
        _ => numbers[i].as_ptr().cast_mut(),
    };
    let locate = |loc: Loc| match plan.places[loc.0 as usize] {
        // SAFETY: the plan's offsets lie within the arena it asked for.
        Place::Arena(offset) => unsafe { machine.arena.ptr().add(offset) },
        // SAFETY: as above, for what the plan keeps.
        Place::Kept(offset) => unsafe { kept.add(offset) },
        Place::Leaf(i) => leaf(i as usize),
        Place::Output(k) => outputs[k as usize].ptr(),
        Place::Assigned(k) => match &fresh[k as usize] {
            Some(buffer) => buffer.ptr(),
            None => leaf(plan.writes[k as usize].leaf as usize),
        },
    };
    pointers.fill(plan, locate);
    let chunk = |phase: usize, chunk: usize, scratch: *mut u8| {
        (plan.phases[phase].work.run)(&pointers.io(plan, phase, scratch), chunk)
    };
    let work = Work {
        phases: &plan.phases,
        first: if right { plan.prepared.phases } else { 0 },
        chunk: &chunk,
        scratch: &machine.scratch_pointers,
        cost: compiled.costs[usize::from(right)],
    };
    let result = match machine.pool.run(&work, &compiled.progress) {
        Ok(()) => {
            commit(plan, &mut slots, &mut fresh);
            Ok(())
        }
        Err((_, e)) if e.code == Code::NotFinite => Err(trouble::explain(e, plan, operands, &slots, |p| {
            pointers.io(plan, p, work.scratch[0] as *mut u8)
        })),
        Err((phase, e)) => {
            if phase >= plan.first_write {
                tear(plan, &mut slots);
            }
            Err(e)
        }
    };
    if !std::mem::replace(ran, true) {
        machine.kept.forget(compiled.number);
    } else if !right && result.is_ok() {
        machine.kept.settle(compiled.number, &plan.prepared, &slots);
    }
    result
}

impl Pointers {
    fn fill(&mut self, plan: &Plan<CpuWork>, locate: impl Fn(Loc) -> *mut u8) {
        self.inputs.clear();
        self.outputs.clear();
        self.phases.clear();
        for phase in &plan.phases {
            let temp = phase.temp.map_or(std::ptr::null_mut(), &locate);
            self.phases.push((self.inputs.len(), self.outputs.len(), temp));
            self.inputs.extend(phase.inputs.iter().map(|&l| locate(l).cast_const()));
            self.outputs.extend(phase.outputs.iter().map(|&l| locate(l)));
        }
    }

    fn io(&self, plan: &Plan<CpuWork>, phase: usize, scratch: *mut u8) -> Io<'_> {
        let (inputs, outputs, temp) = self.phases[phase];
        let phase = &plan.phases[phase];
        Io {
            inputs: &self.inputs[inputs..inputs + phase.inputs.len()],
            outputs: &self.outputs[outputs..outputs + phase.outputs.len()],
            temp,
            scratch,
        }
    }
}

fn prepare_outputs(plan: &Plan<CpuWork>, outputs: &mut Vec<Buffer>) -> Result<()> {
    let reusable = outputs.len() == plan.outputs.len()
        && outputs.iter().zip(&plan.outputs).all(|(b, ty)| b.ty == *ty && b.is_unique() && b.is_on_host());
    if !reusable {
        *outputs = plan.outputs.iter().map(|ty| Buffer::zeros(ty.clone())).collect::<Result<_>>()?;
    }
    Ok(())
}

/// Memory for the new contents of variables whose old contents must stay.
fn fresh_storage(plan: &Plan<CpuWork>, slots: &Slots) -> Result<Vec<Option<Buffer>>> {
    let one = |w: &Write| match in_place(w, slots) {
        true => Ok(None),
        false => Buffer::zeros(plan.leaves[w.leaf as usize].ty.clone()).map(Some),
    };
    plan.writes.iter().map(one).collect()
}

/// Brings what a run reads to the host, and lets copies elsewhere go of what it will write.
fn bring(plan: &Plan<CpuWork>, operands: &[Operand], slots: &Slots, outputs: &[Buffer]) -> Result<()> {
    for (operand, slot) in operands.iter().zip(slots) {
        match (operand, slot) {
            (Operand::Buffer(buffer), _) => buffer.bytes()?,
            (_, Some(slot)) => slot.buffer.bytes()?,
            _ => &[],
        };
    }
    outputs.iter().for_each(Buffer::leave_device);
    for write in plan.writes.iter().filter(|w| in_place(w, slots)) {
        slots[write.leaf as usize].iter().for_each(|slot| slot.buffer.leave_device());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{CpuPlan, run};
    use crate::operand::Operand;
    use crate::tests::{floats, machine, read, slot, variable};
    use fovea_core::TensorType;
    use fovea_graph::autodiff::GradOp;
    use fovea_graph::builder::{Builder, Sym};
    use fovea_graph::elementwise::Ew;
    use fovea_graph::graph::{Assign, Leaf, LeafKind};
    use fovea_graph::ops::{Conv2d, Op, Padding, Reduce, ReduceKind};
    use fovea_graph::plan::compile;
    use fovea_graph::target::Cpu;
    use fovea_kernels::isa::Isa;

    const IMAGES: [usize; 4] = [2, 32, 32, 1];
    const KERNELS: [[usize; 4]; 3] = [[1, 1, 1, 64], [5, 5, 64, 16], [3, 3, 16, 256]];

    fn conv<'b>(x: Sym<'b>, kernel: Sym<'b>, stride: usize) -> Sym<'b> {
        let strides = [stride, stride];
        x.b.one(Conv2d { strides, dilation: [1, 1], groups: 1, padding: Padding::SAME }, &[x, kernel])
    }

    /// A training step whose first convolution is most of what backward reads, and next to no work.
    fn step(guarded: bool) -> CpuPlan {
        let b = Builder::new();
        let x = b.leaf(Leaf { kind: LeafKind::Input, ty: TensorType::f32(&IMAGES) });
        let kernels = KERNELS.map(|sides| b.leaf(variable(TensorType::f32(&sides))));
        let y = conv(conv(x, kernels[0], 1).map(Ew::Relu), kernels[1], 2).map(Ew::Relu);
        let y = conv(y, kernels[2], 1).map(Ew::Square);
        let loss = y.apply(Reduce { kind: ReduceKind::Mean, axes: vec![], keepdims: false });
        let gradients = b.apply(Op::Grad(GradOp), &[&[loss], &kernels[..]].concat());
        let updates = (1..).zip(kernels.into_iter().zip(gradients));
        let assigns = updates.map(|(leaf, (kernel, g))| Assign { leaf, value: (kernel - g * 0.5).value });
        let (assigns, loss) = (assigns.collect(), loss.value);
        let graph = b.finish(vec![loss], assigns, guarded.then_some(loss)).unwrap();
        CpuPlan::new(compile(graph, &Cpu::new(Isa::detect().unwrap())).unwrap(), 2)
    }

    #[test]
    fn what_is_next_to_no_work_is_computed_anew_rather_than_kept() {
        let plans = [step(false), step(true)];
        let [kept, anew] = plans.each_ref().map(|step| &step.plan);
        assert!(4 * anew.arena_bytes < 3 * kept.arena_bytes, "{anew:?}, not {kept:?}");
        let [kept, anew] = plans.map(|step| {
            let value = |i: usize| (i * 31 % 23) as f32 / 8.0 - 1.0;
            let (variables, operands): (Vec<_>, Vec<_>) =
                KERNELS.iter().map(|sides| slot(floats(sides, |i| value(i) / 8.0))).unzip();
            let images = Operand::Buffer(floats(&IMAGES, value));
            let operands: Vec<Operand> = [images].into_iter().chain(operands).collect();
            let (mut machine, mut outputs) = (machine(2), vec![]);
            for _ in 0..2 {
                run(&mut machine, &step, &operands, &mut outputs).unwrap();
            }
            let trained = variables.iter().flat_map(|variable| read(&variable.snapshot().unwrap()));
            let values: Vec<u32> = read(&outputs[0]).into_iter().chain(trained).map(f32::to_bits).collect();
            values
        });
        assert_eq!(anew, kept);
    }
}
