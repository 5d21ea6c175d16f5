use crate::abort::Abort;
use crate::cache::{CompiledPlan, PlanCache};
use crate::cpu::pool::panicked;
use crate::device::{Device, Gpus};
use crate::execute::{self, Started};
use crate::fault;
use crate::gpu::Halt;
use crate::machine::Machine;
use crate::memory::Buffer;
use crate::operand::Operand;
use crate::queue::{Flow, Job, Queue};
use crate::session::Session;
use crate::storage::live;
use fovea_core::{Code, Error, Result};
use fovea_graph::import::Interner;
use fovea_graph::plan;
use fovea_graph::target::{Cpu, Gpu};
use fovea_kernels::conv::Precision;
use fovea_kernels::isa::{Isa, denormals_flushed, flush_denormals};
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, mpsc};

/// The one engine of a process: compute thread, thread pool, arena, plan cache.
pub struct Engine {
    isa: Isa,
    threads: usize,
    interner: Mutex<Interner>,
    plans: Mutex<HashMap<(Device, Precision), PlanCache>>,
    queue: Queue,
    arena_bytes: Arc<AtomicUsize>,
    gpus: Arc<Gpus>,
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
    /// In the memory of GPUs.
    pub device_bytes: usize,
    /// Buffers that were ever made there: a steady state makes none.
    pub device_buffers_made: u64,
    pub plans: usize,
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
        let arena_bytes = Arc::new(AtomicUsize::new(0));
        let gpus = Arc::new(Gpus::default());
        let queue = Queue::new(Machine::new(threads, arena_bytes.clone(), gpus.clone())?);
        let served = queue.clone();
        std::thread::Builder::new()
            .name("fovea-compute".into())
            .spawn(move || {
                flush_denormals();
                served.serve();
            })
            .map_err(|e| Error::internal(format!("could not start the compute thread: {e}")))?;
        Ok(Engine {
            isa,
            threads,
            interner: Mutex::default(),
            plans: Mutex::default(),
            queue,
            arena_bytes,
            gpus,
        })
    }

    pub fn info(&self) -> Info {
        Info { isa: self.isa.name(), threads: self.threads }
    }

    pub fn memory(&self) -> MemoryInfo {
        let (bytes, count) = live();
        let arena_bytes = self.arena_bytes.load(Ordering::Relaxed);
        let plans = self.plans().values().map(PlanCache::len).sum();
        let buffer_bytes = bytes.saturating_sub(arena_bytes);
        let (device_bytes, device_buffers_made) = self.gpus.live();
        MemoryInfo { buffer_bytes, buffers: count, arena_bytes, device_bytes, device_buffers_made, plans }
    }

    pub fn interner(&self) -> MutexGuard<'_, Interner> {
        self.interner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a device, unless it is open: a GPU that is not there is an error that says what is.
    pub fn open(&self, device: Device) -> Result<()> {
        match device {
            Device::Cpu => Ok(()),
            Device::Gpu(index) => self.gpus.get(index).map(drop),
        }
    }

    /// The plan of a graph (see [`Interner::decode`]) for a device, compiled unless it was before. Only
    /// the CPU's kernels know of a precision.
    pub fn compile(&self, words: &[i32], device: Device, precision: Precision) -> Result<Arc<CompiledPlan>> {
        fault::point("compile");
        let kind = (device, precision);
        if let Some(plan) = self.plans().entry(kind).or_default().get(words) {
            return Ok(plan);
        }
        let plan = Arc::new(self.build(words, device, precision)?);
        self.plans().entry(kind).or_default().insert(words, plan.clone());
        Ok(plan)
    }

    fn plans(&self) -> MutexGuard<'_, HashMap<(Device, Precision), PlanCache>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self, words: &[i32], device: Device, precision: Precision) -> Result<CompiledPlan> {
        let graph = self.interner().decode(words)?;
        match device {
            Device::Cpu => {
                let cpu = Cpu { isa: self.isa, precision };
                Ok(CompiledPlan::cpu(plan::compile(graph, &cpu)?, self.threads))
            }
            Device::Gpu(index) => {
                let limits = self.gpus.get(index)?.limits();
                Ok(CompiledPlan::gpu(plan::compile(graph, &Gpu(limits))?, index))
            }
        }
    }

    /// Does something that may take long on a thread of its own; `done` is called from there. If no
    /// thread can be started, it is dropped uncalled.
    pub fn later<T: 'static>(
        &'static self,
        what: &'static str,
        work: impl FnOnce(&'static Engine) -> Result<T> + Send + 'static,
        done: impl FnOnce(Result<T>) + Send + 'static,
    ) {
        let run = move || {
            let result = std::panic::catch_unwind(AssertUnwindSafe(|| work(self)));
            done(result.unwrap_or_else(|panic| Err(panicked(what, panic.as_ref()))));
        };
        let _ = std::thread::Builder::new().name(format!("fovea-{what}")).spawn(run);
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

    /// Runs a plan for the CPU once, on this thread, unless other work is under way. Where a GPU has buffers,
    /// the compute thread alone may wait for them.
    pub fn run_at_once(&self, plan: &CompiledPlan, operands: &[Operand]) -> Option<Result<Vec<Buffer>>> {
        let run = |machine: &mut Machine| {
            let here = plan.is_for_cpu() && self.gpus.live().0 == 0;
            here.then(|| denormals_flushed(|| run_once(machine, plan, operands)))
        };
        self.queue.at_once(run)?.unwrap_or_else(|panic| Some(Err(panicked("a run", panic.as_ref()))))
    }

    /// Runs a plan once and waits for it.
    pub fn run(&self, plan: Arc<CompiledPlan>, operands: Vec<Operand>) -> Result<Vec<Buffer>> {
        if let Some(result) = self.run_at_once(&plan, &operands) {
            return result;
        }
        let (send, receive) = mpsc::channel();
        self.run_later(plan, operands, Arc::default(), move |result| drop(send.send(result)));
        receive.recv().map_err(|_| Error::internal("the compute thread is gone"))?
    }

    /// Brings a buffer's bytes to the host, and calls back from the compute thread. GPUs are waited for
    /// there and nowhere else.
    pub fn fetch_later(&self, buffer: Buffer, done: impl FnOnce(Result<()>) + Send + 'static) {
        self.queue.push(Box::new(Fetch { buffer, done: Some(done) }));
    }

    /// Brings a buffer's bytes to the host and waits for that.
    pub fn fetch(&self, buffer: &Buffer) -> Result<()> {
        if buffer.is_on_host() {
            return Ok(());
        }
        let (send, receive) = mpsc::channel();
        self.fetch_later(buffer.clone(), move |result| drop(send.send(result)));
        receive.recv().map_err(|_| Error::internal("the compute thread is gone"))?
    }

    /// Runs an epoch, step by step, in turn with other work.
    pub fn run_epoch(&self, session: Session) {
        self.queue.push(Box::new(session));
    }
}

