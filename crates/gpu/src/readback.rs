//! Downloads: the GPU copies into memory that the CPU sees, and the CPU reads it when that is done.

use crate::block::{Block, class};
use crate::device::{Device, Inner};
use crate::lock;
use crate::memory::Memory;
use crate::ticket::Ticket;
use fovea_core::{Error, Result};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Buffers of so many bytes are kept for later.
const KEPT: usize = 256 << 20;
/// Longer reads go in parts.
const PART: usize = 32 << 20;

/// Buffers that no download uses.
#[derive(Default)]
pub(crate) struct Pool(Mutex<Vec<Block>>);

impl Pool {
    fn take(&self, size: usize) -> Option<Block> {
        let mut blocks = lock(&self.0);
        let at = blocks.iter().position(|block| block.bytes == size)?;
        Some(blocks.remove(at))
    }

    fn keep(&self, block: Block) {
        let mut blocks = lock(&self.0);
        let held: usize = blocks.iter().map(|block| block.bytes).sum();
        if held + block.bytes <= KEPT {
            blocks.push(block);
        }
    }

    pub fn trim(&self) {
        let blocks = std::mem::take(&mut *lock(&self.0));
        drop(blocks);
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// The copy stands in a stream.
    Recorded,
    /// The stream was submitted.
    Sent,
    /// The CPU may read.
    Ready,
    Failed,
}

/// Where the GPU copies to; shared by the stream and the download.
pub(crate) struct Slot {
    /// Always there until the drop.
    block: Option<Block>,
    state: Arc<(Mutex<State>, Condvar)>,
    device: Arc<Inner>,
}

impl Slot {
    pub fn new(device: &Arc<Inner>, bytes: usize) -> Result<Slot> {
        let size = class(bytes, device.limits.buffer_bytes);
        let block = match device.readback.take(size) {
            Some(block) => block,
            None => device.block(size, wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST, false)?,
        };
        let state = Arc::new((Mutex::new(State::Recorded), Condvar::new()));
        Ok(Slot { block: Some(block), state, device: device.clone() })
    }

    pub fn buffer(&self) -> Option<&wgpu::Buffer> {
        self.block.as_ref().map(|block| &block.buffer)
    }

    fn now(&self) -> State {
        *lock(&self.state.0)
    }

    /// The copy was submitted: the CPU may read when it is done.
    pub fn sent(&self) {
        *lock(&self.state.0) = State::Sent;
        let told = self.state.clone();
        if let Some(buffer) = self.buffer() {
            buffer.map_async(wgpu::MapMode::Read, .., move |result| {
                *lock(&told.0) = if result.is_ok() { State::Ready } else { State::Failed };
                told.1.notify_all();
            });
        }
    }

    /// Blocks until the CPU may read.
    fn wait(&self) -> Result<()> {
        loop {
            match self.now() {
                State::Ready => return Ok(()),
                State::Recorded => {
                    return Err(Error::internal("a download whose stream was never submitted"));
                }
                State::Failed => {
                    self.device.health.check()?;
                    return Err(Error::internal("the driver did not let a download be read"));
                }
                State::Sent => {
                    self.device.poll()?;
                    // Another thread's poll may be about to tell.
                    let state = lock(&self.state.0);
                    if *state == State::Sent {
                        let wait = self.state.1.wait_timeout(state, Duration::from_millis(1));
                        drop(wait.unwrap_or_else(PoisonError::into_inner));
                    }
                }
            }
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let Some(block) = self.block.take() else { return };
        let state = self.now();
        if state == State::Failed || self.device.health.lost().is_some() {
            return;
        }
        if state != State::Recorded {
            block.buffer.unmap();
        }
        self.device.readback.keep(block);
    }
}

/// Bytes that a stream copies for the CPU.
pub struct Download {
    /// None if there is nothing to copy.
    pub(crate) slot: Option<Arc<Slot>>,
    pub(crate) bytes: usize,
}

impl Download {
    /// How many bytes it brings.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Waits for the submission that copies them; the bytes.
    pub fn get(self, ticket: &Ticket) -> Result<Vec<u8>> {
        let mut bytes = Vec::with_capacity(self.bytes);
        self.with(ticket, |view| bytes.extend_from_slice(view))?;
        Ok(bytes)
    }

    /// Waits for the submission that copies them, into a slice of that length.
    pub fn get_into(self, ticket: &Ticket, into: &mut [u8]) -> Result<()> {
        if into.len() != self.bytes {
            let text = format!("a download of {} bytes into {} bytes", self.bytes, into.len());
            return Err(Error::internal(text));
        }
        self.with(ticket, |view| into.copy_from_slice(view))
    }

    fn with(self, ticket: &Ticket, read: impl FnOnce(&[u8])) -> Result<()> {
        let Some(slot) = &self.slot else { return ticket.wait() };
        if slot.now() != State::Recorded {
            ticket.wait()?;
        }
        slot.wait()?;
        if let Some(buffer) = slot.buffer() {
            let view = buffer.get_mapped_range(..self.bytes as u64).map_err(|error| {
                Error::internal(format!("reading {} bytes from the GPU: {error}", self.bytes))
            })?;
            read(&view);
        }
        Ok(())
    }
}

impl fmt::Debug for Download {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Download of {} bytes", self.bytes)
    }
}

impl Device {
    /// Blocks until all that was submitted before is done, and reads.
    pub fn read(&self, memory: &Memory, offset: usize, into: &mut [u8]) -> Result<()> {
        memory.check("reading", offset, into.len())?;
        for (i, part) in into.chunks_mut(PART).enumerate() {
            let mut stream = self.stream();
            let download = stream.download(memory, offset + i * PART, part.len())?;
            download.get_into(&stream.submit()?, part)?;
        }
        Ok(())
    }
}
