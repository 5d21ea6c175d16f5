//! What belongs to one JavaScript environment: promises that other threads settle, and the runs that
//! must end with it.

use crate::error::js;
use fovea_core::Error;
use fovea_engine::{Abort, fault, panicked};
use napi::bindgen_prelude::{Object, ToNapiValue};
use napi::{Env, JsDeferred, Result};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};

type Resolver<T> = Box<dyn FnOnce(Env) -> Result<T>>;

/// A promise's other end, for any thread. Rejects the promise if it is dropped unsettled.
pub struct Promised<T: ToNapiValue + 'static>(Option<JsDeferred<T, Resolver<T>>>);

impl<T: ToNapiValue + 'static> Promised<T> {
    /// Fulfils the promise with what `convert` makes of the result on the JavaScript thread, or
    /// rejects it. Does nothing if the environment is gone.
    pub fn settle<R: Send + 'static>(
        mut self,
        result: fovea_core::Result<R>,
        convert: impl FnOnce(Env, R) -> Result<T> + Send + 'static,
    ) {
        let Some(deferred) = self.0.take() else { return };
        match result {
            Ok(value) => deferred.resolve(Box::new(move |env| {
                // Called by Node: a panic must not reach it.
                catch_unwind(AssertUnwindSafe(|| {
                    fault::point("answer");
                    convert(env, value)
                }))
                .unwrap_or_else(|panic| Err(js(panicked("an answer", panic.as_ref()))))
            })),
            Err(e) => deferred.reject(js(e)),
        }
    }
}

impl<T: ToNapiValue + 'static> Drop for Promised<T> {
    fn drop(&mut self) {
        if let Some(deferred) = self.0.take() {
            deferred.reject(js(Error::internal("the work was given up before it had a result")));
        }
    }
}

/// A promise and its other end. A pending one keeps the process alive. To be made last, when nothing
/// can fail any more: whoever gets an error instead of it would never hear of its rejection.
pub fn promise<T: ToNapiValue + 'static>(env: &Env) -> Result<(Promised<T>, Object<'_>)> {
    let (deferred, promise) = env.create_deferred()?;
    Ok((Promised(Some(deferred)), promise))
}

/// The aborts of one environment.
struct Ending {
    /// For runs that have none of their own.
    own: Arc<Abort>,
    others: Vec<Weak<Abort>>,
    /// When there are so many others, those that are gone are looked for.
    crowded: usize,
}

thread_local! {
    /// Of this thread's environment; `None` before its first run.
    static ENDING: RefCell<Option<Ending>> = const { RefCell::new(None) };
}

/// A new abort that ends with the environment: when a worker is terminated or the process exits.
pub fn abort(env: &Env) -> Result<Arc<Abort>> {
    with_ending(env, |ending| {
        let abort = Arc::new(Abort::default());
        if ending.others.len() >= ending.crowded {
            ending.others.retain(|other| other.strong_count() > 0);
            ending.crowded = 64.max(2 * ending.others.len());
        }
        ending.others.push(Arc::downgrade(&abort));
        abort
    })
}

/// The abort of runs that only end early with their environment.
pub fn end(env: &Env) -> Result<Arc<Abort>> {
    with_ending(env, |ending| ending.own.clone())
}

fn with_ending<T>(env: &Env, f: impl FnOnce(&mut Ending) -> T) -> Result<T> {
    if ENDING.with_borrow(Option::is_none) {
        env.add_env_cleanup_hook((), |()| {
            // The thread may be ending, and its locals with it: then nothing is left to abort.
            let ending = ENDING.try_with(|ending| ending.borrow_mut().take()).ok().flatten();
            let Some(Ending { own, others, .. }) = ending else { return };
            own.abort();
            others.iter().filter_map(Weak::upgrade).for_each(|other| other.abort());
        })?;
    }
    Ok(ENDING.with_borrow_mut(|ending| {
        f(ending.get_or_insert_with(|| Ending { own: Arc::default(), others: vec![], crowded: 64 }))
    }))
}
