//! Pages that uploads go through: memory that both the CPU and the GPU see, used over and over.

use crate::block::Block;
use crate::device::Inner;
use crate::lock;
use fovea_core::{Error, Result};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

/// The smallest page.
const SMALLEST: usize = 256 << 10;
/// The largest; longer uploads go in parts.
pub(crate) const LARGEST: usize = 32 << 20;
/// Pages of so many bytes are kept for later.
const KEPT: usize = 256 << 20;

/// A page that the CPU may write, filled from its beginning.
pub(crate) struct Page {
    pub block: Block,
    pub used: usize,
}

impl Page {
    /// Whether so many bytes fit.
    pub fn fits(&self, bytes: usize) -> bool {
        self.block.bytes - self.used >= bytes
    }

    /// Appends bytes, a multiple of 4 that fits; where they lie.
    pub fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let at = self.used;
        let range = at as u64..(at + bytes.len()) as u64;
        let mut view = self.block.buffer.get_mapped_range_mut(range).map_err(|error| {
            Error::internal(format!("writing {} bytes for the GPU: {error}", bytes.len()))
        })?;
        view.copy_from_slice(bytes);
        // Mapped ranges begin at multiples of 8.
        self.used = (at + bytes.len()).next_multiple_of(wgpu::MAP_ALIGNMENT as usize);
        Ok(at)
    }
}

/// The GPU may still read the page.
const BUSY: u8 = 0;
/// The CPU may write it.
const READY: u8 = 1;
/// It is of no use any more.
const FAILED: u8 = 2;

/// Pages that no stream fills.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<(Block, Arc<AtomicU8>)>>);

impl Pool {
    /// A page of exactly that size that the CPU may write.
    fn take(&self, size: usize) -> Option<Block> {
        let mut pages = lock(&self.0);
        pages.retain(|(_, state)| state.load(Ordering::Acquire) != FAILED);
        let at = pages
            .iter()
            .position(|(block, state)| block.bytes == size && state.load(Ordering::Acquire) == READY)?;
        Some(pages.remove(at).0)
    }

    fn keep(&self, block: Block, state: Arc<AtomicU8>) {
        let mut pages = lock(&self.0);
        let held: usize = pages.iter().map(|(block, _)| block.bytes).sum();
        if held + block.bytes <= KEPT {
            pages.push((block, state));
        }
    }

    pub fn trim(&self) {
        let pages = std::mem::take(&mut *lock(&self.0));
        drop(pages);
    }
}

impl Inner {
    /// A page for at least so many bytes, at most [`LARGEST`].
    pub fn page(&self, bytes: usize) -> Result<Page> {
        let size = bytes.next_power_of_two().max(SMALLEST);
        let mut block = self.staging.take(size);
        if block.is_none() {
            // Pages come back when somebody asks the driver what it has done.
            self.poll()?;
            block = self.staging.take(size);
        }
        let block = match block {
            Some(block) => block,
            None => self.block(size, wgpu::BufferUsages::MAP_WRITE | wgpu::BufferUsages::COPY_SRC, true)?,
        };
        Ok(Page { block, used: 0 })
    }

    /// A page whose copies were submitted: it comes back when they are done.
    pub fn sent(&self, page: Page) {
        let state = Arc::new(AtomicU8::new(BUSY));
        let told = state.clone();
        page.block.buffer.map_async(wgpu::MapMode::Write, .., move |result| {
            told.store(if result.is_ok() { READY } else { FAILED }, Ordering::Release);
        });
        self.staging.keep(page.block, state);
    }

    /// A page whose copies will never run: the CPU may write it as before.
    pub fn unsent(&self, page: Page) {
        self.staging.keep(page.block, Arc::new(AtomicU8::new(READY)));
    }
}
