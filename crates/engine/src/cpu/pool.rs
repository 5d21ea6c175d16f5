//! Threads, and how a run's phases are shared among them.

use super::crew::Crew;
use super::profile::Profile;
use crate::fault;
use fovea_core::{Code, Error, Result};
use fovea_graph::lower::{CpuWork, Phase};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

/// Below this many operations, waking a second thread costs more than it saves.
const SERIAL_COST: f64 = 2e5;
/// How long a waiter spins (a microsecond or so), then yields, before it sleeps: on a busy machine
/// a spinning waiter would keep the core from the thread it waits for.
const SPINS: u32 = 4000;
const YIELDS: u32 = 40;

/// A fixed number of threads that run one plan together: that which asks for it is the first of them, so that it
/// begins while the others wake. Like them it must flush denormals.
pub(crate) struct Pool {
    crew: Crew,
}

/// The phases of a run and the pointers their operands lie at.
pub(crate) struct Work<'a> {
    pub phases: &'a [Phase<CpuWork>],
    /// The phase that the run begins with.
    pub first: usize,
    /// Runs chunk `c` of phase `p` with a worker's scratch.
    pub chunk: &'a (dyn Fn(usize, usize, *mut u8) -> Result<()> + Sync),
    /// One pointer to scratch for each worker.
    pub scratch: &'a [usize],
    pub cost: f64,
}

impl Pool {
    pub fn new(count: usize) -> Result<Pool> {
        Ok(Pool { crew: Crew::new(count)? })
    }

    pub fn threads(&self) -> usize {
        self.crew.count()
    }

    /// Runs all phases, or until one fails. Gives the number of the phase that failed with it.
    pub fn run(&mut self, work: &Work, progress: &Progress) -> std::result::Result<(), (usize, Error)> {
        if self.threads() == 1 || work.cost < SERIAL_COST {
            return run_serially(work, progress);
        }
        progress.reset(work.phases);
        self.crew.work(&|worker| progress.drive(work, worker));
        progress.profile.end(work.first);
        let mut failure = progress.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.take().map_or(Ok(()), Err)
    }
}

fn run_serially(work: &Work, progress: &Progress) -> std::result::Result<(), (usize, Error)> {
    progress.profile.begin();
    for (p, phase) in work.phases.iter().enumerate().skip(work.first) {
        for c in 0..phase.work.chunks {
            guarded(work, p, c, 0).map_err(|e| (p, e))?;
        }
        progress.profile.chunk_complete(p);
    }
    progress.profile.end(work.first);
    Ok(())
}

/// Runs one chunk; a panic becomes an error.
fn guarded(work: &Work, phase: usize, chunk: usize, worker: usize) -> Result<()> {
    let scratch = work.scratch[worker] as *mut u8;
    catch_unwind(AssertUnwindSafe(|| {
        fault::point("chunk");
        (work.chunk)(phase, chunk, scratch)
    }))
    .unwrap_or_else(|panic| Err(panicked(work.phases[phase].name, panic.as_ref())))
    .map_err(|e| e.at(work.phases[phase].origin))
}

/// A panic as an error: `place` is what panicked.
pub fn panicked(place: &str, panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("unknown");
    Error::new(Code::Internal, format!("{place} panicked: {text}. This is a bug in Fovea; please report it."))
}

/// How far a run is. Lives with the plan, so that a run allocates nothing.
pub(crate) struct Progress {
    workers: usize,
    /// For each phase and worker: the next chunk of the worker's own share.
    next: Vec<AtomicU32>,
    /// For each phase: how many chunks are complete.
    done: Vec<AtomicU32>,
    failed: AtomicBool,
    failure: Mutex<Option<(usize, Error)>>,
    sleepers: AtomicUsize,
    sleep: Mutex<()>,
    wake: Condvar,
    profile: Profile,
}

impl Progress {
    pub fn new(phases: usize, workers: usize) -> Progress {
        Progress {
            workers,
            next: (0..phases * workers).map(|_| AtomicU32::new(0)).collect(),
            done: (0..phases).map(|_| AtomicU32::new(0)).collect(),
            failed: AtomicBool::new(false),
            failure: Mutex::new(None),
            sleepers: AtomicUsize::new(0),
            sleep: Mutex::new(()),
            wake: Condvar::new(),
            profile: Profile::new(phases),
        }
    }

    /// For each phase, the fewest nanoseconds it took in any run so far, if that was measured.
    pub fn fastest(&self) -> Vec<u64> {
        self.profile.fastest()
    }

    fn reset(&self, phases: &[Phase<CpuWork>]) {
        for (p, phase) in phases.iter().enumerate() {
            for w in 0..self.workers {
                self.next[p * self.workers + w].store(self.begin(phase.work.chunks, w), Ordering::Relaxed);
            }
            self.done[p].store(0, Ordering::Relaxed);
        }
        self.failed.store(false, Ordering::Relaxed);
        self.profile.begin();
    }

    /// Where worker `w`'s share of a phase begins.
    fn begin(&self, chunks: usize, w: usize) -> u32 {
        (chunks * w / self.workers) as u32
    }

