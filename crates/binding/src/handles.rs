//! What JavaScript holds of Rust's memory.

use crate::error::js;
use fovea_core::{Code, Error};
use fovea_engine::{Buffer, Engine, Operand, Variable};
use napi::bindgen_prelude::{ClassInstance, Either3, ObjectFinalize, Uint8Array};
use napi::{Env, Result};
use napi_derive::napi;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// An operand as JavaScript gives it.
pub type JsOperand<'a> = Either3<ClassInstance<'a, NativeBuffer>, ClassInstance<'a, NativeVariable>, f64>;

pub fn operands(of: Vec<JsOperand>) -> Result<Vec<Operand>> {
    let one = |o: JsOperand| match o {
        Either3::A(buffer) => Ok(Operand::Buffer(buffer.get()?.clone())),
        Either3::B(variable) => Ok(Operand::Variable(variable.get()?.clone())),
        Either3::C(number) => Ok(Operand::Number(number)),
    };
    of.into_iter().map(one).collect()
}

fn disposed(what: &str) -> napi::Error {
    js(Error::new(Code::Disposed, format!("this {what} was disposed and cannot be used any more")))
}

/// Elements of one type. V8 is told how large it is.
#[napi(custom_finalize)]
pub struct NativeBuffer {
    buffer: Option<Buffer>,
    type_id: u32,
    told: i64,
}

impl NativeBuffer {
    pub fn new(env: &Env, buffer: Buffer) -> Result<NativeBuffer> {
        let type_id = Engine::get().and_then(|e| e.interner().ty(buffer.ty.clone())).map_err(js)?;
        let told = buffer.ty.bytes() as i64;
        env.adjust_external_memory(told)?;
        Ok(NativeBuffer { buffer: Some(buffer), type_id, told })
    }

    pub fn get(&self) -> Result<&Buffer> {
        self.buffer.as_ref().ok_or_else(|| disposed("tensor"))
    }
}

#[napi]
impl NativeBuffer {
    /// A buffer with a copy of these bytes, in the machine's byte order.
    #[napi(factory, catch_unwind)]
    pub fn from(env: &Env, type_id: u32, bytes: Uint8Array) -> Result<NativeBuffer> {
        let ty = Engine::get().map_err(js)?.interner().describe(type_id).map_err(js)?.clone();
        NativeBuffer::new(env, Buffer::from_bytes(ty, &bytes).map_err(js)?)
    }

    #[napi(getter, js_name = "type")]
    pub fn type_id(&self) -> u32 {
        self.type_id
    }

    #[napi(getter)]
    pub fn byte_length(&self) -> f64 {
        self.buffer.as_ref().map_or(0.0, |b| b.ty.bytes() as f64)
    }

    /// A fresh copy.
    #[napi(catch_unwind)]
    pub fn bytes(&self) -> Result<Uint8Array> {
        Ok(self.get()?.bytes().to_vec().into())
    }

    #[napi(catch_unwind)]
    pub fn dispose(&mut self, env: &Env) -> Result<()> {
        self.buffer = None;
        env.adjust_external_memory(-std::mem::take(&mut self.told))?;
        Ok(())
    }
}

impl ObjectFinalize for NativeBuffer {
    fn finalize(self, env: Env) -> Result<()> {
        env.adjust_external_memory(-self.told).map(drop)
    }
}

/// A slot that holds a versioned buffer.
#[napi(custom_finalize)]
pub struct NativeVariable {
    variable: Option<Arc<Variable>>,
    type_id: u32,
    told: i64,
}

impl NativeVariable {
    fn get(&self) -> Result<&Arc<Variable>> {
        self.variable.as_ref().ok_or_else(|| disposed("variable"))
    }
}

#[napi]
impl NativeVariable {
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, initial: ClassInstance<NativeBuffer>) -> Result<NativeVariable> {
        let buffer = initial.get()?.clone();
        let told = buffer.ty.bytes() as i64;
        env.adjust_external_memory(told)?;
        Ok(NativeVariable { variable: Some(Arc::new(Variable::new(buffer))), type_id: initial.type_id, told })
    }

    #[napi(getter, js_name = "type")]
    pub fn type_id(&self) -> u32 {
        self.type_id
    }

    /// The contents of this moment; shared until the next write.
    #[napi(catch_unwind)]
    pub fn snapshot(&self, env: &Env) -> Result<NativeBuffer> {
        NativeBuffer::new(env, self.get()?.snapshot().map_err(js)?)
    }

    #[napi(catch_unwind)]
    pub fn assign(&self, value: ClassInstance<NativeBuffer>) -> Result<()> {
        self.get()?.assign(value.get()?.clone()).map_err(js)
    }

    #[napi(catch_unwind)]
    pub fn dispose(&mut self, env: &Env) -> Result<()> {
        self.variable = None;
        env.adjust_external_memory(-std::mem::take(&mut self.told))?;
        Ok(())
    }
}

impl ObjectFinalize for NativeVariable {
    fn finalize(self, env: Env) -> Result<()> {
        env.adjust_external_memory(-self.told).map(drop)
    }
}

/// Ends a run early.
#[napi]
#[derive(Default)]
pub struct NativeAbort {
    flag: Arc<AtomicBool>,
}

impl NativeAbort {
    pub fn flag(&self) -> Arc<AtomicBool> {
        self.flag.clone()
    }
}

#[napi]
impl NativeAbort {
    #[napi(constructor)]
    pub fn new() -> NativeAbort {
        NativeAbort::default()
    }

    #[napi]
    pub fn abort(&self) {
        self.flag.store(true, Ordering::Relaxed);
    }
}
