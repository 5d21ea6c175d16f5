use crate::execute::RunState;
use crate::pool::Progress;
use fovea_core::Result;
use fovea_graph::import::Interner;
use fovea_graph::plan::{Plan, compile};
use fovea_kernels::isa::Isa;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many plans are kept for graphs that may come again. A model has a handful for each batch size.
const MOST_PLANS: usize = 256;

/// A plan, and what its runs reuse.
pub struct CompiledPlan {
    pub plan: Plan,
    pub(crate) progress: Progress,
    state: Mutex<RunState>,
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
}

impl CompiledPlan {
    pub(crate) fn new(plan: Plan, threads: usize) -> CompiledPlan {
        let progress = Progress::new(plan.phases.len(), threads);
        CompiledPlan { plan, progress, state: Mutex::default() }
    }

    /// Each phase with its chunks and the fewest nanoseconds it took; empty unless `FOVEA_PROFILE=1`.
    pub fn profile(&self) -> Vec<PhaseTime> {
        let times = self.progress.fastest();
        let phases = self.plan.phases.iter().zip(times);
        phases
            .map(|(p, ns)| PhaseTime { name: p.name, origin: p.origin, chunks: p.chunks, cost: p.cost, ns })
            .collect()
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, RunState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plans by the array that describes their graph; the least recently used one makes room.
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

/// Compiles the graph that an array describes.
pub(crate) fn build(
    interner: &Mutex<Interner>,
    words: &[i32],
    isa: Isa,
    threads: usize,
) -> Result<CompiledPlan> {
    let graph = interner.lock().unwrap_or_else(PoisonError::into_inner).decode(words)?;
    Ok(CompiledPlan::new(compile(graph, isa)?, threads))
}
