//! Types, ops and what the engine runs on.

use crate::error::{js, whole};
use fovea_core::{Code, DType, Dim, Error, Shape, TensorType};
use fovea_engine::Engine;
use fovea_graph::elementwise::Ew;
use fovea_graph::ops::Kernel;
use napi::Result;
use napi::bindgen_prelude::Uint32Array;
use napi_derive::napi;

#[napi(object)]
pub struct TypeInfo {
    pub dtype: String,
    /// -1 for an unknown side.
    pub shape: Vec<i64>,
}

#[napi(object)]
pub struct DeviceInfo {
    pub isa: String,
    pub threads: u32,
    pub version: String,
}

#[napi(object)]
pub struct MemoryInfo {
    pub buffer_bytes: f64,
    pub arena_bytes: f64,
    /// In the memory of GPUs.
    pub device_bytes: f64,
    /// Buffers that were ever made there: a steady state makes none.
    pub device_buffers_made: f64,
    pub plans: u32,
    pub buffers: u32,
}

/// The version of the addon, which is that of the package.
#[napi(catch_unwind)]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}

/// The number of a type; -1 is an unknown side.
#[napi(catch_unwind)]
pub fn intern_type(dtype: String, shape: Vec<f64>) -> Result<u32> {
    let dtype = DType::from_name(&dtype)
        .ok_or_else(|| js(Error::argument(format!("there is no dtype '{dtype}'"))))?;
    let shape = shape.into_iter().map(side).collect::<fovea_core::Result<Shape>>().map_err(js)?;
    let engine = Engine::get().map_err(js)?;
    engine.interner().ty(TensorType::new(dtype, shape)).map_err(js)
}

/// Sides are whole numbers that JavaScript holds exactly.
fn side(n: f64) -> fovea_core::Result<Dim> {
    match n {
        -1.0 => Ok(None),
        n if n >= 0.0 && n.fract() == 0.0 && n < 9_007_199_254_740_992.0 => Ok(Some(n as usize)),
        n => Err(Error::argument(format!("a side of a shape must be a whole number, received {n}"))),
    }
}

#[napi(catch_unwind)]
pub fn describe_type(id: f64) -> Result<TypeInfo> {
    let engine = Engine::get().map_err(js)?;
    let interner = engine.interner();
    let ty = interner.describe(whole("a type", id)?).map_err(js)?;
    let shape = ty.shape.iter().map(|d| d.map_or(-1, |n| n as i64)).collect();
    Ok(TypeInfo { dtype: ty.dtype.name().into(), shape })
}

/// The number of an op with its attributes in JSON.
#[napi(catch_unwind)]
pub fn intern_op(name: String, attributes: String) -> Result<u32> {
    Engine::get().map_err(js)?.interner().op(&name, &attributes).map_err(js)
}

/// The types of an op's outputs.
#[napi(catch_unwind)]
pub fn infer(op: f64, input_types: Vec<f64>) -> Result<Vec<u32>> {
    let types = input_types.into_iter().map(|ty| whole("a type", ty)).collect::<Result<Vec<_>>>()?;
    Engine::get().map_err(js)?.interner().infer(whole("an op", op)?, &types).map_err(js)
}

/// The names of all ops but composites.
#[napi(catch_unwind)]
pub fn op_names() -> Vec<String> {
    let elementwise = Ew::ALL.iter().map(|op| op.name()).chain([Ew::CAST]);
    elementwise.chain(Kernel::NAMES.iter().copied()).map(String::from).collect()
}

/// The numbers below `n` in an order that the key decides.
#[napi(catch_unwind)]
pub fn permutation(n: f64, key0: f64, key1: f64) -> Result<Uint32Array> {
    let n = whole("the number of rows", n)?;
    let key = [whole("a key", key0)?, whole("a key", key1)?];
    let room = Vec::<u32>::new().try_reserve_exact(n as usize);
    room.map_err(|_| js(Error::new(Code::OutOfMemory, format!("no memory for the order of {n} rows"))))?;
    Ok(fovea_kernels::random::permutation(n, key).into())
}

#[napi(catch_unwind)]
pub fn device_info() -> Result<DeviceInfo> {
    let info = Engine::get().map_err(js)?.info();
    Ok(DeviceInfo { isa: info.isa.into(), threads: info.threads as u32, version: version().into() })
}

#[napi(catch_unwind)]
pub fn memory_info() -> Result<MemoryInfo> {
    let memory = Engine::get().map_err(js)?.memory();
    Ok(MemoryInfo {
        buffer_bytes: memory.buffer_bytes as f64,
        arena_bytes: memory.arena_bytes as f64,
        device_bytes: memory.device_bytes as f64,
        device_buffers_made: memory.device_buffers_made as f64,
        plans: memory.plans as u32,
        buffers: memory.buffers as u32,
    })
}

/// Lets the next thread that comes to a place panic, once; see `fovea_engine::fault`. For tests: a
/// release build ignores it.
#[napi(catch_unwind)]
pub fn inject_panic(place: Option<String>) {
    fovea_engine::fault::arm(place);
}
