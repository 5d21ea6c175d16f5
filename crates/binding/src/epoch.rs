//! One epoch: runs natively, reports back.

use crate::environment::{self, Promised};
use crate::error::{js, whole};
use crate::handles::{Fresh, NativeAbort};
use crate::source::NativeSource;
use fovea_engine::{Engine, Epoch, Gate, Listener, Session};
use napi::bindgen_prelude::{
    CallbackContext, ClassInstance, Float64Array, FnArgs, Function, Object, PromiseRaw, Unknown,
};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi::{Env, Result, Status};
use napi_derive::napi;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How often progress is told: often enough for a smooth bar, seldom enough to cost nothing.
const PROGRESS: Duration = Duration::from_millis(30);

type Report = FnArgs<(u32, Float64Array)>;
type OnProgress = ThreadsafeFunction<Report, (), Report, Status, false, true, 4>;
type OnStep = ThreadsafeFunction<Report, PromiseRaw<'static, bool>, Report, Status, false, true, 2>;
type OnBegin = ThreadsafeFunction<u32, PromiseRaw<'static, bool>, u32, Status, false, true, 2>;

#[napi(object, object_to_js = false)]
pub struct EpochOptions<'a> {
    pub source: ClassInstance<'a, NativeSource>,
    /// At most so many; 0: until the source ends.
    pub steps: f64,
    /// Keep and join the outputs of all steps instead of reading them as logs.
    pub collect: bool,
    pub abort: Option<ClassInstance<'a, NativeAbort>>,
    #[napi(ts_type = "(step: number, logs: Float64Array) => void")]
    pub on_progress: Option<Function<'a, Report, ()>>,
    /// Awaited after each step; `true` ends the epoch.
    #[napi(ts_type = "(step: number, logs: Float64Array) => Promise<boolean>")]
    pub on_step: Option<Function<'a, Report, PromiseRaw<'static, bool>>>,
    /// Awaited before each step; `true` ends the epoch.
    #[napi(ts_type = "(step: number) => Promise<boolean>")]
    pub on_begin: Option<Function<'a, u32, PromiseRaw<'static, bool>>>,
}

#[napi(object, object_from_js = false)]
pub struct EpochResult {
    pub steps: u32,
    pub logs: Float64Array,
    #[napi(ts_type = "NativeBuffer[]")]
    pub collected: Vec<Fresh>,
    pub stopped: bool,
}

#[napi(catch_unwind, ts_return_type = "Promise<EpochResult>")]
pub fn run_epoch<'e>(env: &'e Env, mut options: EpochOptions) -> Result<Object<'e>> {
    let engine = Engine::get().map_err(js)?;
    let steps = whole("steps", options.steps)? as usize;
    let abort = options.abort.map_or_else(|| environment::end(env), |a| Ok(a.get()))?;
    let source = options.source.take()?;
    let mut listener = Reporter {
        progress: options.on_progress.map(|f| threadsafe(&f)).transpose()?,
        on_step: options.on_step.map(|f| threadsafe(&f)).transpose()?,
        on_begin: options.on_begin.map(|f| threadsafe(&f)).transpose()?,
        told: None,
        stop: Arc::default(),
        deferred: None,
    };
    let (deferred, promise) = environment::promise::<EpochResult>(env)?;
    listener.deferred = Some(deferred);
    engine.run_epoch(Session::new(source, Box::new(listener), abort, steps, options.collect));
    Ok(promise)
}

/// A function for any thread. It keeps nothing alive; the pending promise does.
fn threadsafe<A, R, const QUEUE: usize>(
    f: &Function<'_, A, R>,
) -> Result<ThreadsafeFunction<A, R, A, Status, false, true, QUEUE>>
where
    A: napi::bindgen_prelude::JsValuesTupleIntoVec + Send + 'static,
    R: napi::bindgen_prelude::FromNapiValue + 'static,
{
    f.build_threadsafe_function::<A>()
        .callee_handled::<false>()
        .weak::<true>()
        .max_queue_size::<QUEUE>()
        .build()
}

struct Reporter {
    progress: Option<OnProgress>,
    on_step: Option<OnStep>,
    on_begin: Option<OnBegin>,
    /// When progress was last told.
    told: Option<Instant>,
    stop: Arc<AtomicBool>,
    deferred: Option<Promised<EpochResult>>,
}

impl Reporter {
    /// Opens the gate when the promise that a hook gave is settled. A hook that throws or rejects
    /// ends the epoch; TypeScript knows why.
    fn settled(
        gate: Gate,
        stop: Arc<AtomicBool>,
    ) -> impl FnOnce(Result<PromiseRaw<'static, bool>>, Env) -> Result<()> {
        move |promise, _| {
            let answer = |gate: Gate, stop: Arc<AtomicBool>| {
                move |ends: bool| {
                    stop.fetch_or(ends, Ordering::Relaxed);
                    gate.open();
                    Ok(())
                }
            };
            let fulfilled = answer(gate.clone(), stop.clone());
            let rejected = answer(gate.clone(), stop.clone());
            let chained = promise.and_then(|promise| {
                promise
                    .then(move |cx| fulfilled(cx.value))?
                    .catch(move |_: CallbackContext<Unknown>| rejected(true))
                    .map(drop)
            });
            if chained.is_err() {
                stop.store(true, Ordering::Relaxed);
                gate.open();
            }
            Ok(())
        }
    }

    /// Waits for a hook, or ends the epoch if its environment is gone.
    fn wait(&self, gate: Gate, status: Status) -> Option<Gate> {
        if status != Status::Ok {
            self.stop.store(true, Ordering::Relaxed);
            return None;
        }
        Some(gate)
    }
}

impl Listener for Reporter {
    fn begin(&mut self, step: usize) -> Option<Gate> {
        let f = self.on_begin.as_ref()?;
        let gate = Gate::new();
        let settled = Self::settled(gate.clone(), self.stop.clone());
        let status = f.call_with_return_value(step as u32, ThreadsafeFunctionCallMode::NonBlocking, settled);
        self.wait(gate, status)
    }

    fn end(&mut self, step: usize, logs: &[f64]) -> Option<Gate> {
        let report = || FnArgs::from((step as u32, Float64Array::new(logs.to_vec())));
        if let Some(f) = &self.progress
            && self.told.is_none_or(|t| t.elapsed() >= PROGRESS)
        {
            self.told = Some(Instant::now());
            // A full queue means that JavaScript is busy; the next report will do.
            f.call(report(), ThreadsafeFunctionCallMode::NonBlocking);
        }
        let f = self.on_step.as_ref()?;
        let gate = Gate::new();
        let settled = Self::settled(gate.clone(), self.stop.clone());
        let status = f.call_with_return_value(report(), ThreadsafeFunctionCallMode::NonBlocking, settled);
        self.wait(gate, status)
    }

    fn stop(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    fn keeps_pace(&self) -> bool {
        self.on_step.is_some() || self.on_begin.is_some()
    }

    fn finish(&mut self, result: fovea_core::Result<Epoch>) {
        let Some(deferred) = self.deferred.take() else { return };
        deferred.settle(result, |_, epoch| {
            let collected = epoch.collected.into_iter().map(Fresh).collect();
            let logs = Float64Array::new(epoch.logs);
            Ok(EpochResult { steps: epoch.steps as u32, logs, collected, stopped: epoch.stopped })
        });
    }
}