struct Fetch<F> {
    buffer: Buffer,
    done: Option<F>,
}

impl<F: FnOnce(Result<()>) + Send> Job for Fetch<F> {
    fn turn(&mut self, _: &mut Machine) -> Flow {
        let fetched = self.buffer.bytes().map(drop);
        if let Some(done) = self.done.take() {
            done(fetched);
        }
        Flow::Done
    }

    fn panicked(&mut self, panic: &(dyn std::any::Any + Send)) {
        if let Some(done) = self.done.take() {
            done(Err(panicked("a read", panic)));
        }
    }
}

struct RunOnce<F> {
    plan: Arc<CompiledPlan>,
    operands: Vec<Operand>,
    abort: Arc<Abort>,
    done: Option<F>,
}

/// Runs a plan once; gives the outputs. On a GPU they may still be on their way; only a run that can refuse
/// to write variables is waited for.
fn run_once(machine: &mut Machine, plan: &CompiledPlan, operands: &[Operand]) -> Result<Vec<Buffer>> {
    let mut outputs = Vec::new();
    match execute::start(machine, plan, operands, &mut outputs, &mut Halt::default())? {
        Started::Flying(flight) if plan.is_guarded() => flight.finish(machine, plan).map(drop)?,
        Started::Flying(_) | Started::Done => {}
    }
    Ok(outputs)
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
        let result = if self.abort.aborted() {
            Err(Error::new(Code::Aborted, "the run was aborted"))
        } else {
            run_once(machine, &self.plan, &self.operands)
        };
        self.finish(result);
        Flow::Done
    }

    fn panicked(&mut self, panic: &(dyn std::any::Any + Send)) {
        self.finish(Err(panicked("a run", panic)));
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