    /// What one worker does: in each phase its own chunks, then those nobody has begun, then it
    /// waits until all are complete.
    fn drive(&self, work: &Work, worker: usize) {
        for (p, phase) in work.phases.iter().enumerate().skip(work.first) {
            for turn in 0..self.workers {
                let owner = (worker + turn) % self.workers;
                let end = self.begin(phase.work.chunks, owner + 1);
                loop {
                    // Checked before it is counted up, so that the counter stays small.
                    let next = &self.next[p * self.workers + owner];
                    if next.load(Ordering::Relaxed) >= end {
                        break;
                    }
                    let chunk = next.fetch_add(1, Ordering::Relaxed);
                    if chunk >= end {
                        break;
                    }
                    if self.failed.load(Ordering::Relaxed) {
                        return;
                    }
                    if let Err(e) = guarded(work, p, chunk as usize, worker) {
                        return self.fail(p, e);
                    }
                    self.complete(p, phase.work.chunks as u32);
                }
            }
            if !self.wait(p, phase.work.chunks as u32) {
                return;
            }
        }
    }

    fn complete(&self, phase: usize, chunks: u32) {
        // Before it is counted: behind that, others may be phases further before this thread goes on.
        self.profile.chunk_complete(phase);
        // Releases what the chunk wrote to whoever sees the phase complete. Sequentially consistent
        // with `sleepers`, so that either the sleeper sees the count or we see the sleeper.
        if self.done[phase].fetch_add(1, Ordering::SeqCst) + 1 == chunks {
            self.wake_all();
        }
    }

    fn fail(&self, phase: usize, error: Error) {
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert((phase, error));
        drop(failure);
        self.failed.store(true, Ordering::SeqCst);
        self.wake_all();
    }

    fn wake_all(&self) {
        if self.sleepers.load(Ordering::SeqCst) > 0 {
            drop(self.sleep.lock());
            self.wake.notify_all();
        }
    }

    /// Waits until a phase is complete; false if the run failed.
    fn wait(&self, phase: usize, chunks: u32) -> bool {
        let complete = || self.done[phase].load(Ordering::SeqCst) == chunks;
        let failed = || self.failed.load(Ordering::SeqCst);
        for turn in 0..SPINS + YIELDS {
            if complete() {
                return true;
            }
            if failed() {
                return false;
            }
            if turn < SPINS { std::hint::spin_loop() } else { std::thread::yield_now() }
        }
        let mut guard = self.sleep.lock().unwrap_or_else(PoisonError::into_inner);
        self.sleepers.fetch_add(1, Ordering::SeqCst);
        while !complete() && !failed() {
            // The timeout is a second line of defence; a missed wake-up would cost a millisecond.
            let woken = self.wake.wait_timeout(guard, Duration::from_millis(1));
            guard = woken.unwrap_or_else(PoisonError::into_inner).0;
        }
        self.sleepers.fetch_sub(1, Ordering::SeqCst);
        !failed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    fn phases(chunks: &[usize]) -> Vec<Phase<CpuWork>> {
        let phase = |&chunks: &usize| Phase {
            name: "test",
            origin: 3,
            inputs: vec![],
            outputs: vec![],
            temp: None,
            results: vec![],
            flops: 0.0,
            work: CpuWork { chunks, scratch: 0, cost: 1e9, run: Box::new(|_, _| Ok(())) },
        };
        chunks.iter().map(phase).collect()
    }

    /// Runs phases with a function for each chunk.
    fn drive(
        threads: usize,
        phases: &[Phase<CpuWork>],
        chunk: &(dyn Fn(usize, usize) -> Result<()> + Sync),
    ) -> std::result::Result<(), (usize, Error)> {
        let mut pool = Pool::new(threads).unwrap();
        let work =
            Work { phases, first: 0, chunk: &|p, c, _| chunk(p, c), scratch: &vec![0; threads], cost: 1e9 };
        pool.run(&work, &Progress::new(phases.len(), threads))
    }

    #[test]
    fn every_chunk_runs_once_and_phases_in_order() {
        let counts = [5, 0, 1, 64, 3, 1000, 2];
        let phases = phases(&counts);
        for threads in [1, 2, 3, 8] {
            let done: Vec<AtomicUsize> = counts.iter().map(|_| AtomicUsize::new(0)).collect();
            let chunk = |p: usize, c: usize| {
                assert!(c < counts[p]);
                for (before, count) in done.iter().zip(counts).take(p) {
                    assert_eq!(before.load(Ordering::SeqCst), count, "phase {p} began too early");
                }
                done[p].fetch_add(1, Ordering::SeqCst);
                Ok(())
            };
            drive(threads, &phases, &chunk).unwrap();
            let done: Vec<usize> = done.into_iter().map(AtomicUsize::into_inner).collect();
            assert_eq!(done, counts);
        }
    }

    #[test]
    fn an_error_or_a_panic_ends_the_run_and_says_where() {
        let phases = phases(&[4, 40, 4]);
        for threads in [1, 2, 8] {
            for panics in [false, true] {
                let later = AtomicUsize::new(0);
                let chunk = |p: usize, c: usize| {
                    later.fetch_add(usize::from(p == 2), Ordering::SeqCst);
                    match (p, c, panics) {
                        (1, 7, true) => panic!("on purpose"),
                        (1, 7, false) => Err(Error::argument("on purpose")),
                        _ => Ok(()),
                    }
                };
                let (phase, e) = drive(threads, &phases, &chunk).unwrap_err();
                assert_eq!((phase, e.node), (1, Some(3)));
                assert_eq!(e.code, if panics { Code::Internal } else { Code::BadArgument });
                assert!(e.message.contains("on purpose"));
                assert_eq!(later.into_inner(), 0, "nothing after the failure runs");
            }
        }
    }
}
