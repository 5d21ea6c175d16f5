//! The threads of a pool, and how they meet for a run: whoever comes while it lasts takes part, and nobody waits
//! for one that comes late. After a run they stay awake for a moment: to wake a thread takes longer than
//! what a small network has to compute, and the next run is often near.

use fovea_core::{Error, Result};
use fovea_kernels::isa::flush_denormals;
use std::cell::UnsafeCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// For how long a thread without work looks for some before it sleeps.
const LINGER: Duration = Duration::from_micros(100);
/// How often it looks before it offers its core to others.
const SPINS: u32 = 64;

/// What all threads do at the same time, each with its number.
type Task<'a> = dyn Fn(usize) + Sync + 'a;

/// The threads of a pool but the first, which is whoever brings the work.
pub(super) struct Crew {
    threads: rayon::ThreadPool,
    count: usize,
    meeting: Arc<Meeting>,
}

impl Crew {
    pub fn new(count: usize) -> Result<Crew> {
        // None would be as many as there are cores.
        let others = (count - 1).max(1);
        let threads = rayon::ThreadPoolBuilder::new()
            .num_threads(others)
            .thread_name(|i| format!("fovea-{}", i + 1))
            .start_handler(|_| flush_denormals())
            .panic_handler(|_| {})
            .build()
            .map_err(|e| Error::internal(format!("could not start {count} threads: {e}")))?;
        Ok(Crew { threads, count, meeting: Arc::new(Meeting::new(others)) })
    }

    /// How many threads work, with the one that brings the work.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Calls `task` with 0 on this thread and with other numbers on those of the others that come before that
    /// call is over. None of them is in it any more when this returns. A panic on one of the others is lost: what
    /// has to be known of it `task` tells itself.
    pub fn work(&mut self, task: &Task) {
        let opened = self.meeting.open(task);
        if self.meeting.call() {
            let meeting = self.meeting.clone();
            self.threads.spawn_broadcast(move |cx| meeting.attend(cx.index()));
        }
        task(0);
        drop(opened);
    }
}

/// Set in a meeting's state while its task may be begun.
const OPEN: u64 = 1 << 31;
/// How many threads are in the task.
const INSIDE: u64 = OPEN - 1;
/// What each task counts up.
const NUMBER: u64 = 1 << 32;

/// Where threads find what to do.
struct Meeting {
    /// The number of the task, whether it is open, and how many of the others are in it.
    state: AtomicU64,
    /// Written while the meeting is closed and nobody is inside; read by those who are.
    task: UnsafeCell<NonNull<Task<'static>>>,
    /// For each of the others: whether it will look at the state before it sleeps.
    called: Vec<AtomicBool>,
}

// SAFETY: `task` is written by the one thread that opens the meeting, while nobody reads it (see `open`), and what
// it points to may be called from all threads.
unsafe impl Sync for Meeting {}
// SAFETY: as above.
unsafe impl Send for Meeting {}

/// Closes the meeting and waits for those inside, also if the task panics.
struct Opened<'a>(&'a Meeting);

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        self.0.state.fetch_and(!OPEN, Ordering::SeqCst);
        let mut looks = 0;
        while self.0.state.load(Ordering::Acquire) & INSIDE != 0 {
            pause(&mut looks);
        }
    }
}

impl Meeting {
    fn new(others: usize) -> Meeting {
        let nothing: &Task = &|_| ();
        let nothing = NonNull::from(nothing);
        let called = (0..others).map(|_| AtomicBool::new(false)).collect();
        Meeting { state: AtomicU64::new(0), task: UnsafeCell::new(nothing), called }
    }

    /// Lets others begin a task, until what this gives is dropped. One thread at a time opens a meeting.
    fn open<'a>(&'a self, task: &'a Task<'a>) -> Opened<'a> {
        // SAFETY: only the lifetime changes; nobody calls the task after `Opened` is dropped, which `'a` outlives.
        let task = unsafe { std::mem::transmute::<NonNull<Task<'a>>, NonNull<Task<'static>>>(task.into()) };
        // SAFETY: the meeting is closed and empty, as whoever opened it before has dropped its `Opened`.
        unsafe { *self.task.get() = task };
        let number = self.state.load(Ordering::Relaxed) & !(OPEN | INSIDE);
        self.state.store(number.wrapping_add(NUMBER) | OPEN, Ordering::SeqCst);
        Opened(self)
    }

    /// Takes note that all are called; whether somebody was not.
    fn call(&self) -> bool {
        let mut absent = 0;
        for called in &self.called {
            absent += usize::from(!called.swap(true, Ordering::SeqCst));
        }
        absent > 0
    }

    /// One of the others: takes part in tasks for as long as there are some.
    fn attend(&self, index: usize) {
        let called = &self.called[index];
        called.store(true, Ordering::SeqCst);
        let mut last = None;
        loop {
            let found = linger(|| self.enter(last)).or_else(|| {
                called.store(false, Ordering::SeqCst);
                // Whoever opened the meeting before it could see that relies on this look.
                self.enter(last)
            });
            let Some((number, task)) = found else { return };
            called.store(true, Ordering::SeqCst);
            // The thread that brought the task waits for all to leave it, however they do.
            let _ = catch_unwind(AssertUnwindSafe(|| task(index + 1)));
            self.state.fetch_sub(1, Ordering::Release);
            last = Some(number);
        }
    }

    /// Enters the task, if it is open and not the one this thread had last: its number, and what to do.
    fn enter(&self, last: Option<u64>) -> Option<(u64, &Task<'static>)> {
        let mut state = self.state.load(Ordering::SeqCst);
        loop {
            let number = state & !(OPEN | INSIDE);
            if state & OPEN == 0 || last == Some(number) {
                return None;
            }
            match self.state.compare_exchange_weak(state, state + 1, Ordering::SeqCst, Ordering::SeqCst) {
                // SAFETY: whoever is counted in an open meeting keeps its task where it is.
                Ok(_) => return Some((number, unsafe { (*self.task.get()).as_ref() })),
                Err(now) => state = now,
            }
        }
    }
}

