use crate::cpu::kept::Kept;
use crate::cpu::pool::Pool;
use crate::device::Gpus;
use crate::gpu::GpuMachine;
use crate::storage::Storage;
use fovea_core::Result;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What runs touch: whoever has it runs alone.
pub struct Machine {
    pub(crate) pool: Pool,
    pub(crate) arena: Storage,
    pub(crate) kept: Kept,
    scratch: Vec<Storage>,
    pub(crate) scratch_pointers: Vec<usize>,
    /// With what is kept; told to [`crate::Engine::memory`].
    arena_bytes: Arc<AtomicUsize>,
    gpus: Arc<Gpus>,
    open: HashMap<u32, GpuMachine>,
}

impl Machine {
    pub(crate) fn new(threads: usize, arena_bytes: Arc<AtomicUsize>, gpus: Arc<Gpus>) -> Result<Machine> {
        let pool = Pool::new(threads)?;
        let arena = Storage::new(0)?;
        let (kept, scratch, scratch_pointers) = (Kept::default(), vec![], vec![]);
        Ok(Machine { pool, arena, kept, scratch, scratch_pointers, arena_bytes, gpus, open: HashMap::new() })
    }

    /// Grows the arena and the workers' scratch, between runs.
    pub(crate) fn reserve(&mut self, arena: usize, scratch: usize) -> Result<()> {
        if self.arena.bytes() < arena {
            // The old one goes first: both together may not fit.
            self.arena = Storage::new(0)?;
            self.arena = Storage::new(arena)?;
        }
        if self.scratch.first().is_none_or(|s| s.bytes() < scratch) {
            self.scratch.clear();
            self.scratch = (0..self.pool.threads()).map(|_| Storage::new(scratch)).collect::<Result<_>>()?;
            self.scratch_pointers = self.scratch.iter().map(|s| s.ptr() as usize).collect();
        }
        let total =
            self.arena.bytes() + self.kept.bytes() + self.scratch.iter().map(Storage::bytes).sum::<usize>();
        self.arena_bytes.store(total, Ordering::Relaxed);
        Ok(())
    }

    /// The GPU of that number with its arena.
    pub(crate) fn gpu(&mut self, index: u32) -> Result<&mut GpuMachine> {
        let device = self.gpus.get(index)?;
        let fresh = self.open.get(&index).is_none_or(|gpu| !gpu.device.same(&device));
        if fresh {
            self.open.insert(index, GpuMachine::new(device));
        }
        self.open
            .get_mut(&index)
            .ok_or_else(|| fovea_core::Error::internal("a GPU that was just opened is gone"))
    }
}
