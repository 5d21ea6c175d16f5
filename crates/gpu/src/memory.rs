//! Memory that shaders work on, and the free list it comes from and goes back to.

use crate::block::{Block, class};
use crate::device::{Device, Inner};
use crate::lock;
use fovea_core::{Code, Error, Result};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// A piece of a device's memory. Clones share it; when the last one goes, it returns to the device's
/// free list. That is safe while work that names it is still queued: the queue keeps its order. Whoever
/// records a stream need not hold on to it until then, either.
#[derive(Clone)]
pub struct Memory(Arc<Lease>);

struct Lease {
    /// Always there until the drop.
    block: Option<Block>,
    /// The buffer, apart from its counting.
    buffer: wgpu::Buffer,
    id: u64,
    bytes: usize,
    device: Arc<Inner>,
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(block) = self.block.take() {
            self.device.free(block);
        }
    }
}

impl Memory {
    /// The number of the buffer underneath, unique in the device's life. Memory from the free list has the
    /// number of the buffer that it got, so a [`Bind`](crate::Bind) that was made for that number fits.
    pub fn id(&self) -> u64 {
        self.0.id
    }

    /// How many bytes were asked for.
    pub fn bytes(&self) -> usize {
        self.0.bytes
    }

    pub(crate) fn buffer(&self) -> &wgpu::Buffer {
        &self.0.buffer
    }

    /// Fails if the range does not consist of words, or is not in the memory.
    pub(crate) fn check(&self, what: &str, offset: usize, bytes: usize) -> Result<()> {
        let inside = offset.checked_add(bytes).is_some_and(|end| end <= self.bytes().next_multiple_of(4));
        if inside && offset.is_multiple_of(4) && bytes.is_multiple_of(4) {
            return Ok(());
        }
        Err(Error::internal(format!(
            "{what}: bytes {offset} to {} of a memory of {} bytes; a range consists of words of 4 bytes",
            offset.saturating_add(bytes),
            self.bytes()
        )))
    }

    pub(crate) fn is_of(&self, device: &Arc<Inner>) -> bool {
        Arc::ptr_eq(&self.0.device, device)
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Memory {} of {} bytes", self.id(), self.bytes())
    }
}

/// Freed buffers by size, each with the last stream that may name it.
#[derive(Default)]
pub(crate) struct FreeList(Mutex<HashMap<usize, Vec<(Block, u64)>>>);

impl FreeList {
    pub fn bytes(&self) -> usize {
        lock(&self.0).values().flatten().map(|(block, _)| block.bytes).sum()
    }
}

/// What the driver is told that memory is for.
const KIND: wgpu::BufferUsages =
    wgpu::BufferUsages::STORAGE.union(wgpu::BufferUsages::COPY_SRC).union(wgpu::BufferUsages::COPY_DST);

impl Device {
    /// Memory with undefined contents: a freed piece of that size, or a new one.
    pub fn memory(&self, bytes: usize) -> Result<Memory> {
        let device = &self.0;
        let most = device.limits.buffer_bytes;
        device.health.alive()?;
        #[cfg(debug_assertions)]
        device.faults.memory(bytes)?;
        if bytes > most {
            return Err(Error::new(
                Code::OutOfMemory,
                format!("{bytes} bytes at once: the GPU {} gives at most {most}", device.info.name),
            ));
        }
        let size = class(bytes, most);
        let block = match device.reuse(size) {
            Some(block) => block,
            None => device.block(size, KIND, false)?,
        };
        let (buffer, id) = (block.buffer.clone(), block.id);
        Ok(Memory(Arc::new(Lease { block: Some(block), buffer, id, bytes, device: device.clone() })))
    }

    /// Gives freed memory back to the driver. A [`Bind`](crate::Bind) of it is of no use any more.
    pub fn trim(&self) {
        self.0.trim();
    }
}

impl Inner {
    /// A freed buffer that no open stream names.
    fn reuse(&self, size: usize) -> Option<Block> {
        let mut free = lock(&self.free.0);
        // Asked under the lock: a stream that names one of these blocks began before the block was freed.
        let first = self.open.first();
        let blocks = free.get_mut(&size)?;
        let at = blocks.iter().rposition(|(_, stream)| *stream < first)?;
        Some(blocks.remove(at).0)
    }

    fn free(&self, block: Block) {
        if self.health.lost().is_none() {
            let stream = self.open.now();
            lock(&self.free.0).entry(block.bytes).or_default().push((block, stream));
        }
    }

    /// Gives what is kept for later back to the driver.
    pub fn trim(&self) {
        let mut freed = vec![];
        {
            let mut free = lock(&self.free.0);
            let first = self.open.first();
            for blocks in free.values_mut() {
                // What an open stream may name stays.
                freed.extend(blocks.extract_if(.., |(_, stream)| *stream < first));
            }
        }
        // Out of the lock: dropping a buffer takes the driver's locks.
        drop(freed);
        self.staging.trim();
        self.readback.trim();
    }
}