/// Looks for something for a moment.
fn linger<T>(look: impl Fn() -> Option<T>) -> Option<T> {
    let begun = Instant::now();
    let mut looks = 0u32;
    loop {
        let found = look();
        if found.is_some() || (looks.is_multiple_of(SPINS) && begun.elapsed() > LINGER) {
            return found;
        }
        pause(&mut looks);
    }
}

/// The time between two looks, which are counted.
fn pause(looks: &mut u32) {
    *looks += 1;
    if looks.is_multiple_of(SPINS) { std::thread::yield_now() } else { std::hint::spin_loop() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use std::sync::mpsc;
    use std::thread::sleep;

    #[test]
    fn whoever_brings_work_is_in_it_and_nobody_when_it_is_over() {
        for count in [2, 3, 8] {
            let mut crew = Crew::new(count).unwrap();
            for round in 0..2_000 {
                let inside: Vec<AtomicUsize> = (0..count).map(|_| AtomicUsize::new(0)).collect();
                let left = AtomicUsize::new(0);
                crew.work(&|worker| {
                    let before = inside[worker].fetch_add(1, Ordering::SeqCst);
                    assert_eq!(before, 0, "a worker is in a task once");
                    left.fetch_add(1, Ordering::SeqCst);
                });
                let entered: usize = inside.iter().map(|times| times.load(Ordering::SeqCst)).sum();
                assert_eq!(inside[0].load(Ordering::SeqCst), 1);
                assert_eq!(left.load(Ordering::SeqCst), entered, "round {round}: somebody is still inside");
                // Some begin while the others are awake, some while they fall asleep, some while they sleep.
                if round % 16 == 0 {
                    sleep(LINGER * (round / 16 % 3));
                }
            }
        }
    }

    #[test]
    fn all_come_if_it_lasts_long_enough_also_after_they_slept() {
        for count in [2, 5] {
            let mut crew = Crew::new(count).unwrap();
            for rest in [0, 1, 2, 20, 200] {
                let come = AtomicUsize::new(0);
                crew.work(&|_| {
                    come.fetch_add(1, Ordering::SeqCst);
                    let begun = Instant::now();
                    while come.load(Ordering::SeqCst) < count {
                        assert!(begun.elapsed() < Duration::from_secs(60), "somebody does not come");
                        std::thread::yield_now();
                    }
                });
                sleep(LINGER * rest / 2);
            }
        }
    }

    #[test]
    fn nobody_waits_for_one_that_comes_late() {
        let mut crew = Crew::new(2).unwrap();
        let (hold, held) = mpsc::channel::<()>();
        // The other thread has something else to do.
        crew.threads.spawn(move || {
            let _ = held.recv();
        });
        for _ in 0..100 {
            crew.work(&|_| ());
        }
        drop(hold);
        let come = AtomicUsize::new(0);
        crew.work(&|_| {
            come.fetch_add(1, Ordering::SeqCst);
            while come.load(Ordering::SeqCst) < 2 {
                std::thread::yield_now();
            }
        });
        assert_eq!(come.into_inner(), 2, "it comes when it can");
    }

    #[test]
    fn a_panic_leaves_all_threads_well() {
        let mut crew = Crew::new(3).unwrap();
        let all = |come: &AtomicUsize| {
            come.fetch_add(1, Ordering::SeqCst);
            while come.load(Ordering::SeqCst) < 3 {
                std::thread::yield_now();
            }
        };
        for unlucky in [0, 1, 2] {
            let come = AtomicUsize::new(0);
            let result = catch_unwind(AssertUnwindSafe(|| {
                crew.work(&|worker| {
                    all(&come);
                    assert!(worker != unlucky, "on purpose");
                });
            }));
            assert_eq!(result.is_err(), unlucky == 0);
            let come = AtomicUsize::new(0);
            crew.work(&|_| all(&come));
            assert_eq!(come.into_inner(), 3);
        }
    }
}
