use fovea_core::{Code, Error, Result, TensorType};
use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Cache lines, and the widest vectors.
const ALIGN: usize = 64;
/// From this size on, memory is asked for in huge pages: a pass over a dense layer's weights would
/// otherwise miss the TLB at every row.
const HUGE: usize = 2 << 20;

static LIVE_BYTES: AtomicUsize = AtomicUsize::new(0);
static LIVE_COUNT: AtomicUsize = AtomicUsize::new(0);

/// Bytes and number of all live storages.
pub(crate) fn live() -> (usize, usize) {
    (LIVE_BYTES.load(Ordering::Relaxed), LIVE_COUNT.load(Ordering::Relaxed))
}

/// A block of zeroed, aligned memory.
pub(crate) struct Storage {
    ptr: NonNull<u8>,
    layout: Layout,
}

// SAFETY: plain memory; who may touch it when is decided by the owner.
unsafe impl Send for Storage {}
// SAFETY: as above.
unsafe impl Sync for Storage {}

impl Storage {
    pub fn new(bytes: usize) -> Result<Storage> {
        let align = if bytes >= HUGE { HUGE } else { ALIGN };
        let too_large = || {
            Error::new(
                Code::OutOfMemory,
                format!("could not allocate {bytes} bytes. Use a smaller batch or model."),
            )
        };
        let layout = Layout::from_size_align(bytes.max(1), align).map_err(|_| too_large())?;
        // SAFETY: the layout is not empty.
        let ptr = NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) }).ok_or_else(too_large)?;
        advise_huge(ptr, layout);
        LIVE_BYTES.fetch_add(layout.size(), Ordering::Relaxed);
        LIVE_COUNT.fetch_add(1, Ordering::Relaxed);
        Ok(Storage { ptr, layout })
    }

    pub fn ptr(&self) -> *mut u8 {
        self.ptr.as_ptr()
    }

    pub fn bytes(&self) -> usize {
        self.layout.size()
    }
}

impl Drop for Storage {
    fn drop(&mut self) {
        LIVE_BYTES.fetch_sub(self.layout.size(), Ordering::Relaxed);
        LIVE_COUNT.fetch_sub(1, Ordering::Relaxed);
        // SAFETY: allocated in `new` with this layout.
        unsafe { std::alloc::dealloc(self.ptr.as_ptr(), self.layout) }
    }
}

#[cfg(target_os = "linux")]
fn advise_huge(ptr: NonNull<u8>, layout: Layout) {
    if layout.size() >= HUGE {
        // SAFETY: the range is ours, and the advice changes no contents. It may be refused.
        unsafe { libc::madvise(ptr.as_ptr().cast(), layout.size(), libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise_huge(_: NonNull<u8>, _: Layout) {}

/// A tensor's values: immutable once a run has made it, shared by whoever holds it.
#[derive(Clone)]
pub struct Buffer {
    pub ty: TensorType,
    pub(crate) storage: Arc<Storage>,
}

impl Buffer {
    /// A buffer of zeros.
    pub fn zeros(ty: TensorType) -> Result<Buffer> {
        ty.check_size()?;
        if ty.shape.known().is_none() {
            return Err(Error::shape(format!("a tensor of unknown shape ({ty}) holds no values")));
        }
        let storage = Arc::new(Storage::new(ty.bytes())?);
        Ok(Buffer { ty, storage })
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

    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the storage is at least this long and initialised, and nobody writes a storage
        // that more than one buffer may hold.
        unsafe { std::slice::from_raw_parts(self.storage.ptr(), self.ty.bytes()) }
    }

    /// The bytes to write, if nobody else holds this storage.
    pub fn bytes_mut(&mut self) -> Option<&mut [u8]> {
        let bytes = self.ty.bytes();
        let storage = Arc::get_mut(&mut self.storage)?;
        // SAFETY: ours alone, as `get_mut` says, and at least this long.
        Some(unsafe { std::slice::from_raw_parts_mut(storage.ptr(), bytes) })
    }

    /// Whether this is the only holder.
    pub(crate) fn is_unique(&self) -> bool {
        Arc::strong_count(&self.storage) == 1
    }

    pub(crate) fn ptr(&self) -> *mut u8 {
        self.storage.ptr()
    }

    /// The value of a buffer of one number.
    pub fn number(&self) -> f64 {
        use fovea_core::DType::*;
        let b = self.bytes();
        match self.ty.dtype {
            F32 => f64::from(f32::from_ne_bytes([b[0], b[1], b[2], b[3]])),
            I32 => f64::from(i32::from_ne_bytes([b[0], b[1], b[2], b[3]])),
            U32 => f64::from(u32::from_ne_bytes([b[0], b[1], b[2], b[3]])),
            I64 => i64::from_ne_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f64,
            U8 | Bool => f64::from(b[0]),
            I8 => f64::from(b[0] as i8),
        }
    }
}
