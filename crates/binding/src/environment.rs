//! What belongs to one JavaScript environment: promises that other threads settle, and the epochs
//! that must end with it.

use crate::error::js;
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, JsDeferred, Result};
use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Weak};

type Resolver<T> = Box<dyn FnOnce(Env) -> Result<T>>;

/// A promise's other end, for any thread.
pub struct Promised<T: ToNapiValue + 'static>(JsDeferred<T, Resolver<T>>);

impl<T: ToNapiValue + 'static> Promised<T> {
    /// Fulfils the promise with what `convert` makes of the result on the JavaScript thread, or
    /// rejects it.
    pub fn settle<R: Send + 'static>(
        self,
        result: fovea_core::Result<R>,
        convert: impl FnOnce(Env, R) -> Result<T> + Send + 'static,
    ) {
        match result {
            Ok(value) => self.0.resolve(Box::new(move |env| convert(env, value))),
            Err(e) => self.0.reject(js(e)),
        }
    }
}

/// A promise and its other end. A pending one keeps the process alive.
pub fn promise<T: ToNapiValue + 'static>(env: &Env) -> Result<(Promised<T>, Object<'_>)> {
    let (deferred, promise) = env.create_deferred()?;
    Ok((Promised(deferred), promise))
}

thread_local! {
    /// The abort flags of this environment's epochs; `None` before its first.
    static EPOCHS: RefCell<Option<Vec<Weak<AtomicBool>>>> = const { RefCell::new(None) };
}

/// Lets an epoch end with its environment: when a worker is terminated or the process exits.
pub fn end_with_environment(env: &Env, abort: &Arc<AtomicBool>) -> Result<()> {
    let first = EPOCHS.with_borrow_mut(|epochs| {
        let first = epochs.is_none();
        let epochs = epochs.get_or_insert_with(Vec::new);
        epochs.retain(|e| e.strong_count() > 0);
        epochs.push(Arc::downgrade(abort));
        first
    });
    if first {
        env.add_env_cleanup_hook((), |()| {
            // The thread may be ending, and its locals with it: then nothing is left to abort.
            let _ = EPOCHS.try_with(|epochs| {
                let live = epochs.borrow_mut().take().unwrap_or_default();
                live.iter().filter_map(Weak::upgrade).for_each(|e| e.store(true, Ordering::Relaxed));
            });
        })?;
    }
    Ok(())
}
