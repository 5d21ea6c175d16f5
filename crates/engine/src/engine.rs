use crate::abort::Abort;
use crate::cache::{CompiledPlan, PlanCache, build};
use crate::fault;
use crate::memory::{Buffer, Storage, live};
use crate::operand::Operand;
use crate::pool::{Pool, panicked};
use crate::queue::{Flow, Job, Queue};
use crate::session::Session;
use crate::{execute, pool};
use fovea_core::{Code, Error, Result};
use fovea_graph::import::Interner;
use fovea_kernels::isa::{Isa, flush_denormals};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};

/// The one engine of a process: compute thread, thread pool, arena, plan cache.
pub struct Engine {
    isa: Isa,
    threads: usize,
    interner: Mutex<Interner>,
    plans: Mutex<PlanCache>,
    queue: Queue,
    arena_bytes: Arc<AtomicUsize>,
}

/// What an engine runs on.
pub struct Info {
    pub isa: &'static str,
    pub threads: usize,
}

/// How much memory is in use.
pub struct MemoryInfo {
    pub buffer_bytes: usize,
    pub buffers: usize,
    pub arena_bytes: usize,
    pub plans: usize,
}

/// What the compute thread alone touches.
pub struct Machine {
    pub(crate) pool: Pool,
    pub(crate) arena: Storage,
    scratch: Vec<Storage>,
    pub(crate) scratch_pointers: Vec<usize>,
    /// Told to [`Engine::memory`].
    arena_bytes: Arc<AtomicUsize>,
}

impl Machine {
    pub(crate) fn new(threads: usize, arena_bytes: Arc<AtomicUsize>) -> Result<Machine> {
        let pool = Pool::new(threads)?;
        let arena = Storage::new(0)?;
        Ok(Machine { pool, arena, scratch: vec![], scratch_pointers: vec![], arena_bytes })
    }

    /// Grows the arena and the workers' scratch, between runs.
    pub(crate) fn reserve(&mut self, arena: usize, scratch: usize) -> Result<()> {
        if self.arena.bytes() < arena {
            // The old one goes first: both together may not fit.
            self.arena = Storage::new(0)?;
            self.arena = Storage::new(arena)?;
        }
        if self.scratch.first().is_none_or(|s| s.bytes() < scratch) {
            self.scratch.clear();
            self.scratch = (0..self.pool.threads()).map(|_| Storage::new(scratch)).collect::<Result<_>>()?;
            self.scratch_pointers = self.scratch.iter().map(|s| s.ptr() as usize).collect();
        }
        let total = self.arena.bytes() + self.scratch.iter().map(Storage::bytes).sum::<usize>();
        self.arena_bytes.store(total, Ordering::Relaxed);
        Ok(())
    }
}

