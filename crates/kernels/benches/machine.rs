//! What the machine can do at most, as one line of JSON: multiply-adds from registers, and bytes of a
//! pass through memory, on as many threads as `FOVEA_THREADS` says. Floors of networks are made of these.

#[path = "support/peak.rs"]
mod peak;

use std::time::Instant;

use fovea_kernels::isa::Isa;
use fovea_kernels::routine::Float;
use peak::peak;

/// Each figure is the best of so many.
const TRIES: usize = 40;
/// Floats of each operand of a pass, for each thread: more than caches hold.
const LENGTH: usize = 24 << 20;

fn main() {
    let isa = Isa::detect().unwrap_or(Isa::Portable);
    let threads = std::env::var("FOVEA_THREADS")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()));
    let flops: f64 = at_once(threads, || best(|| peak(isa, Float::F32))).iter().sum();
    let bytes: f64 = at_once(threads, pass).iter().sum();
    println!("{{\"threads\":{threads},\"flops\":{flops:.4e},\"bytes\":{bytes:.4e}}}");
}

/// What each of so many threads finds while the others do the same.
fn at_once(threads: usize, f: impl Fn() -> f64 + Sync) -> Vec<f64> {
    std::thread::scope(|scope| {
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(&f)).collect();
        running.into_iter().filter_map(|thread| thread.join().ok()).collect()
    })
}

fn best(f: impl FnMut() -> f64) -> f64 {
    std::iter::repeat_with(f).take(TRIES).fold(0.0, f64::max)
}

/// Bytes a second, read and written, of `y = x / 2`.
fn pass() -> f64 {
    let (x, mut y) = (vec![1.0f32; LENGTH], vec![0.0f32; LENGTH]);
    best(|| {
        let start = Instant::now();
        y.iter_mut().zip(&x).for_each(|(y, x)| *y = x * 0.5);
        std::hint::black_box(&mut y);
        (2 * LENGTH * size_of::<f32>()) as f64 / start.elapsed().as_secs_f64()
    })
}
