use crate::memory::Buffer;
use fovea_core::{Bf16, Code, DType, Error, Result};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a run is given for a leaf.
#[derive(Clone)]
pub enum Operand {
    Buffer(Buffer),
    Variable(Arc<Variable>),
    /// A number for a leaf of rank 0.
    Number(f64),
}

/// A slot that holds a buffer. Runs write it in place unless somebody else holds the buffer.
pub struct Variable {
    /// The last run that was given it.
    run: AtomicU64,
    slot: Mutex<Slot>,
}

pub(crate) struct Slot {
    pub buffer: Buffer,
    /// A run failed after it had begun to write: the contents mean nothing until they are assigned.
    pub torn: bool,
    /// Of the contents: no others have the same, whatever variable holds them.
    pub version: u64,
}

impl Variable {
    pub fn new(buffer: Buffer) -> Variable {
        Variable { run: AtomicU64::new(0), slot: Mutex::new(Slot::of(buffer)) }
    }

    /// The contents of this moment. Waits for a run that is writing them.
    pub fn snapshot(&self) -> Result<Buffer> {
        let slot = self.lock();
        slot.check()?;
        Ok(slot.buffer.clone())
    }

    pub fn assign(&self, buffer: Buffer) -> Result<()> {
        let mut slot = self.lock();
        if buffer.ty != slot.buffer.ty {
            return Err(Error::shape(format!(
                "a variable of type {} cannot be assigned a value of type {}",
                slot.buffer.ty, buffer.ty
            )));
        }
        *slot = Slot::of(buffer);
        Ok(())
    }

    /// Notes that this run is given it; false if it was before: its lock would wait for itself. One run is
    /// prepared at a time.
    pub(crate) fn claim(&self, run: u64) -> bool {
        self.run.swap(run, Ordering::Relaxed) != run
    }

    /// A panic in a run marks the variable torn; the lock itself stays usable.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    fn of(buffer: Buffer) -> Slot {
        Slot { buffer, torn: false, version: next_version() }
    }

    /// The contents are about to be others.
    pub(crate) fn renew(&mut self) {
        self.version = next_version();
    }

    pub(crate) fn check(&self) -> Result<()> {
        if self.torn {
            return Err(Error::new(
                Code::Internal,
                "this variable was being written when a run failed: assign it or load weights before it is read",
            ));
        }
        Ok(())
    }
}

fn next_version() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// A number in the bytes of a dtype.
pub(crate) fn encode(value: f64, dtype: DType) -> [u8; 8] {
    let mut out = [0; 8];
    let mut put = |b: &[u8]| out[..b.len()].copy_from_slice(b);
    match dtype {
        DType::F32 => put(&(value as f32).to_ne_bytes()),
        DType::Bf16 => put(&Bf16::from_f32(value as f32).to_bits().to_ne_bytes()),
        DType::I32 => put(&(value as i32).to_ne_bytes()),
        DType::U32 => put(&(value as u32).to_ne_bytes()),
        DType::I64 => put(&(value as i64).to_ne_bytes()),
        DType::U8 => put(&[value as u8]),
        DType::I8 => put(&(value as i8).to_ne_bytes()),
        DType::Bool => put(&[u8::from(value != 0.0)]),
    }
    out
}
