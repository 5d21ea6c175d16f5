//! Blocks of memory for tensors, the arena and what chunks need.

use fovea_core::{Code, Error, Result};
use std::alloc::Layout;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Cache lines, and the widest vectors.
const ALIGN: usize = 64;
/// A huge page of most machines. Blocks from this size on are made of them: a pass over a large tensor would
/// otherwise wait for the page table again and again, in a virtual machine for two of them.
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
        let ptr = zeroed(layout).ok_or_else(too_large)?;
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
        // SAFETY: from `zeroed` with this layout, which is not empty.
        unsafe { release(self.ptr, self.layout) }
    }
}

/// Memory for a layout that is not empty.
#[cfg(target_os = "linux")]
fn zeroed(layout: Layout) -> Option<NonNull<u8>> {
    if layout.align() == HUGE { huge::map(layout.size()) } else { from_heap(layout) }
}

/// # Safety
/// `ptr` is what [`zeroed`] gave for this layout.
#[cfg(target_os = "linux")]
unsafe fn release(ptr: NonNull<u8>, layout: Layout) {
    if layout.align() == HUGE {
        // SAFETY: passed on.
        unsafe { huge::unmap(ptr, layout.size()) }
    } else {
        // SAFETY: passed on.
        unsafe { std::alloc::dealloc(ptr.as_ptr(), layout) }
    }
}

#[cfg(not(target_os = "linux"))]
use from_heap as zeroed;

/// # Safety
/// `ptr` is what [`zeroed`] gave for this layout.
#[cfg(not(target_os = "linux"))]
unsafe fn release(ptr: NonNull<u8>, layout: Layout) {
    // SAFETY: passed on.
    unsafe { std::alloc::dealloc(ptr.as_ptr(), layout) }
}

fn from_heap(layout: Layout) -> Option<NonNull<u8>> {
    // SAFETY: the layout is not empty.
    NonNull::new(unsafe { std::alloc::alloc_zeroed(layout) })
}

/// Memory straight from the system: an allocator writes its zeros before anybody could ask for huge pages, and
/// hands out again what lies in small ones.
#[cfg(target_os = "linux")]
mod huge {
    use super::HUGE;
    use std::ptr::{NonNull, null_mut};

    /// So many bytes from a multiple of [`HUGE`] on. Where the system has no huge pages to give, they lie in
    /// others.
    pub fn map(bytes: usize) -> Option<NonNull<u8>> {
        let whole = bytes.checked_next_multiple_of(page())?;
        let span = whole.checked_add(HUGE)?;
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        // SAFETY: a new mapping, anywhere.
        let begin = unsafe { libc::mmap(null_mut(), span, access, kind, -1, 0) };
        if begin == libc::MAP_FAILED {
            return None;
        }
        let before = begin.addr().next_multiple_of(HUGE) - begin.addr();
        let ptr = begin.wrapping_byte_add(before);
        // SAFETY: whole pages of that mapping, used by nobody: those before and behind what is kept, which
        // takes the advice or not.
        unsafe {
            let rest = [(begin, before), (ptr.wrapping_byte_add(whole), HUGE - before)];
            rest.into_iter().filter(|(_, bytes)| *bytes > 0).for_each(|(at, bytes)| {
                libc::munmap(at, bytes);
            });
            libc::madvise(ptr, whole, libc::MADV_HUGEPAGE);
        }
        NonNull::new(ptr.cast())
    }

    /// # Safety
    /// `ptr` is what [`map`] gave for so many bytes.
    pub unsafe fn unmap(ptr: NonNull<u8>, bytes: usize) {
        // SAFETY: the pages that were kept, all of them ours.
        unsafe { libc::munmap(ptr.as_ptr().cast(), bytes.next_multiple_of(page())) };
    }

    fn page() -> usize {
        // SAFETY: asks for a constant of the system.
        usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(HUGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_all_sizes_are_zeroed_aligned_and_writable() {
        for bytes in [0, 1, 63, 4096, HUGE - 1, HUGE, HUGE + 1, 3 * HUGE + 12_345] {
            for _ in 0..3 {
                let storage = Storage::new(bytes).unwrap();
                let align = if bytes >= HUGE { HUGE } else { ALIGN };
                assert!(storage.ptr().addr().is_multiple_of(align), "{bytes}");
                assert_eq!(storage.bytes(), bytes.max(1));
                // SAFETY: the storage has so many bytes, and is ours.
                let values = unsafe { std::slice::from_raw_parts_mut(storage.ptr(), bytes) };
                assert!(values.iter().all(|&byte| byte == 0), "{bytes}");
                // What is freed must not come back as it was.
                values.fill(0xff);
            }
        }
    }

    #[test]
    fn what_the_system_has_not_is_an_error() {
        for bytes in [usize::MAX, isize::MAX as usize, isize::MAX as usize - HUGE, 1 << 60] {
            assert_eq!(Storage::new(bytes).err().unwrap().code, Code::OutOfMemory, "{bytes}");
        }
    }

    /// Where the machine gives huge pages to who asks for them.
    #[cfg(target_os = "linux")]
    #[test]
    fn large_blocks_lie_in_huge_pages() {
        let policy =
            std::fs::read_to_string("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
        if !policy.contains("[madvise]") && !policy.contains("[always]") {
            fovea_gpu::testing::skipped("no transparent huge pages");
            return;
        }
        let bytes = 32 * HUGE;
        let storage = Storage::new(bytes).unwrap();
        // SAFETY: the storage has so many bytes, and is ours.
        unsafe { storage.ptr().write_bytes(1, bytes) };
        let maps = std::fs::read_to_string("/proc/self/smaps").unwrap();
        let address = format!("{:x}-", storage.ptr().addr());
        let ours = maps.split_once(&address).unwrap().1;
        let huge = ours.lines().find_map(|line| line.strip_prefix("AnonHugePages:")).unwrap();
        let kilobytes: usize = huge.trim().trim_end_matches(" kB").parse().unwrap();
        // Half of them at the least, however full the machine is.
        assert!(2 * kilobytes * 1024 >= bytes, "{kilobytes} kB of {bytes} bytes");
    }
}
