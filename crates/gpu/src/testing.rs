//! For tests that want what a machine may lack, a GPU first of all, of this crate and of those above it. Without
//! one, nor a software one, a test says that it was skipped, in a line that the counter of tests reads. No addon
//! calls this, so none holds it.

use crate::{Device, adapters};
use std::io::Write;

/// Whether this machine has a GPU; where it has none, the running test is said to be skipped.
pub fn found() -> bool {
    let any = !adapters().is_empty();
    if !any {
        skipped("no GPU adapter");
    }
    any
}

/// Says that the running test is skipped, and why.
pub fn skipped(reason: &str) {
    let test = std::thread::current();
    let line = format!("\nFOVEA-SKIPPED {}: {reason}\n", test.name().unwrap_or("a test"));
    // Written past libtest, which shows nothing of what a passing test prints; in one piece, and on a
    // line of its own though libtest may be in the midst of one.
    let _ = std::io::stdout().lock().write_all(line.as_bytes());
}

/// The first GPU, newly opened; `None`, said as [`found`] says it, where there is none.
///
/// # Panics
/// If it is there and does not open.
pub fn device() -> Option<Device> {
    found().then(|| Device::open(0).expect("an adapter that was found opens"))
}