impl Engine {
    /// The process's engine, started at first use. `FOVEA_THREADS` and `FOVEA_ISA` are read then.
    pub fn get() -> Result<&'static Engine> {
        static ENGINE: OnceLock<Result<Engine>> = OnceLock::new();
        fault::point("entry");
        ENGINE.get_or_init(Engine::start).as_ref().map_err(Clone::clone)
    }

    fn start() -> Result<Engine> {
        let isa = Isa::detect()?;
        let threads = thread_count()?;
        let queue = Queue::default();
        let arena_bytes = Arc::new(AtomicUsize::new(0));
        let machine = Machine::new(threads, arena_bytes.clone())?;
        let served = queue.clone();
        std::thread::Builder::new()
            .name("fovea-compute".into())
            .spawn(move || {
                flush_denormals();
                served.serve(machine);
            })
            .map_err(|e| Error::internal(format!("could not start the compute thread: {e}")))?;
        Ok(Engine { isa, threads, interner: Mutex::default(), plans: Mutex::default(), queue, arena_bytes })
    }

    pub fn info(&self) -> Info {
        Info { isa: self.isa.name(), threads: self.threads }
    }

    pub fn memory(&self) -> MemoryInfo {
        let (bytes, count) = live();
        let arena_bytes = self.arena_bytes.load(Ordering::Relaxed);
        let plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner).len();
        MemoryInfo { buffer_bytes: bytes.saturating_sub(arena_bytes), buffers: count, arena_bytes, plans }
    }

    pub fn interner(&self) -> MutexGuard<'_, Interner> {
        self.interner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of a graph (see [`Interner::decode`]), compiled unless it was before.
    pub fn compile(&self, words: &[i32]) -> Result<Arc<CompiledPlan>> {
        let cache = || self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        fault::point("compile");
        if let Some(plan) = cache().get(words) {
            return Ok(plan);
        }
        let plan = Arc::new(build(&self.interner, words, self.isa, self.threads)?);
        cache().insert(words, plan.clone());
        Ok(plan)
    }

    /// Compiles on a thread of its own, and calls back from there. If no thread can be started, `done`
    /// is dropped uncalled.
    pub fn compile_later(
        &'static self,
        words: Vec<i32>,
        done: impl FnOnce(Result<Arc<CompiledPlan>>) + Send + 'static,
    ) {
        let work = move || {
            let result = std::panic::catch_unwind(|| self.compile(&words));
            done(result.unwrap_or_else(|panic| Err(panicked("compilation", panic.as_ref()))));
        };
        let _ = std::thread::Builder::new().name("fovea-compile".into()).spawn(work);
    }

    /// Runs a plan once, and calls back from the compute thread.
    pub fn run_later(
        &self,
        plan: Arc<CompiledPlan>,
        operands: Vec<Operand>,
        abort: Arc<Abort>,
        done: impl FnOnce(Result<Vec<Buffer>>) + Send + 'static,
    ) {
        self.queue.push(Box::new(RunOnce { plan, operands, abort, done: Some(done) }));
    }

    /// Runs a plan once and waits for it.
    pub fn run(&self, plan: Arc<CompiledPlan>, operands: Vec<Operand>) -> Result<Vec<Buffer>> {
        let (send, receive) = mpsc::channel();
        self.run_later(plan, operands, Arc::default(), move |result| drop(send.send(result)));
        receive.recv().map_err(|_| Error::internal("the compute thread is gone"))?
    }

    /// Runs an epoch, step by step, in turn with other work.
    pub fn run_epoch(&self, session: Session) {
        self.queue.push(Box::new(session));
    }
}

struct RunOnce<F> {
    plan: Arc<CompiledPlan>,
    operands: Vec<Operand>,
    abort: Arc<Abort>,
    done: Option<F>,
}

impl<F: FnOnce(Result<Vec<Buffer>>) + Send> RunOnce<F> {
    fn finish(&mut self, result: Result<Vec<Buffer>>) {
        // Operands go before the answer, so that whoever gets it finds their memory free.
        self.operands.clear();
        if let Some(done) = self.done.take() {
            done(result);
        }
    }
}

impl<F: FnOnce(Result<Vec<Buffer>>) + Send> Job for RunOnce<F> {
    fn turn(&mut self, machine: &mut Machine) -> Flow {
        let mut outputs = Vec::new();
        let result = if self.abort.aborted() {
            Err(Error::new(Code::Aborted, "the run was aborted"))
        } else {
            execute::run(machine, &self.plan, &self.operands, &mut outputs)
        };
        self.finish(result.map(|()| outputs));
        Flow::Done
    }

    fn panicked(&mut self, panic: &(dyn std::any::Any + Send)) {
        self.finish(Err(pool::panicked("a run", panic)));
    }
}

/// As many threads as the process may use, or as `FOVEA_THREADS` says.
fn thread_count() -> Result<usize> {
    match std::env::var("FOVEA_THREADS") {
        Ok(text) => match text.trim().parse() {
            Ok(n) if (1..=1024).contains(&n) => Ok(n),
            _ => Err(Error::argument(format!(
                "FOVEA_THREADS must be a number from 1 to 1024, received '{text}'"
            ))),
        },
        Err(_) => Ok(std::thread::available_parallelism().map_or(1, |n| n.get())),
    }
}
