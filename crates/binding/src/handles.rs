//! What JavaScript holds of Rust's memory.

use crate::environment::{self, Promised};
use crate::error::{js, whole};
use crate::held::{Held, Release, watch};
use fovea_core::{Code, Error};
use fovea_engine::{Abort, Buffer, Engine, Variable};
use napi::bindgen_prelude::{ClassInstance, JsValue, Object, ObjectFinalize, This, ToNapiValue, Uint8Array};
use napi::{Env, Result, sys};
use napi_derive::napi;
use std::rc::Rc;
use std::sync::Arc;

pub fn disposed(what: &str) -> napi::Error {
    js(Error::new(Code::Disposed, format!("this {what} was disposed and cannot be used any more")))
}

/// Elements of one type. V8 is told how large it is.
#[napi(custom_finalize)]
pub struct NativeBuffer {
    held: Rc<Held<Buffer>>,
    type_id: u32,
}

impl NativeBuffer {
    pub fn held(&self) -> Rc<Held<Buffer>> {
        self.held.clone()
    }

    pub fn get(&self) -> Result<Buffer> {
        self.held.get().ok_or_else(|| disposed("tensor"))
    }
}

/// A buffer on its way to JavaScript, where it becomes a [`NativeBuffer`].
pub struct Fresh(pub Buffer);

impl ToNapiValue for Fresh {
    unsafe fn to_napi_value(raw: sys::napi_env, Fresh(buffer): Fresh) -> Result<sys::napi_value> {
        let env = Env::from_raw(raw);
        let type_id = Engine::get().and_then(|e| e.interner().ty(buffer.ty.clone())).map_err(js)?;
        let bytes = buffer.ty.bytes();
        let held = Held::new(&env, buffer, bytes)?;
        // SAFETY: the environment is the running one, as the caller says.
        let handle =
            unsafe { NativeBuffer::to_napi_value(raw, NativeBuffer { held: held.clone(), type_id })? };
        watch(&env, handle, &held)?;
        Ok(handle)
    }
}

#[napi]
impl NativeBuffer {
    /// A buffer with a copy of these bytes, in the machine's byte order.
    #[napi(catch_unwind, ts_return_type = "NativeBuffer")]
    pub fn from(type_id: f64, bytes: Uint8Array) -> Result<Fresh> {
        let type_id = whole("a type", type_id)?;
        let ty = Engine::get().map_err(js)?.interner().describe(type_id).map_err(js)?.clone();
        Buffer::from_bytes(ty, &bytes).map(Fresh).map_err(js)
    }

    #[napi(getter, catch_unwind, js_name = "type")]
    pub fn type_id(&self) -> u32 {
        self.type_id
    }

    #[napi(getter, catch_unwind)]
    pub fn byte_length(&self) -> f64 {
        self.held.told() as f64
    }

    /// Whether `bytes` need not wait for a GPU.
    #[napi(getter, catch_unwind)]
    pub fn on_host(&self) -> Result<bool> {
        Ok(self.get()?.is_on_host())
    }

    /// Resolves when `bytes` need not wait any more.
    #[napi(catch_unwind, ts_return_type = "Promise<void>")]
    pub fn fetch<'e>(&self, env: &'e Env) -> Result<Object<'e>> {
        let buffer = self.get()?;
        let engine = Engine::get().map_err(js)?;
        let (deferred, promise): (Promised<()>, _) = environment::promise(env)?;
        engine.fetch_later(buffer, move |fetched| deferred.settle(fetched, |_, ()| Ok(())));
        Ok(promise)
    }

    /// A fresh copy.
    #[napi(catch_unwind)]
    pub fn bytes(&self) -> Result<Uint8Array> {
        let buffer = self.get()?;
        Engine::get().and_then(|engine| engine.fetch(&buffer)).map_err(js)?;
        let bytes = buffer.bytes().map_err(js)?;
        let mut copy = vec![];
        let room = copy.try_reserve_exact(bytes.len());
        room.map_err(|_| {
            js(Error::new(Code::OutOfMemory, format!("no memory for a copy of {}", buffer.ty)))
        })?;
        copy.extend_from_slice(bytes);
        Ok(copy.into())
    }

    #[napi(catch_unwind)]
    pub fn dispose(&self, env: &Env) -> Result<()> {
        self.held.release(env)
    }
}

impl ObjectFinalize for NativeBuffer {
    fn finalize(self, env: Env) -> Result<()> {
        self.held.release(&env)
    }
}

/// A slot that holds a versioned buffer.
#[napi(custom_finalize)]
pub struct NativeVariable {
    held: Rc<Held<Arc<Variable>>>,
    type_id: u32,
}

impl NativeVariable {
    pub fn held(&self) -> Rc<Held<Arc<Variable>>> {
        self.held.clone()
    }

    pub fn get(&self) -> Result<Arc<Variable>> {
        self.held.get().ok_or_else(|| disposed("variable"))
    }
}

#[napi]
impl NativeVariable {
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env, this: This, initial: ClassInstance<NativeBuffer>) -> Result<NativeVariable> {
        let buffer = initial.get()?;
        let bytes = buffer.ty.bytes();
        let held = Held::new(env, Arc::new(Variable::new(buffer)), bytes)?;
        watch(env, this.raw(), &held)?;
        Ok(NativeVariable { held, type_id: initial.type_id })
    }

    #[napi(getter, catch_unwind, js_name = "type")]
    pub fn type_id(&self) -> u32 {
        self.type_id
    }

    /// The contents of this moment; shared until the next write.
    #[napi(catch_unwind, ts_return_type = "NativeBuffer")]
    pub fn snapshot(&self) -> Result<Fresh> {
        self.get()?.snapshot().map(Fresh).map_err(js)
    }

    #[napi(catch_unwind)]
    pub fn assign(&self, value: ClassInstance<NativeBuffer>) -> Result<()> {
        self.get()?.assign(value.get()?).map_err(js)
    }

    #[napi(catch_unwind)]
    pub fn dispose(&self, env: &Env) -> Result<()> {
        self.held.release(env)
    }
}

impl ObjectFinalize for NativeVariable {
    fn finalize(self, env: Env) -> Result<()> {
        self.held.release(&env)
    }
}

/// Ends runs early; those that wait for data or a callback too.
#[napi]
pub struct NativeAbort {
    abort: Arc<Abort>,
}

impl NativeAbort {
    pub fn get(&self) -> Arc<Abort> {
        self.abort.clone()
    }
}

#[napi]
impl NativeAbort {
    #[napi(constructor, catch_unwind)]
    pub fn new(env: &Env) -> Result<NativeAbort> {
        Ok(NativeAbort { abort: environment::abort(env)? })
    }

    #[napi(catch_unwind)]
    pub fn abort(&self) {
        self.abort.abort();
    }
}
