//! An open GPU.

use crate::adapters::{AdapterInfo, Found, found};
use crate::block::{Count, Live};
use crate::exit::{self, Gate};
use crate::health::Health;
use crate::memory::FreeList;
use crate::open::Open;
use crate::{limits, pipeline, readback, staging};
use fovea_core::{Code, Error, Limits, Result};
use std::fmt;
use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// An open GPU. Clones are the same device; it closes when the last of them, and of the memory, streams
/// and tickets that came from it, is gone.
#[derive(Clone)]
pub struct Device(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub wgpu: wgpu::Device,
    /// Dropped below.
    pub queue: ManuallyDrop<wgpu::Queue>,
    pub info: AdapterInfo,
    pub limits: Limits,
    pub health: Arc<Health>,
    pub gate: Gate,
    pub count: Arc<Count>,
    pub open: Open,
    pub free: FreeList,
    pub pipelines: pipeline::Cache,
    pub staging: staging::Pool,
    pub readback: readback::Pool,
    #[cfg(debug_assertions)]
    pub faults: crate::fault::Faults,
}

impl Device {
    /// Opens the GPU at a place of [`adapters`](crate::adapters()), with all that its driver allows.
    pub fn open(index: usize) -> Result<Device> {
        let all = found();
        let Found { info, adapter } = all.get(index).ok_or_else(|| absent(index, all))?;
        let allowed = adapter.limits();
        let (device, queue) = pollster::block_on(adapter.request_device(&wgpu::DeviceDescriptor {
            label: Some("fovea"),
            required_limits: allowed.clone(),
            // Tensors are large and come one by one: they do not want to share big blocks.
            memory_hints: wgpu::MemoryHints::MemoryUsage,
            ..Default::default()
        }))
        .map_err(|error| {
            let text = format!("the GPU {} could not be opened: {error}", info.name);
            Error::new(Code::NoDevice, text)
        })?;
        let health = Arc::new(Health::new(info.name.clone()));
        let told = health.clone();
        device.set_device_lost_callback(move |reason, text| match reason {
            wgpu::DeviceLostReason::Unknown => told.lose(&text),
            wgpu::DeviceLostReason::Destroyed => told.lose("it was closed"),
        });
        let told = health.clone();
        device.on_uncaptured_error(Arc::new(move |error| told.stray(error)));
        let device = Device(Arc::new(Inner {
            wgpu: device,
            queue: ManuallyDrop::new(queue),
            info: info.clone(),
            limits: limits::of(&allowed),
            health,
            gate: Gate::default(),
            count: Arc::default(),
            open: Open::default(),
            free: FreeList::default(),
            pipelines: pipeline::Cache::default(),
            staging: staging::Pool::default(),
            readback: readback::Pool::default(),
            #[cfg(debug_assertions)]
            faults: crate::fault::Faults::default(),
        }));
        exit::remember(&device.0);
        Ok(device)
    }

    /// Which GPU it is.
    pub fn info(&self) -> &AdapterInfo {
        &self.0.info
    }

    /// Whether it is that very device: one that was opened anew is another.
    pub fn same(&self, other: &Device) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What it allows.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// Why it was lost, if it was.
    pub fn lost(&self) -> Option<String> {
        self.0.health.lost().map(str::to_string)
    }

    /// Loses the device: every call fails from now on. Work that has begun comes to its end, and so do those
    /// who wait for it, with an error.
    pub fn destroy(&self) {
        self.0.health.lose("it was closed");
        self.0.wgpu.destroy();
    }

    /// How much memory it holds.
    pub fn live(&self) -> Live {
        self.0.count.live(self.0.free.bytes())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // It waits for work under way, and panics if the driver answers in a way wgpu does not know.
        // SAFETY: nobody has the device any more, and the field is not touched again.
        let close = || unsafe { ManuallyDrop::drop(&mut self.queue) };
        let _ = catch_unwind(AssertUnwindSafe(close));
    }
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device {} ({})", self.0.info.name, self.0.info.backend)
    }
}

/// There is no such GPU; what there is.
fn absent(index: usize, all: &[Found]) -> Error {
    let list: Vec<String> = all
        .iter()
        .enumerate()
        .map(|(i, Found { info, .. })| format!("{i}: {} ({}, {})", info.name, info.kind.name(), info.backend))
        .collect();
    let found = match list.as_slice() {
        [] => "no driver for Vulkan, Metal or Direct3D 12 was found".to_string(),
        list => format!("found {}", list.join("; ")),
    };
    Error::new(Code::NoDevice, format!("there is no GPU {index}: {found}"))
}
