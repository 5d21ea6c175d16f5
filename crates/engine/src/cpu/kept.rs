//! What runs of plans keep of what they made of variables: scaled weights and their panels, say.

use crate::operand::{Operand, Variable};
use crate::operands::Slots;
use crate::storage::Storage;
use fovea_core::Result;
use fovea_graph::plan::Prepared;
use std::sync::{Arc, Weak};

/// For how many plans something is kept: a model has few that predict, for one size of batch each.
const MOST: usize = 8;

/// What plans left, the one that ran last at the end.
#[derive(Default)]
pub(crate) struct Kept {
    shelves: Vec<Shelf>,
}

struct Shelf {
    /// The number of the plan.
    plan: u64,
    storage: Storage,
    /// Of the variables that it was made of; empty while it is not right.
    versions: Vec<u64>,
    /// One of them: when it is gone, nobody can ask for this again.
    variable: Weak<Variable>,
}

impl Kept {
    /// Bytes that are kept.
    pub fn bytes(&self) -> usize {
        self.shelves.iter().map(|shelf| shelf.storage.bytes()).sum()
    }

    /// Where plan `plan` finds what it keeps, and whether that is right for these variables. If not, it is
    /// not right until [`Kept::settle`] says so.
    pub fn find(
        &mut self,
        plan: u64,
        prepared: &Prepared,
        operands: &[Operand],
        slots: &Slots,
    ) -> Result<(*mut u8, bool)> {
        self.shelves.retain(|shelf| shelf.variable.strong_count() > 0);
        if prepared.phases == 0 {
            return Ok((std::ptr::null_mut(), true));
        }
        let mut shelf = match self.shelves.iter().position(|shelf| shelf.plan == plan) {
            Some(at) => self.shelves.remove(at),
            None => {
                if self.shelves.len() >= MOST {
                    self.shelves.remove(0);
                }
                let storage = Storage::new(prepared.bytes)?;
                Shelf { plan, storage, versions: vec![], variable: Weak::new() }
            }
        };
        let right = !shelf.versions.is_empty()
            && versions(prepared, slots).eq(shelf.versions.iter().copied().map(Some));
        if !right {
            shelf.versions.clear();
            let mut variables = prepared.leaves.iter().filter_map(|&leaf| match &operands[leaf as usize] {
                Operand::Variable(variable) => Some(Arc::downgrade(variable)),
                _ => None,
            });
            shelf.variable = variables.next().unwrap_or_default();
        }
        let at = shelf.storage.ptr();
        self.shelves.push(shelf);
        Ok((at, right))
    }

    /// The plan that ran last has made what it keeps of these variables.
    pub fn settle(&mut self, plan: u64, prepared: &Prepared, slots: &Slots) {
        if let Some(shelf) = self.shelves.iter_mut().find(|shelf| shelf.plan == plan) {
            // A leaf that is no variable has no version: then nothing is right again.
            shelf.versions = versions(prepared, slots).collect::<Option<_>>().unwrap_or_default();
        }
    }

    /// Lets go of what a plan keeps.
    pub fn forget(&mut self, plan: u64) {
        self.shelves.retain(|shelf| shelf.plan != plan);
    }
}

fn versions<'a>(prepared: &'a Prepared, slots: &'a Slots) -> impl Iterator<Item = Option<u64>> + 'a {
    prepared.leaves.iter().map(|&leaf| slots[leaf as usize].as_ref().map(|slot| slot.version))
}

#[cfg(test)]
mod tests {
    use crate::cpu::{CpuPlan, run};
    use crate::machine::Machine;
    use crate::operand::{Operand, Variable};
    use crate::tests::{floats, machine, read, slot, variable};
    use fovea_core::TensorType;
    use fovea_graph::builder::Builder;
    use fovea_graph::elementwise::Ew;
    use fovea_graph::graph::{Assign, Leaf, LeafKind};
    use fovea_graph::ops::{Conv2d, Padding};
    use fovea_graph::plan::compile;
    use fovea_graph::target::Cpu;
    use fovea_kernels::isa::Isa;
    use std::sync::Arc;

    const IMAGES: [usize; 4] = [1, 6, 5, 24];
    const WEIGHTS: [usize; 4] = [3, 3, 24, 200];
    const CHANNELS: [usize; 1] = [200];

