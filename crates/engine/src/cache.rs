use crate::cpu::CpuPlan;
use crate::gpu::GpuPlan;
use fovea_graph::lower::{CpuWork, Phase};
use fovea_graph::plan::Plan;
use fovea_graph::target::GpuWork;
use std::collections::HashMap;
use std::sync::Arc;

/// How many plans a device keeps for graphs that may come again. A model has a handful for each batch size.
const MOST_PLANS: usize = 256;

/// Floating-point operations of a brief run: a fifth of a millisecond on one core with AVX-512.
const BRIEF: f64 = 2e7;

/// A plan for one device, and what its runs reuse.
pub struct CompiledPlan {
    pub(crate) run: Executable,
}

pub(crate) enum Executable {
    Cpu(Box<CpuPlan>),
    Gpu(Box<GpuPlan>),
}

/// How long a phase took at best.
pub struct PhaseTime {
    pub name: &'static str,
    /// The node of the caller's graph.
    pub origin: u32,
    pub chunks: usize,
    /// Roughly how many floating-point operations it is.
    pub cost: f64,
    pub ns: u64,
    /// Whether what it gives is kept: later runs leave it out while variables stay as they are.
    pub prepared: bool,
    /// What the whole node is, on the last of its phases.
    pub node: Option<NodeWork>,
}

/// What a node of a plan asks of the machine, however it is computed.
pub struct NodeWork {
    /// Floating-point operations of a product, as it is defined; 0 of anything else.
    pub flops: f64,
    /// Of its operands: what is read and written.
    pub bytes: usize,
}

impl CompiledPlan {
    pub(crate) fn cpu(plan: Plan<CpuWork>, threads: usize) -> CompiledPlan {
        CompiledPlan { run: Executable::Cpu(Box::new(CpuPlan::new(plan, threads))) }
    }

    pub(crate) fn gpu(plan: Plan<GpuWork>, index: u32) -> CompiledPlan {
        CompiledPlan { run: Executable::Gpu(Box::new(GpuPlan::new(plan, index))) }
    }

    pub(crate) fn is_for_cpu(&self) -> bool {
        matches!(self.run, Executable::Cpu(_))
    }

    /// Whether a run takes little longer than to have another thread do it and to hear of it.
    pub fn is_brief(&self) -> bool {
        matches!(&self.run, Executable::Cpu(cpu) if cpu.cost() < BRIEF)
    }

    /// Whether it writes variables only if a loss is finite.
    pub(crate) fn is_guarded(&self) -> bool {
        match &self.run {
            Executable::Cpu(cpu) => cpu.plan.guarded,
            Executable::Gpu(gpu) => gpu.plan.guarded,
        }
    }

    /// Each phase with its chunks and the fewest nanoseconds it took; empty unless `FOVEA_PROFILE=1`, and
    /// for a GPU.
    pub fn profile(&self) -> Vec<PhaseTime> {
        let Executable::Cpu(cpu) = &self.run else { return vec![] };
        let time = |(index, (p, ns)): (usize, (&Phase<CpuWork>, u64))| PhaseTime {
            name: p.name,
            origin: p.origin,
            chunks: p.work.chunks,
            cost: p.work.cost,
            ns,
            prepared: index < cpu.plan.prepared.phases,
            node: (!p.results.is_empty()).then(|| NodeWork { flops: p.flops, bytes: cpu.plan.bytes(p) }),
        };
        cpu.plan.phases.iter().zip(cpu.progress.fastest()).enumerate().map(time).collect()
    }
}

/// The plans for one device by the array that describes their graph; the least recently used one makes
/// room.
#[derive(Default)]
pub(crate) struct PlanCache {
    plans: HashMap<Box<[i32]>, (Arc<CompiledPlan>, u64)>,
    clock: u64,
}

impl PlanCache {
    pub fn len(&self) -> usize {
        self.plans.len()
    }

    pub fn get(&mut self, words: &[i32]) -> Option<Arc<CompiledPlan>> {
        self.clock += 1;
        let (plan, used) = self.plans.get_mut(words)?;
        *used = self.clock;
        Some(plan.clone())
    }

    pub fn insert(&mut self, words: &[i32], plan: Arc<CompiledPlan>) {
        if self.plans.len() >= MOST_PLANS {
            let oldest = self.plans.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone());
            oldest.map(|key| self.plans.remove(&key));
        }
        self.plans.insert(words.into(), (plan, self.clock));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fovea_graph::builder::Builder;
    use fovea_graph::plan::compile;
    use fovea_graph::target::Cpu;
    use fovea_kernels::isa::Isa;

    #[test]
    fn the_plan_that_was_not_asked_for_longest_makes_room() {
        let graph = Builder::new().finish(vec![], vec![], None).unwrap();
        let plan = compile(graph, &Cpu::new(Isa::detect().unwrap())).unwrap();
        let plan = Arc::new(CompiledPlan::cpu(plan, 1));
        let mut cache = PlanCache::default();
        let key = |i: usize| [i as i32, -1];
        for i in 0..MOST_PLANS {
            assert!(cache.get(&key(i)).is_none());
            cache.insert(&key(i), plan.clone());
        }
        assert!(cache.get(&key(0)).is_some_and(|found| Arc::ptr_eq(&found, &plan)));
        assert!(cache.get(&key(MOST_PLANS)).is_none());
        cache.insert(&key(MOST_PLANS), plan);
        assert_eq!(cache.len(), MOST_PLANS);
        let kept = |i: usize| cache.plans.contains_key(&key(i)[..]);
        assert_eq!([0, 1, 2, MOST_PLANS].map(kept), [true, false, true, true]);
    }
}
