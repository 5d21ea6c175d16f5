//! Compiling and running plans.

use crate::environment::{self, Promised};
use crate::error::js;
use crate::handles::{Fresh, NativeAbort};
use crate::operands::{JsOperand, operands};
use fovea_engine::{Buffer, CompiledPlan, Device, Engine, Precision, device};
use napi::bindgen_prelude::{ClassInstance, Int32Array, Object};
use napi::{Env, Result};
use napi_derive::napi;
use std::sync::Arc;

/// A compiled graph.
#[napi]
pub struct NativePlan {
    plan: Arc<CompiledPlan>,
}

impl NativePlan {
    pub fn get(&self) -> &Arc<CompiledPlan> {
        &self.plan
    }
}

/// How long a phase took at best.
#[napi(object)]
pub struct PhaseTime {
    pub name: String,
    /// The node of the graph that was compiled.
    pub node: u32,
    pub chunks: u32,
    /// Roughly how many floating-point operations it is.
    pub cost: f64,
    pub nanoseconds: f64,
    /// Whether later runs leave it out while variables stay as they are.
    pub prepared: bool,
    /// Floating-point operations of the whole node if it is a product, as it is defined; on the last of
    /// the node's phases.
    pub flops: Option<f64>,
    /// Bytes that the whole node reads and writes; on the last of its phases.
    pub bytes: Option<f64>,
}

/// The plan of a graph for a device (`cpu` if left out) in a precision (`high` if left out), as a promise;
/// compiled on a thread of its own unless it was before.
#[napi(catch_unwind, ts_return_type = "Promise<NativePlan>")]
pub fn compile<'e>(
    env: &'e Env,
    graph: Int32Array,
    device: Option<String>,
    precision: Option<String>,
) -> Result<Object<'e>> {
    let engine = Engine::get().map_err(js)?;
    let (device, precision) = (on(device)?, to(precision)?);
    let (deferred, promise) = environment::promise::<NativePlan>(env)?;
    let words = graph.to_vec();
    engine.later(
        "compilation",
        move |engine| engine.compile(&words, device, precision),
        move |plan| deferred.settle(plan, |_, plan| Ok(NativePlan { plan })),
    );
    Ok(promise)
}

#[napi(catch_unwind)]
pub fn compile_sync(
    graph: Int32Array,
    device: Option<String>,
    precision: Option<String>,
) -> Result<NativePlan> {
    let (device, precision) = (on(device)?, to(precision)?);
    let plan = Engine::get().and_then(|engine| engine.compile(&graph, device, precision)).map_err(js)?;
    Ok(NativePlan { plan })
}

fn fresh(outputs: Vec<Buffer>) -> Vec<Fresh> {
    outputs.into_iter().map(Fresh).collect()
}

fn on(device: Option<String>) -> Result<Device> {
    device.map_or(Ok(Device::Cpu), |name| device::parse(&name).map_err(js))
}

fn to(precision: Option<String>) -> Result<Precision> {
    precision.map_or(Ok(Precision::default()), |name| Precision::parse(&name).map_err(js))
}

#[napi]
impl NativePlan {
    /// Runs once on the compute thread; gives the outputs.
    #[napi(catch_unwind, ts_return_type = "Promise<NativeBuffer[]>")]
    pub fn run<'e>(
        &self,
        env: &'e Env,
        operands_: Vec<JsOperand>,
        abort: Option<ClassInstance<NativeAbort>>,
    ) -> Result<Object<'e>> {
        let operands = operands(operands_)?;
        let engine = Engine::get().map_err(js)?;
        let (deferred, promise): (Promised<Vec<Fresh>>, _) = environment::promise(env)?;
        let abort = abort.map_or_else(|| environment::end(env), |a| Ok(a.get()))?;
        engine.run_later(self.plan.clone(), operands, abort, move |outputs| {
            deferred.settle(outputs, |_, outputs| Ok(fresh(outputs)));
        });
        Ok(promise)
    }

    /// Each phase with the fewest nanoseconds it took; empty unless `FOVEA_PROFILE=1`.
    #[napi(catch_unwind)]
    pub fn profile(&self) -> Vec<PhaseTime> {
        let time = |p: fovea_engine::PhaseTime| PhaseTime {
            name: p.name.into(),
            node: p.origin,
            chunks: p.chunks as u32,
            cost: p.cost,
            nanoseconds: p.ns as f64,
            prepared: p.prepared,
            flops: p.node.as_ref().map(|node| node.flops),
            bytes: p.node.as_ref().map(|node| node.bytes as f64),
        };
        self.plan.profile().into_iter().map(time).collect()
    }

    /// Runs once on this thread, if that is brief and no other work is under way; else `null`.
    #[napi(catch_unwind, ts_return_type = "NativeBuffer[] | null")]
    pub fn run_at_once(&self, operands_: Vec<JsOperand>) -> Result<Option<Vec<Fresh>>> {
        let operands = operands(operands_)?;
        let engine = Engine::get().map_err(js)?;
        let outputs = self.plan.is_brief().then(|| engine.run_at_once(&self.plan, &operands)).flatten();
        outputs.map(|outputs| outputs.map(fresh).map_err(js)).transpose()
    }

    /// Runs once while the caller waits.
    #[napi(catch_unwind, ts_return_type = "NativeBuffer[]")]
    pub fn run_sync(&self, operands_: Vec<JsOperand>) -> Result<Vec<Fresh>> {
        let operands = operands(operands_)?;
        let engine = Engine::get().map_err(js)?;
        engine.run(self.plan.clone(), operands).map(fresh).map_err(js)
    }
}
