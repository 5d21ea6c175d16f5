use fovea_core::{Code, Error, Result};
use fovea_gpu::AdapterInfo;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What a plan is compiled for and runs on.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Device {
    #[default]
    Cpu,
    /// By its place in [`fovea_gpu::adapters`].
    Gpu(u32),
}

/// The GPUs that are open. One that was lost is opened anew when it is asked for again.
#[derive(Default)]
pub(crate) struct Gpus {
    open: Mutex<HashMap<u32, fovea_gpu::Device>>,
}

impl Gpus {
    /// The GPU of that number, opened at first use.
    pub fn get(&self, index: u32) -> Result<fovea_gpu::Device> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(gpu) = open.get(&index).filter(|gpu| gpu.lost().is_none()) {
            return Ok(gpu.clone());
        }
        let gpu = fovea_gpu::Device::open(index as usize)?;
        open.insert(index, gpu.clone());
        Ok(gpu)
    }

    /// Bytes in the memory of GPUs, and how many buffers were ever made there.
    pub fn live(&self) -> (usize, u64) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let live = open.values().map(fovea_gpu::Device::live);
        live.fold((0, 0), |(bytes, created), live| (bytes + live.bytes, created + live.created))
    }
}

/// The GPUs of this machine, the one that `gpu` means first.
pub fn adapters() -> Vec<AdapterInfo> {
    fovea_gpu::adapters()
}

/// The device of a name: `cpu`, `gpu` (the first GPU) or `gpu:1`.
pub fn parse(name: &str) -> Result<Device> {
    let number = match name {
        "cpu" => return Ok(Device::Cpu),
        "gpu" => Some(0),
        name => name.strip_prefix("gpu:").and_then(|n| n.parse().ok()),
    };
    number.map(Device::Gpu).ok_or_else(|| {
        Error::new(Code::BadArgument, format!("a device is 'cpu', 'gpu' or 'gpu:1'; received '{name}'"))
    })
}
