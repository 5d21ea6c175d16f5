use crate::storage::Storage;
use fovea_core::{Bf16, DType, Error, Result, TensorType};
use fovea_graph::gpu::word;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// A tensor's values: immutable once a run has made it, shared by whoever holds it. They lie in the
/// host's memory, in a GPU's, or in both.
#[derive(Clone)]
pub struct Buffer {
    pub ty: TensorType,
    values: Arc<Values>,
}

/// The copies there are; at least one.
struct Values {
    host: OnceLock<Storage>,
    device: Mutex<Option<Resident>>,
}

/// Values in a GPU's memory.
#[derive(Clone)]
pub(crate) struct Resident {
    pub gpu: fovea_gpu::Device,
    pub memory: fovea_gpu::Memory,
}

impl Buffer {
    /// A buffer of zeros.
    pub fn zeros(ty: TensorType) -> Result<Buffer> {
        ty.check_size()?;
        if ty.shape.known().is_none() {
            return Err(Error::shape(format!("a tensor of unknown shape ({ty}) holds no values")));
        }
        let host = OnceLock::from(Storage::new(ty.bytes())?);
        Ok(Buffer { ty, values: Arc::new(Values { host, device: Mutex::default() }) })
    }

    /// A buffer with these bytes, in the machine's byte order.
    pub fn from_bytes(ty: TensorType, bytes: &[u8]) -> Result<Buffer> {
        let mut buffer = Buffer::zeros(ty)?;
        if bytes.len() != buffer.ty.bytes() {
            return Err(Error::shape(format!(
                "a tensor of type {} takes {} bytes, received {}",
                buffer.ty,
                buffer.ty.bytes(),
                bytes.len()
            )));
        }
        if let Some(to) = buffer.bytes_mut() {
            to.copy_from_slice(bytes);
        }
        Ok(buffer)
    }

    /// A buffer whose values a GPU has made, or will when it has done what was submitted.
    pub(crate) fn resident(ty: TensorType, resident: Resident) -> Buffer {
        let device = Mutex::new(Some(resident));
        Buffer { ty, values: Arc::new(Values { host: OnceLock::new(), device }) }
    }

    /// The bytes, in the machine's byte order. Waits for a GPU that alone has them: only the compute
    /// thread may, others ask it to ([`crate::Engine::fetch`]).
    pub fn bytes(&self) -> Result<&[u8]> {
        let storage = match self.values.host.get() {
            Some(storage) => storage,
            None => {
                let fetched = self.fetch()?;
                // Somebody else may have fetched the same bytes meanwhile.
                self.values.host.get_or_init(|| fetched)
            }
        };
        // SAFETY: the storage is at least this long and initialised, and nobody writes a storage
        // that more than one buffer may hold.
        Ok(unsafe { std::slice::from_raw_parts(storage.ptr(), self.ty.bytes()) })
    }

    fn fetch(&self) -> Result<Storage> {
        let Some(Resident { gpu, memory }) = self.on_device() else {
            return Err(Error::internal("a buffer has no values"));
        };
        let mut words = vec![0; self.ty.elements() * word::size(self.ty.dtype)];
        gpu.read(&memory, 0, &mut words)?;
        let storage = Storage::new(self.ty.bytes())?;
        // SAFETY: just allocated with this many bytes, and nobody else's yet.
        let host = unsafe { std::slice::from_raw_parts_mut(storage.ptr(), self.ty.bytes()) };
        word::narrow(self.ty.dtype, &words, host);
        Ok(storage)
    }

    /// Whether the bytes can be had without waiting.
    pub fn is_on_host(&self) -> bool {
        self.values.host.get().is_some()
    }

    /// The copy in a GPU's memory, if there is one.
    pub(crate) fn on_device(&self) -> Option<Resident> {
        self.lock().clone()
    }

    /// Keeps a copy that was made in a GPU's memory.
    pub(crate) fn settle_on(&self, resident: Resident) {
        *self.lock() = Some(resident);
    }

    /// The host's bytes will be written: a copy elsewhere would be out of date. Only for who holds
    /// this buffer alone, or its variable's lock.
    pub(crate) fn leave_device(&self) {
        *self.lock() = None;
    }

    /// The GPU's copy will be written: the host's would be out of date. Does nothing, and says so, if
    /// somebody else holds the buffer.
    pub(crate) fn leave_host(&mut self) -> bool {
        Arc::get_mut(&mut self.values).map(|values| values.host.take()).is_some()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Resident>> {
        self.values.device.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The bytes to write, if nobody else holds them and they are on the host.
    pub fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        let bytes = self.ty.bytes();
        let values = Arc::get_mut(&mut self.values)?;
        values.device.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        let storage = values.host.get_mut()?;
        // SAFETY: ours alone, as `get_mut` says, and at least this long.
        Some(unsafe { std::slice::from_raw_parts_mut(storage.ptr(), bytes) })
    }

    /// Whether this is the only holder.
    pub(crate) fn is_unique(&self) -> bool {
        Arc::strong_count(&self.values) == 1
    }

    /// Where the host's bytes lie; null if they are elsewhere.
    pub(crate) fn ptr(&self) -> *mut u8 {
        self.values.host.get().map_or(std::ptr::null_mut(), Storage::ptr)
    }

    /// The value of a buffer of one number.
    pub fn number(&self) -> Result<f64> {
        Ok(number(self.ty.dtype, self.bytes()?))
    }
}

/// The number that a dtype's bytes are.
pub(crate) fn number(dtype: DType, b: &[u8]) -> f64 {
    match dtype {
        DType::F32 => f64::from(f32::from_ne_bytes([b[0], b[1], b[2], b[3]])),
        DType::Bf16 => f64::from(Bf16::from_bits(u16::from_ne_bytes([b[0], b[1]])).to_f32()),
        DType::I32 => f64::from(i32::from_ne_bytes([b[0], b[1], b[2], b[3]])),
        DType::U32 => f64::from(u32::from_ne_bytes([b[0], b[1], b[2], b[3]])),
        DType::I64 => i64::from_ne_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f64,
        DType::U8 | DType::Bool => f64::from(b[0]),
        DType::I8 => f64::from(b[0] as i8),
    }
}
