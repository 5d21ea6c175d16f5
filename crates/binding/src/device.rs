//! What plans can run on.

use crate::environment::{self, Promised};
use crate::error::js;
use fovea_engine::{AdapterInfo, Engine, device};
use napi::bindgen_prelude::Object;
use napi::{Env, Result};
use napi_derive::napi;

/// A GPU of this machine.
#[napi(object)]
pub struct GpuInfo {
    /// As its driver calls it.
    pub description: String,
    /// `discrete`, `integrated`, `virtual`, `software` or `other`.
    pub kind: String,
    /// `vulkan`, `metal` or `dx12`.
    pub backend: String,
    pub driver: String,
}

/// The GPUs of this machine, the one that `gpu` means first; empty without a driver.
#[napi(catch_unwind, ts_return_type = "Promise<GpuInfo[]>")]
pub fn gpus(env: &Env) -> Result<Object<'_>> {
    let engine = Engine::get().map_err(js)?;
    let (deferred, promise): (Promised<Vec<GpuInfo>>, _) = environment::promise(env)?;
    let info = |a: AdapterInfo| GpuInfo {
        description: a.name,
        kind: a.kind.name().into(),
        backend: a.backend.into(),
        driver: a.driver,
    };
    engine.later(
        "devices",
        |_| Ok(device::adapters()),
        move |found| deferred.settle(found, move |_, found| Ok(found.into_iter().map(info).collect())),
    );
    Ok(promise)
}

/// Opens a device, `cpu`, `gpu` or `gpu:1`, unless it is open. Rejects if there is none of that name.
#[napi(catch_unwind, ts_return_type = "Promise<void>")]
pub fn open_device(env: &Env, name: String) -> Result<Object<'_>> {
    let engine = Engine::get().map_err(js)?;
    let wanted = device::parse(&name).map_err(js)?;
    let (deferred, promise): (Promised<()>, _) = environment::promise(env)?;
    engine.later(
        "device",
        move |engine| engine.open(wanted),
        move |opened| deferred.settle(opened, |_, ()| Ok(())),
    );
    Ok(promise)
}
