//! The GPUs of this machine.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::OnceLock;

/// What sort of GPU an adapter is, the fastest sort first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// A card with memory of its own.
    Discrete,
    /// A part of the processor.
    Integrated,
    /// A share of a GPU in a virtual machine.
    Virtual,
    /// A driver that does not say.
    Other,
    /// The CPU, playing a GPU.
    Software,
}

impl Kind {
    /// Its name in messages and in TypeScript.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Discrete => "discrete",
            Kind::Integrated => "integrated",
            Kind::Virtual => "virtual",
            Kind::Other => "other",
            Kind::Software => "software",
        }
    }
}

/// A GPU and the driver that reaches it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AdapterInfo {
    /// What the driver calls it.
    pub name: String,
    /// What sort of GPU it is.
    pub kind: Kind,
    /// The interface it is reached through: `vulkan`, `metal` or `dx12`.
    pub backend: &'static str,
    /// The driver and its version.
    pub driver: String,
}

/// The GPUs of this machine, the fastest sort first; empty without a driver. A place in the list is
/// what [`Device::open`](crate::Device::open) takes. The machine is looked at once a process.
pub fn adapters() -> Vec<AdapterInfo> {
    found().iter().map(|found| found.info.clone()).collect()
}

/// An adapter that can be opened.
pub(crate) struct Found {
    pub info: AdapterInfo,
    pub adapter: wgpu::Adapter,
}

/// Never freed: a driver's own clean-up at exit may not meet ours.
pub(crate) fn found() -> &'static [Found] {
    static FOUND: OnceLock<Vec<Found>> = OnceLock::new();
    // A driver that fails in a way wgpu did not expect is as good as none.
    FOUND.get_or_init(|| catch_unwind(AssertUnwindSafe(search)).unwrap_or_default())
}

fn search() -> Vec<Found> {
    let backends = wgpu::Backends::VULKAN | wgpu::Backends::METAL | wgpu::Backends::DX12;
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends,
        // The drivers' validation layers are for those who ask: WGPU_VALIDATION=1.
        flags: wgpu::InstanceFlags::empty().with_env(),
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let mut all: Vec<(wgpu::AdapterInfo, wgpu::Adapter)> =
        pollster::block_on(instance.enumerate_adapters(backends))
            .into_iter()
            .filter(computes)
            .map(|adapter| (adapter.get_info(), adapter))
            .collect();
    // On Windows most cards are reached in two ways; Vulkan stands for both.
    let vulkan: Vec<(u32, u32)> = all
        .iter()
        .filter(|(info, _)| info.backend == wgpu::Backend::Vulkan)
        .map(|(info, _)| (info.vendor, info.device))
        .collect();
    all.retain(|(info, _)| {
        info.backend == wgpu::Backend::Vulkan || !vulkan.contains(&(info.vendor, info.device))
    });
    let mut found: Vec<Found> = all
        .into_iter()
        .map(|(info, adapter)| Found {
            info: AdapterInfo {
                kind: kind(info.device_type),
                backend: info.backend.to_str(),
                driver: [info.driver, info.driver_info].join(" ").trim().to_string(),
                name: info.name,
            },
            adapter,
        })
        .collect();
    // Stable: among equals the driver's order stays.
    found.sort_by_key(|found| found.info.kind);
    found
}

fn computes(adapter: &wgpu::Adapter) -> bool {
    adapter.get_downlevel_capabilities().flags.contains(wgpu::DownlevelFlags::COMPUTE_SHADERS)
}

fn kind(device: wgpu::DeviceType) -> Kind {
    match device {
        wgpu::DeviceType::DiscreteGpu => Kind::Discrete,
        wgpu::DeviceType::IntegratedGpu => Kind::Integrated,
        wgpu::DeviceType::VirtualGpu => Kind::Virtual,
        wgpu::DeviceType::Other => Kind::Other,
        wgpu::DeviceType::Cpu => Kind::Software,
    }
}
