//! What a shader works on.

use crate::device::{Device, Inner};
use crate::memory::Memory;
use crate::pipeline::Pipeline;
use fovea_core::{Error, Result};
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;

/// A part of a memory.
#[derive(Clone, Copy, Debug)]
pub struct Range<'a> {
    /// What it is a part of.
    pub memory: &'a Memory,
    /// A multiple of [`Limits::align`](crate::Limits::align).
    pub offset: usize,
    /// A multiple of 4, and not 0.
    pub bytes: usize,
}

/// The ranges that a shader works on. It does not keep their memory from being freed: whoever caches it by
/// the memories' [`id`](Memory::id)s finds it right again when the free list hands the same buffers out. If
/// they went back to the driver instead, work with it is refused when it is submitted.
#[derive(Clone)]
pub struct Bind {
    pub(crate) group: wgpu::BindGroup,
    pub(crate) bindings: u32,
}

impl fmt::Debug for Bind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bind of {} ranges", self.bindings)
    }
}

impl Device {
    /// Binds a shader's `@binding(0)`, `@binding(1)`, … to ranges, which do not overlap. It fits every
    /// pipeline with as many bindings.
    pub fn bind(&self, pipeline: &Pipeline, ranges: &[Range<'_>]) -> Result<Bind> {
        let device = &self.0;
        let label = &pipeline.0.label;
        device.health.alive()?;
        if ranges.len() != pipeline.0.bindings as usize {
            let (want, came) = (pipeline.0.bindings, ranges.len());
            return Err(Error::internal(format!("{label}: {want} ranges are bound; {came} came")));
        }
        for (i, range) in ranges.iter().enumerate() {
            device.check(label, range)?;
            if let Some(other) = ranges[..i].iter().find(|other| overlap(other, range)) {
                let (a, b) = (other.offset, range.offset);
                return Err(Error::internal(format!(
                    "{label}: the ranges of {} bytes from {a} and of {} bytes from {b} of one memory overlap",
                    other.bytes, range.bytes
                )));
            }
        }
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip(ranges)
            .map(|(binding, range)| wgpu::BindGroupEntry {
                binding,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: range.memory.buffer(),
                    offset: range.offset as u64,
                    size: NonZeroU64::new(range.bytes as u64),
                }),
            })
            .collect();
        let group = device.guarded(&format!("binding {label}"), || {
            let layout = &pipeline.0.layout;
            device.wgpu.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout,
                entries: &entries,
            })
        })?;
        Ok(Bind { group, bindings: pipeline.0.bindings })
    }
}

fn overlap(a: &Range<'_>, b: &Range<'_>) -> bool {
    a.memory.id() == b.memory.id() && a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes
}

impl Inner {
    fn check(self: &Arc<Inner>, label: &str, range: &Range<'_>) -> Result<()> {
        let &Range { memory, offset, bytes } = range;
        let (align, most) = (self.limits.align, self.limits.binding_bytes);
        if bytes > most {
            let text =
                format!("{label}: an operand of {bytes} bytes; the GPU {} takes {most}", self.info.name);
            return Err(Error::unsupported(text));
        }
        if !memory.is_of(self) {
            return Err(Error::internal(format!("{label}: memory of another device")));
        }
        memory.check(label, offset, bytes)?;
        if bytes == 0 || !offset.is_multiple_of(align) {
            return Err(Error::internal(format!(
                "{label}: {bytes} bytes from {offset}; a range is not empty and begins at a multiple of {align}"
            )));
        }
        Ok(())
    }
}
