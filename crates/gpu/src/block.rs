//! Buffers as the driver sees them, counted.

use crate::device::Inner;
use fovea_core::{Code, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering::Relaxed};

/// Memory of a device, in use or kept for later.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Live {
    /// Bytes of all buffers, with those for uploads and downloads.
    pub bytes: usize,
    /// How many buffers that is.
    pub buffers: usize,
    /// Buffers made since the device was opened: it stands still while nothing is allocated.
    pub created: u64,
    /// Bytes of the memory that waits in the free list.
    pub idle: usize,
}

/// Counts the buffers of a device.
#[derive(Default)]
pub(crate) struct Count {
    bytes: AtomicUsize,
    buffers: AtomicUsize,
    created: AtomicU64,
}

impl Count {
    pub fn live(&self, idle: usize) -> Live {
        Live {
            bytes: self.bytes.load(Relaxed),
            buffers: self.buffers.load(Relaxed),
            created: self.created.load(Relaxed),
            idle,
        }
    }
}

/// A buffer of the driver.
pub(crate) struct Block {
    pub buffer: wgpu::Buffer,
    pub bytes: usize,
    /// Unique in the device's life.
    pub id: u64,
    count: Arc<Count>,
}

impl Drop for Block {
    fn drop(&mut self) {
        // Freed once the GPU is done with it, whoever still has a bind of it.
        self.buffer.destroy();
        self.count.bytes.fetch_sub(self.bytes, Relaxed);
        self.count.buffers.fetch_sub(1, Relaxed);
    }
}

/// The smallest buffer that is made.
const SMALLEST: usize = 256;

/// The size of the buffer that serves `bytes`: few enough sizes that freed buffers fit again, at most an
/// eighth too large.
pub(crate) fn class(bytes: usize, most: usize) -> usize {
    let bytes = bytes.max(SMALLEST);
    let step = ((1 << bytes.ilog2()) / 8).max(SMALLEST);
    bytes.checked_next_multiple_of(step).unwrap_or(most).min(most)
}

impl Inner {
    /// A new buffer; if there is no memory left, once more without all that is kept for later.
    pub fn block(&self, bytes: usize, usage: wgpu::BufferUsages, mapped: bool) -> Result<Block> {
        match self.make(bytes, usage, mapped) {
            Err(error) if error.code == Code::OutOfMemory => {
                self.trim();
                // Buffers go when the work that names them is done.
                self.settle()?;
                self.make(bytes, usage, mapped)
            }
            result => result,
        }
    }

    fn make(&self, bytes: usize, usage: wgpu::BufferUsages, mapped: bool) -> Result<Block> {
        #[cfg(debug_assertions)]
        self.faults.buffer(bytes)?;
        let buffer = self.guarded(&format!("allocating {bytes} bytes"), || {
            self.wgpu.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size: bytes as u64,
                usage,
                mapped_at_creation: mapped,
            })
        })?;
        self.count.bytes.fetch_add(bytes, Relaxed);
        self.count.buffers.fetch_add(1, Relaxed);
        let id = self.count.created.fetch_add(1, Relaxed);
        Ok(Block { buffer, bytes, id, count: self.count.clone() })
    }
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn classes_are_few_and_close() {
        let most = 1 << 30;
        assert_eq!(class(0, most), 256);
        assert_eq!(class(257, most), 512);
        assert_eq!(class(1 << 20, most), 1 << 20);
        assert_eq!(class((1 << 20) + 1, most), (1 << 20) + (1 << 17));
        assert_eq!(class(most - 1, most), most);
        for bytes in (2048..1 << 16).step_by(37) {
            let class = class(bytes, most);
            assert!(class >= bytes && class * 8 <= bytes * 9 + 8 * 256, "{bytes} → {class}");
        }
    }
}
