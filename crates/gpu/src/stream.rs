//! Recording work for the GPU.

use crate::bind::Bind;
use crate::device::{Device, Inner};
use crate::memory::Memory;
use crate::pipeline::Pipeline;
use crate::readback::{Download, Slot};
use crate::staging::{LARGEST, Page};
use crate::ticket::Ticket;
use fovea_core::{Error, Result};
use std::fmt;
use std::sync::Arc;

/// Work that is recorded in order and submitted at once. Each piece sees what those before it wrote.
pub struct Stream {
    // Dropped before the encoder that it writes to.
    pass: Option<wgpu::ComputePass<'static>>,
    encoder: Option<wgpu::CommandEncoder>,
    pages: Vec<Page>,
    slots: Vec<Arc<Slot>>,
    /// What went wrong where nothing could be returned: `submit` tells.
    error: Option<Error>,
    id: u64,
    device: Arc<Inner>,
}

impl Device {
    /// Begins to record.
    pub fn stream(&self) -> Stream {
        let device = self.0.clone();
        let id = device.open.begin();
        Stream { pass: None, encoder: None, pages: vec![], slots: vec![], error: None, id, device }
    }
}

impl Stream {
    /// Copies bytes, a multiple of 4, into a memory.
    pub fn upload(&mut self, to: &Memory, offset: usize, bytes: &[u8]) -> Result<()> {
        self.check(to, "uploading", offset, bytes.len())?;
        for (i, part) in bytes.chunks(LARGEST).enumerate() {
            if !self.pages.last().is_some_and(|page| page.fits(part.len())) {
                let page = self.device.page(part.len())?;
                self.pages.push(page);
            }
            let Some(page) = self.pages.last_mut() else { continue };
            let at = page.write(part)? as u64;
            let from = page.block.buffer.clone();
            let to_offset = (offset + i * LARGEST) as u64;
            self.encoder()?.copy_buffer_to_buffer(&from, at, to.buffer(), to_offset, part.len() as u64);
        }
        Ok(())
    }

    /// Runs a shader on a grid of workgroups; nothing happens if one of the three is 0. What is wrong
    /// with it is told by [`submit`](Stream::submit).
    pub fn run(&mut self, pipeline: &Pipeline, bind: &Bind, workgroups: [u32; 3]) {
        if self.error.is_none()
            && let Err(error) = self.try_run(pipeline, bind, workgroups)
        {
            self.error = Some(error);
        }
    }

    fn try_run(&mut self, pipeline: &Pipeline, bind: &Bind, workgroups: [u32; 3]) -> Result<()> {
        let label = &pipeline.0.label;
        if pipeline.0.bindings != bind.bindings {
            let (want, came) = (pipeline.0.bindings, bind.bindings);
            return Err(Error::internal(format!("{label}: {want} ranges are bound; {came} came")));
        }
        let most = self.device.limits.workgroups;
        if workgroups.iter().any(|&n| n > most) {
            return Err(Error::internal(format!(
                "{label}: a grid of {workgroups:?} workgroups; the GPU {} takes {most} along an axis",
                self.device.info.name
            )));
        }
        if workgroups.contains(&0) {
            return Ok(());
        }
        if self.pass.is_none() {
            let pass = self.encoder()?.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            self.pass = Some(pass.forget_lifetime());
        }
        if let Some(pass) = &mut self.pass {
            pass.set_pipeline(&pipeline.0.raw);
            pass.set_bind_group(0, &bind.group, &[]);
            let [x, y, z] = workgroups;
            pass.dispatch_workgroups(x, y, z);
        }
        Ok(())
    }

    /// Copies bytes, a multiple of 4, from one memory to another, or to another place in the same one
    /// (there the ranges may overlap). What is wrong with it is told by [`submit`](Stream::submit).
    pub fn copy(&mut self, from: &Memory, from_offset: usize, to: &Memory, to_offset: usize, bytes: usize) {
        if self.error.is_none()
            && let Err(error) = self.try_copy(from, from_offset, to, to_offset, bytes)
        {
            self.error = Some(error);
        }
    }

    fn try_copy(
        &mut self,
        from: &Memory,
        from_offset: usize,
        to: &Memory,
        to_offset: usize,
        bytes: usize,
    ) -> Result<()> {
        self.check(from, "copying from", from_offset, bytes)?;
        self.check(to, "copying to", to_offset, bytes)?;
        if bytes == 0 || (from.id() == to.id() && from_offset == to_offset) {
            return Ok(());
        }
        if from.id() == to.id() {
            // The driver copies between two buffers only.
            let between = Device(self.device.clone()).memory(bytes)?;
            self.try_copy(from, from_offset, &between, 0, bytes)?;
            return self.try_copy(&between, 0, to, to_offset, bytes);
        }
        let (from_offset, to_offset) = (from_offset as u64, to_offset as u64);
        self.encoder()?.copy_buffer_to_buffer(
            from.buffer(),
            from_offset,
            to.buffer(),
            to_offset,
            bytes as u64,
        );
        Ok(())
    }

    /// Copies bytes, a multiple of 4, to where the CPU can read them later.
    pub fn download(&mut self, from: &Memory, offset: usize, bytes: usize) -> Result<Download> {
        self.check(from, "downloading", offset, bytes)?;
        if bytes == 0 {
            return Ok(Download { slot: None, bytes });
        }
        let slot = Arc::new(Slot::new(&self.device, bytes)?);
        if let Some(buffer) = slot.buffer() {
            self.encoder()?.copy_buffer_to_buffer(from.buffer(), offset as u64, buffer, 0, bytes as u64);
        }
        self.slots.push(slot.clone());
        Ok(Download { slot: Some(slot), bytes })
    }

    /// Hands everything to the GPU. If it fails, nothing of it runs.
    pub fn submit(mut self) -> Result<Ticket> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        self.device.health.check()?;
        self.pass = None;
        let encoder = self.encoder.take();
        let pages = std::mem::take(&mut self.pages);
        let device = &self.device;
        let index = device.guarded("submitting work to the GPU", || {
            for page in &pages {
                page.block.buffer.unmap();
            }
            device.queue.submit(encoder.map(wgpu::CommandEncoder::finish))
        })?;
        for page in pages {
            device.sent(page);
        }
        for slot in self.slots.drain(..) {
            slot.sent();
        }
        Ok(Ticket::new(self.device.clone(), index))
    }

    /// The encoder, outside of a pass.
    fn encoder(&mut self) -> Result<&mut wgpu::CommandEncoder> {
        self.pass = None;
        let device = &self.device;
        let encoder = match self.encoder.take() {
            Some(encoder) => encoder,
            None => device.guarded("recording work for the GPU", || {
                device.wgpu.create_command_encoder(&wgpu::CommandEncoderDescriptor::default())
            })?,
        };
        Ok(self.encoder.insert(encoder))
    }

    fn check(&self, memory: &Memory, what: &str, offset: usize, bytes: usize) -> Result<()> {
        self.device.health.alive()?;
        if !memory.is_of(&self.device) {
            return Err(Error::internal(format!("{what}: memory of another device")));
        }
        memory.check(what, offset, bytes)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        // Recorded copies name the pages and slots: they go first.
        self.pass = None;
        self.encoder = None;
        for page in self.pages.drain(..) {
            self.device.unsent(page);
        }
        self.device.open.end(self.id);
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stream {} of {}", self.id, self.device.info.name)
    }
}
