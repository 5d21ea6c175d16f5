//! Frees what collected handles held. V8 knows when a handle is garbage, but its finalizer runs only
//! after JavaScript has returned to the event loop: a synchronous loop would keep every tensor it ever
//! made. So each handle of some size is watched by a weak reference, and the references are looked
//! through whenever enough new memory has been handed out.

use napi::{Env, Result, check_status, sys};
use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

/// A smaller value weighs no more than its handle, which waits for its finalizer anyway.
const WATCHED_FROM: usize = 4 << 10;
/// How many new bytes make the next look worth its time.
const LOOK_AFTER: usize = 16 << 20;

/// What a handle holds, until it is disposed of, finalized or found to be garbage.
pub struct Held<T> {
    value: RefCell<Option<T>>,
    /// The bytes that V8 was told of.
    told: Cell<i64>,
}

impl<T: Clone> Held<T> {
    /// Tells V8 of the bytes that belong to `value`.
    pub fn new(env: &Env, value: T, bytes: usize) -> Result<Rc<Held<T>>> {
        let told = bytes as i64;
        env.adjust_external_memory(told)?;
        Ok(Rc::new(Held { value: RefCell::new(Some(value)), told: Cell::new(told) }))
    }

    pub fn get(&self) -> Option<T> {
        self.value.borrow().clone()
    }
}

/// Lets go of what a handle holds, whatever it is.
pub trait Release {
    /// Frees the value, once, and tells V8.
    fn release(&self, env: &Env) -> Result<()>;
    /// The bytes that V8 was told of.
    fn told(&self) -> usize;
}

impl<T> Release for Held<T> {
    fn release(&self, env: &Env) -> Result<()> {
        self.value.take();
        match self.told.take() {
            0 => Ok(()),
            told => env.adjust_external_memory(-told).map(drop),
        }
    }

    fn told(&self) -> usize {
        self.told.get() as usize
    }
}

#[derive(Default)]
struct Watched {
    handles: Vec<(sys::napi_ref, Weak<dyn Release>)>,
    /// The bytes handed out since the last look.
    new: usize,
}

thread_local! {
    /// The handles of this thread's environment.
    static WATCHED: RefCell<Watched> = RefCell::default();
}

/// Frees `held` when `handle` is garbage, even if its finalizer does not run.
pub fn watch(env: &Env, handle: sys::napi_value, held: &Rc<impl Release + 'static>) -> Result<()> {
    let bytes = held.told();
    if bytes < WATCHED_FROM {
        return Ok(());
    }
    let mut reference = std::ptr::null_mut();
    // SAFETY: the environment is the running one, and the handle an object of it.
    let status = unsafe { sys::napi_create_reference(env.raw(), handle, 0, &mut reference) };
    check_status!(status, "a handle cannot be watched")?;
    let held = Rc::downgrade(held) as Weak<dyn Release>;
    WATCHED.with_borrow_mut(|watched| {
        watched.handles.push((reference, held));
        watched.new += bytes;
        if watched.new < LOOK_AFTER {
            return Ok(());
        }
        watched.new = 0;
        look(env, &mut watched.handles)
    })
}

/// Frees what garbage handles held, and forgets them.
fn look(env: &Env, handles: &mut Vec<(sys::napi_ref, Weak<dyn Release>)>) -> Result<()> {
    let raw = env.raw();
    let mut scope = std::ptr::null_mut();
    // SAFETY: opened and closed here, in the running environment.
    check_status!(unsafe { sys::napi_open_handle_scope(raw, &mut scope) }, "no handle scope")?;
    let mut outcome = Ok(());
    handles.retain(|(reference, held)| {
        let mut object = std::ptr::null_mut();
        // SAFETY: the reference was made in this environment and is deleted only below.
        let status = unsafe { sys::napi_get_reference_value(raw, *reference, &mut object) };
        if status != sys::Status::napi_ok || !object.is_null() {
            return true;
        }
        // SAFETY: as above; it is forgotten right after.
        unsafe { sys::napi_delete_reference(raw, *reference) };
        if let Some(held) = held.upgrade()
            && let Err(e) = held.release(env)
        {
            outcome = Err(e);
        }
        false
    });
    // SAFETY: as above.
    check_status!(unsafe { sys::napi_close_handle_scope(raw, scope) }, "no handle scope")?;
    outcome
}
