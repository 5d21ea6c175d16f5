//! Where an epoch's batches come from.

use crate::environment::{self, Promised};
use crate::error::{js, whole};
use crate::handles::NativeBuffer;
use crate::operands::{JsOperand, operands};
use crate::plan::NativePlan;
use fovea_core::{Code, Error};
use fovea_data::{Feed, QueueSource, TensorSource};
use fovea_engine::Source;
use napi::bindgen_prelude::{ClassInstance, Object};
use napi::{Env, Result};
use napi_derive::napi;

/// Rows `begin … end` of each data buffer, batch by batch.
#[napi(object, object_to_js = false)]
pub struct TensorSourceOptions<'a> {
    pub data: Vec<ClassInstance<'a, NativeBuffer>>,
    pub begin: f64,
    pub end: f64,
    pub batch_size: f64,
    /// A Philox key.
    #[napi(ts_type = "[number, number]")]
    pub shuffle: Option<Vec<f64>>,
    pub plan: ClassInstance<'a, NativePlan>,
    /// For the leaves after the fed ones.
    pub operands: Vec<JsOperand<'a>>,
    /// For the last, smaller batch.
    pub tail_plan: Option<ClassInstance<'a, NativePlan>>,
    pub tail_operands: Option<Vec<JsOperand<'a>>>,
}

enum Kind {
    Tensors(Option<TensorSource>),
    Queue(QueueSource),
}

#[napi]
pub struct NativeSource {
    kind: Kind,
}

impl Drop for NativeSource {
    /// A queue that JavaScript has let go of gets no more batches: its epoch need not wait.
    fn drop(&mut self) {
        self.end();
    }
}

impl NativeSource {
    /// The end that one epoch reads from.
    pub fn take(&mut self) -> Result<Box<dyn Source>> {
        match &mut self.kind {
            Kind::Queue(queue) => Ok(Box::new(queue.consumer())),
            Kind::Tensors(source) => match source.take() {
                Some(source) => Ok(Box::new(source)),
                None => Err(js(Error::new(Code::Busy, "a source of batches serves one epoch"))),
            },
        }
    }
}

#[napi]
impl NativeSource {
    #[napi(factory, catch_unwind)]
    pub fn tensors(options: TensorSourceOptions) -> Result<NativeSource> {
        let data = options.data.iter().map(|b| b.get()).collect::<Result<Vec<_>>>()?;
        let full = Feed { plan: options.plan.get().clone(), operands: operands(options.operands)? };
        let tail = match options.tail_plan {
            Some(plan) => {
                let operands = operands(options.tail_operands.unwrap_or_default())?;
                Some(Feed { plan: plan.get().clone(), operands })
            }
            None => None,
        };
        let key = match options.shuffle.as_deref() {
            None => None,
            Some(&[a, b]) => Some([whole("a shuffle key", a)?, whole("a shuffle key", b)?]),
            Some(other) => {
                return Err(js(Error::argument(format!(
                    "a shuffle key has two words, received {}",
                    other.len()
                ))));
            }
        };
        let rows = whole("begin", options.begin)? as usize..whole("end", options.end)? as usize;
        let batch = whole("batchSize", options.batch_size)? as usize;
        let source = TensorSource::new(data, rows, batch, key, full, tail).map_err(js)?;
        Ok(NativeSource { kind: Kind::Tensors(Some(source)) })
    }

    /// A queue for batches that JavaScript makes.
    #[napi(factory, catch_unwind)]
    pub fn queue() -> NativeSource {
        NativeSource { kind: Kind::Queue(QueueSource::default()) }
    }

    /// Adds a batch with its plan; resolves when there is room, to `false` if the epoch is over.
    #[napi(catch_unwind, ts_return_type = "Promise<boolean>")]
    pub fn push<'e>(
        &self,
        env: &'e Env,
        plan: ClassInstance<NativePlan>,
        operands_: Vec<JsOperand>,
    ) -> Result<Object<'e>> {
        let Kind::Queue(queue) = &self.kind else {
            return Err(js(Error::argument("only a queue takes batches")));
        };
        let operands = operands(operands_)?;
        let (deferred, promise): (Promised<bool>, _) = environment::promise(env)?;
        let done = move |taken: bool| deferred.settle(Ok(taken), |_, taken| Ok(taken));
        queue.push(plan.get().clone(), operands, Box::new(done));
        Ok(promise)
    }

    /// Says that no batch follows.
    #[napi(catch_unwind)]
    pub fn end(&self) {
        if let Kind::Queue(queue) = &self.kind {
            queue.end();
        }
    }
}
