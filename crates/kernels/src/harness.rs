//! Running routines under test: chunks in shuffled order, scratch full of garbage, guards past
//! the end of everything that is written.

use crate::isa::Isa;
use crate::routine::PhaseSpec;

const GARBAGE: u8 = 0xA7;
const GUARD: usize = 256;

/// The instruction sets this machine can run.
pub(crate) fn isas() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|isa| isa.is_available())
}

/// A small generator for test data (SplitMix64).
pub(crate) struct Dice(pub u64);

impl Dice {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// `n` floats in [−1, 1).
    pub fn floats(&mut self, n: usize) -> Vec<f32> {
        (0..n).map(|_| (self.next() >> 40) as f32 / 8_388_608.0 - 1.0).collect()
    }

    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }
}

/// Room for `n` elements, 64-byte aligned, full of garbage, with a guard behind it.
pub(crate) struct Guarded<T> {
    words: Vec<u64>,
    start: usize,
    bytes: usize,
    marker: std::marker::PhantomData<T>,
}

impl<T: Copy> Guarded<T> {
    pub fn new(n: usize) -> Guarded<T> {
        let bytes = n * size_of::<T>();
        let words = vec![u64::from_ne_bytes([GARBAGE; 8]); (bytes + GUARD + 64).div_ceil(8)];
        let start = words.as_ptr().align_offset(64) * 8;
        Guarded { words, start, bytes, marker: std::marker::PhantomData }
    }

    pub fn of(values: &[T]) -> Guarded<T> {
        let mut room = Guarded::new(values.len());
        // SAFETY: `room` holds as many elements.
        unsafe { room.ptr().cast::<T>().copy_from(values.as_ptr(), values.len()) };
        room
    }

    pub fn ptr(&mut self) -> *mut u8 {
        // SAFETY: `start` lies inside the vector.
        unsafe { self.words.as_mut_ptr().cast::<u8>().add(self.start) }
    }

    /// The elements, after a look at the guard.
    #[track_caller]
    pub fn get(&mut self) -> Vec<T> {
        let end = self.words.len() * 8 - self.start;
        // SAFETY: reads stay inside the vector; `T` is a plain number.
        unsafe {
            let guard = std::slice::from_raw_parts(self.ptr().add(self.bytes), end - self.bytes);
            assert!(guard.iter().all(|&b| b == GARBAGE), "something wrote past the end");
            std::slice::from_raw_parts(self.ptr().cast(), self.bytes / size_of::<T>()).to_vec()
        }
    }
}

/// Runs every phase, its chunks in an order drawn from `seed`; `run` gets phase, chunk, temp and
/// scratch.
#[track_caller]
pub(crate) fn drive(
    phases: &[PhaseSpec],
    temp: usize,
    seed: u64,
    mut run: impl FnMut(usize, usize, *mut u8, *mut u8),
) {
    let mut dice = Dice(seed);
    let mut shared = Guarded::<u8>::new(temp);
    for (p, phase) in phases.iter().enumerate() {
        let mut order: Vec<usize> = (0..phase.chunks).collect();
        dice.shuffle(&mut order);
        for chunk in order {
            let mut scratch = Guarded::<u8>::new(phase.scratch);
            run(p, chunk, shared.ptr(), scratch.ptr());
            scratch.get();
        }
    }
    shared.get();
}