    /// relu(conv(x, w · scale) + scale); `writes` gives the scale new values too.
    fn predicts(writes: bool) -> CpuPlan {
        let b = Builder::new();
        let x = b.leaf(Leaf { kind: LeafKind::Input, ty: TensorType::f32(&IMAGES) });
        let (w, scale) =
            (b.leaf(variable(TensorType::f32(&WEIGHTS))), b.leaf(variable(TensorType::f32(&CHANNELS))));
        let conv = Conv2d { strides: [1, 1], dilation: [1, 1], groups: 1, padding: Padding::SAME };
        let y = (b.one(conv, &[x, w * scale]) + scale).map(Ew::Relu).value;
        let assigns = if writes { vec![Assign { leaf: 2, value: (scale * 0.5).value }] } else { vec![] };
        let graph = b.finish(vec![y], assigns, None).unwrap();
        CpuPlan::new(compile(graph, &Cpu::new(Isa::detect().unwrap())).unwrap(), 2)
    }

    struct Model {
        scale: Arc<Variable>,
        operands: [Operand; 3],
    }

    impl Model {
        fn new(seed: usize) -> Model {
            let values = move |i: usize| ((i * 31 + seed * 17) % 23) as f32 / 8.0 - 1.0;
            let (scale, o) = slot(floats(&CHANNELS, values));
            let w = slot(floats(&WEIGHTS, values)).1;
            Model { scale, operands: [Operand::Buffer(floats(&IMAGES, values)), w, o] }
        }

        fn run(&self, machine: &mut Machine, plan: &CpuPlan) -> Vec<f32> {
            let mut outputs = vec![];
            run(machine, plan, &self.operands, &mut outputs).unwrap();
            read(&outputs[0])
        }

        /// What a plan that has kept nothing gives.
        fn anew(&self) -> Vec<f32> {
            self.run(&mut machine(1), &predicts(false))
        }

        /// Whether the next run finds what was kept right.
        fn finds(&self, machine: &mut Machine, plan: &CpuPlan) -> bool {
            let slots = crate::operands::lock(&plan.plan, &self.operands).unwrap();
            machine.kept.find(plan.number, &plan.plan.prepared, &self.operands, &slots).unwrap().1
        }
    }

    #[test]
    fn what_is_kept_is_used_until_a_variable_changes() {
        let (mut machine, plan, model) = (machine(2), predicts(false), Model::new(1));
        assert!(plan.plan.prepared.phases > 0 && plan.plan.prepared.leaves == [1, 2]);
        let expected = model.anew();
        assert!(expected.iter().any(|&v| v > 0.0));
        for _ in 0..4 {
            assert_eq!(model.run(&mut machine, &plan), expected);
        }
        assert!(model.finds(&mut machine, &plan));
        model.scale.assign(floats(&CHANNELS, |i| i as f32 / 64.0)).unwrap();
        let changed = model.anew();
        assert_ne!(changed, expected);
        for _ in 0..2 {
            assert_eq!(model.run(&mut machine, &plan), changed);
        }
    }

    #[test]
    fn only_what_a_second_run_makes_is_kept_and_only_while_its_variables_live() {
        let (mut machine, plan, model) = (machine(1), predicts(false), Model::new(1));
        model.run(&mut machine, &plan);
        assert_eq!(machine.kept.bytes(), 0);
        model.run(&mut machine, &plan);
        assert_eq!(machine.kept.bytes(), plan.plan.prepared.bytes);
        drop(model);
        let (other, another) = (predicts(true), Model::new(2));
        another.run(&mut machine, &other);
        assert_eq!(machine.kept.bytes(), 0);
    }

    #[test]
    fn models_that_share_a_plan_and_training_between_predictions_see_their_own_weights() {
        let (mut machine, plan, training) = (machine(2), predicts(false), predicts(true));
        let models = [Model::new(1), Model::new(2)];
        for turn in 0..12 {
            let model = &models[turn / 2 % 2];
            assert_eq!(model.run(&mut machine, &plan), model.anew(), "turn {turn}");
            if turn % 3 == 1 {
                let before = model.anew();
                assert_eq!(model.run(&mut machine, &training), before);
                assert_eq!(model.run(&mut machine, &plan), model.anew(), "after training, turn {turn}");
            }
        }
    }
}
