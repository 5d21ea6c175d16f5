//! Whole epochs through the engine: what they compute, and that a steady state allocates no tensor.

use fovea_core::{Code, DType, Result, Shape, TensorType};
use fovea_data::{Feed, QueueSource, TensorSource};
use fovea_engine::{
    Batch, Buffer, Device, Engine, Epoch, Gate, Listener, Next, Operand, Precision, Session, Source, Variable,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

/// Larger than any bookkeeping of a step, smaller than any tensor of the test's network.
const TENSOR: usize = 4096;

/// Counts allocations of at least [`TENSOR`] bytes, whichever thread makes them.
struct Counting;

static LARGE: AtomicUsize = AtomicUsize::new(0);

// SAFETY: forwards to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        LARGE.fetch_add(usize::from(layout.size() >= TENSOR), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(ptr, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Writes graphs in the format of `Interner::decode`.
#[derive(Default)]
struct Writer {
    leaves: Vec<i32>,
    nodes: Vec<i32>,
    count: i32,
    types: Vec<u32>,
}

impl Writer {
    fn leaf(&mut self, variable: bool, dtype: DType, sizes: &[usize]) -> i32 {
        let ty = TensorType::new(dtype, Shape::of(sizes));
        let id = Engine::get().unwrap().interner().ty(ty).unwrap();
        self.leaves.extend([i32::from(variable), id as i32]);
        self.types.push(id);
        self.types.len() as i32 - 1
    }

    fn op(&mut self, name: &str, attributes: &str, inputs: &[i32]) -> i32 {
        let mut interner = Engine::get().unwrap().interner();
        let op = interner.op(name, attributes).unwrap();
        let types: Vec<u32> = inputs.iter().map(|&i| self.types[i as usize]).collect();
        self.types.extend(interner.infer(op, &types).unwrap());
        self.nodes.extend([op as i32, inputs.len() as i32]);
        self.nodes.extend(inputs);
        self.count += 1;
        self.types.len() as i32 - 1
    }

    fn finish(self, output: i32, assign: [i32; 2], guard: i32) -> Vec<i32> {
        let leaves = self.leaves.len() as i32 / 2;
        [
            vec![leaves],
            self.leaves,
            vec![self.count],
            self.nodes,
            vec![1, output, 1],
            assign.to_vec(),
            vec![guard],
        ]
        .concat()
    }
}

/// Least squares by gradient descent on rows of 64 bytes: x as uint8, y as float32.
fn plan(rows: usize) -> Vec<i32> {
    let mut w = Writer::default();
    let x = w.leaf(false, DType::U8, &[rows, 64]);
    let y = w.leaf(false, DType::F32, &[rows, 32]);
    let weights = w.leaf(true, DType::F32, &[64, 32]);
    let (scale, rate) = (w.leaf(false, DType::F32, &[]), w.leaf(false, DType::F32, &[]));
    let x = w.op("mul", "{}", &[x, scale]);
    let p = w.op("matmul", r#"{"transposeA":false,"transposeB":false}"#, &[x, weights]);
    let e = w.op("sub", "{}", &[p, y]);
    let e = w.op("square", "{}", &[e]);
    let loss = w.op("reduce", r#"{"kind":"mean","axes":[],"keepdims":false}"#, &[e]);
    let g = w.op("gradients", "{}", &[loss, weights]);
    let g = w.op("mul", "{}", &[g, rate]);
    let next = w.op("sub", "{}", &[weights, g]);
    w.finish(loss, [2, next], loss)
}

struct Recorder {
    losses: Vec<f64>,
    /// The count of large allocations after each step.
    large: Vec<usize>,
    done: mpsc::Sender<(Result<Epoch>, Vec<f64>, Vec<usize>)>,
}

impl Listener for Recorder {
    fn begin(&mut self, _: usize) -> Option<Gate> {
        None
    }

    fn end(&mut self, _: usize, logs: &[f64]) -> Option<Gate> {
        self.losses.push(logs[0]);
        self.large.push(LARGE.load(Ordering::Relaxed));
        None
    }

    fn stop(&self) -> bool {
        false
    }

    fn keeps_pace(&self) -> bool {
        false
    }

    fn finish(&mut self, result: Result<Epoch>) {
        let _ = self.done.send((result, self.losses.clone(), self.large.clone()));
    }
}

fn run(source: impl Source + 'static) -> (Epoch, Vec<f64>, Vec<usize>) {
    let (result, losses, large) = attempt(source);
    (result.unwrap(), losses, large)
}

fn attempt(source: impl Source + 'static) -> (Result<Epoch>, Vec<f64>, Vec<usize>) {
    let (done, wait) = mpsc::channel();
    let recorder = Recorder { losses: Vec::with_capacity(256), large: Vec::with_capacity(256), done };
    Engine::get().unwrap().run_epoch(Session::new(
        Box::new(source),
        Box::new(recorder),
        Arc::default(),
        0,
        false,
    ));
    wait.recv().unwrap()
}

const ROWS: usize = 203;

/// One test at a time: they share the count of allocations.
static ALONE: Mutex<()> = Mutex::new(());

fn data() -> (Buffer, Buffer) {
    let pixel = |i: usize| ((i * 31 + i / 64 * 17) % 251) as u8;
    let x: Vec<u8> = (0..ROWS * 64).map(pixel).collect();
    let target = |i: usize| (x[i / 32 * 64 + i % 32] as f32 / 255.0).to_ne_bytes();
    let y: Vec<u8> = (0..ROWS * 32).flat_map(target).collect();
    let x_type = TensorType::new(DType::U8, Shape::of(&[ROWS, 64]));
    (Buffer::from_bytes(x_type, &x).unwrap(), Buffer::from_bytes(TensorType::f32(&[ROWS, 32]), &y).unwrap())
}

fn weights() -> Arc<Variable> {
    Arc::new(Variable::new(Buffer::zeros(TensorType::f32(&[64, 32])).unwrap()))
}

fn feed(rows: usize, weights: &Arc<Variable>) -> Feed {
    feed_on(Device::Cpu, rows, weights)
}

fn feed_on(device: Device, rows: usize, weights: &Arc<Variable>) -> Feed {
    let plan = Engine::get().unwrap().compile(&plan(rows), device, Precision::High).unwrap();
    let operands =
        vec![Operand::Variable(weights.clone()), Operand::Number(1.0 / 255.0), Operand::Number(0.5)];
    Feed { plan, operands }
}

#[test]
fn an_epoch_reads_every_row_once_in_the_order_of_its_key_and_allocates_no_tensor() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (x, y) = data();
    let epoch = |shuffle, weights: &Arc<Variable>| {
        let tail = Some(feed(ROWS % 2, weights));
        TensorSource::new(vec![x.clone(), y.clone()], 0..ROWS, 2, shuffle, feed(2, weights), tail).unwrap()
    };
    let (a, b, c) = (weights(), weights(), weights());
    let (ended, losses, large) = run(epoch(Some([5, 1]), &a));
    assert_eq!(ended.steps, ROWS.div_ceil(2));
    let early: f64 = losses[..10].iter().sum();
    let late: f64 = losses[losses.len() - 10..].iter().sum();
    assert!(late < early / 2.0, "it learns: {early} at first, {late} at last");
    assert_eq!(large[20], large[95], "a steady state allocated tensors");

    let (_, same, _) = run(epoch(Some([5, 1]), &b));
    assert_eq!(same, losses, "the same key gives the same order");
    let (_, other, _) = run(epoch(Some([5, 2]), &c));
    assert_ne!(other, losses, "another key gives another order");
}

#[test]
fn a_batch_of_all_rows_in_order_is_the_data_themselves() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (x, y) = data();
    let v = weights();
    let lies_at = |rows, batch, shuffle| {
        let tail = Some(feed(3, &v));
        let data = vec![x.clone(), y.clone()];
        let mut source =
            TensorSource::new(data, rows, batch, shuffle, feed(batch.min(ROWS), &v), tail).unwrap();
        match source.next().unwrap() {
            Next::Batch(Batch { operands: [Operand::Buffer(x), ..], .. }) => x.bytes().unwrap().as_ptr(),
            _ => panic!("there is a batch"),
        }
    };
    let own = x.bytes().unwrap().as_ptr();
    assert_eq!(lies_at(0..ROWS, ROWS, None), own);
    assert_eq!(lies_at(0..ROWS, 2 * ROWS, None), own);
    assert_ne!(lies_at(0..ROWS, 100, None), own);
    assert_ne!(lies_at(3..ROWS, ROWS - 3, None), own);
    assert_ne!(lies_at(0..ROWS, ROWS, Some([1, 2])), own);
}

#[test]
fn a_queue_gives_its_batches_and_ends() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (x, y) = data();
    let v = weights();
    let queue = QueueSource::default();
    let filler = queue.clone();
    let batches = 9;
    let pushed = std::thread::spawn({
        let v = v.clone();
        move || {
            let mut taken = 0;
            for i in 0..batches {
                let cut = |b: &Buffer, sizes: &[usize]| {
                    let all = b.bytes().unwrap();
                    let bytes = all.len() / ROWS;
                    let ty = TensorType::new(b.ty.dtype, Shape::of(sizes));
                    Operand::Buffer(Buffer::from_bytes(ty, &all[i * bytes..(i + 2) * bytes]).unwrap())
                };
                let Feed { plan, operands } = feed(2, &v);
                let operands = [vec![cut(&x, &[2, 64]), cut(&y, &[2, 32])], operands].concat();
                let (send, room) = mpsc::channel();
                filler.push(plan, operands, Box::new(move |ok| send.send(ok).unwrap()));
                taken += usize::from(room.recv().unwrap());
            }
            filler.end();
            taken
        }
    });
    let (ended, losses, _) = run(queue.consumer());
    assert_eq!((ended.steps, pushed.join().unwrap()), (batches, batches));
    assert!(losses[batches - 1] < losses[0]);
}

#[test]
fn rows_that_are_not_there_are_refused() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (x, y) = data();
    let v = weights();
    let source = |rows, batch, tail| {
        TensorSource::new(vec![x.clone(), y.clone()], rows, batch, None, feed(2, &v), tail).map(drop)
    };
    assert!(source(0..ROWS + 1, 2, None).is_err());
    assert!(source(0..4, 0, None).is_err());
    assert!(source(0..5, 2, None).is_err(), "a last batch without a plan");
    assert!(source(0..4, 2, None).is_ok());
}

#[test]
fn a_known_graph_finds_its_plan_without_being_copied() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut w = Writer::default();
    let weights = w.leaf(true, DType::F32, &[1]);
    let next = (0..TENSOR / 8).fold(weights, |x, _| w.op("tanh", "{}", &[x]));
    let words = w.finish(next, [0, next], -1);
    assert!(size_of_val(&words[..]) > TENSOR, "a copy would be counted");
    let engine = Engine::get().unwrap();
    let plan = engine.compile(&words, Device::Cpu, Precision::High).unwrap();
    let before = LARGE.load(Ordering::Relaxed);
    let again = engine.compile(&words, Device::Cpu, Precision::High).unwrap();
    assert_eq!(LARGE.load(Ordering::Relaxed), before);
    assert!(Arc::ptr_eq(&plan, &again));
}

/// The first GPU, if there is one.
fn gpu() -> Option<Device> {
    fovea_gpu::testing::found().then_some(Device::Gpu(0))
}

fn values(weights: &Arc<Variable>) -> Vec<f32> {
    let snapshot = weights.snapshot().unwrap();
    Engine::get().unwrap().fetch(&snapshot).unwrap();
    let bytes = snapshot.bytes().unwrap();
    bytes.chunks_exact(4).map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]])).collect()
}

#[test]
fn an_epoch_on_a_gpu_is_that_of_the_cpu_and_makes_no_buffer_once_it_runs() {
    let Some(device) = gpu() else { return };
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (x, y) = data();
    let epoch = |device, weights: &Arc<Variable>| {
        let (full, tail) = (feed_on(device, 2, weights), Some(feed_on(device, ROWS % 2, weights)));
        let data = vec![x.clone(), y.clone()];
        TensorSource::new(data, 0..ROWS, 2, Some([5, 1]), full, tail).unwrap()
    };
    let (cpu, gpu) = (weights(), weights());
    let (_, expected, _) = run(epoch(Device::Cpu, &cpu));
    let (_, losses, _) = run(epoch(device, &gpu));
    assert_eq!(losses.len(), expected.len());
    for (i, (a, b)) in losses.iter().zip(&expected).enumerate() {
        assert!((a - b).abs() < 1e-5, "step {i}: {a}, {b}");
    }
    let made = || Engine::get().unwrap().memory().device_buffers_made;
    let before = made();
    let (_, again, _) = run(epoch(device, &gpu));
    assert!(again[0] < losses[0], "it goes on from where it was");
    // How many steps wait at once decides how many buffers go round: now and then it is one more.
    let more = made() - before;
    assert!(more < 8, "{} steps made {more} buffers", again.len());
    // And back: what the GPU has learned is read by the CPU.
    let (_, back, _) = run(epoch(Device::Cpu, &gpu));
    assert!(back[0] < again[0]);
}

#[test]
fn a_loss_that_is_not_finite_stops_the_steps_behind_it_too() {
    let Some(device) = gpu() else { return };
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let (x, y) = data();
    let mut bytes = y.bytes().unwrap().to_vec();
    bytes[12 * 32 * 4..][..4].copy_from_slice(&f32::NAN.to_ne_bytes());
    let spoilt = Buffer::from_bytes(y.ty.clone(), &bytes).unwrap();
    let epoch = |y: &Buffer, rows, weights: &Arc<Variable>| {
        let feed = feed_on(device, 2, weights);
        TensorSource::new(vec![x.clone(), y.clone()], 0..rows, 2, None, feed, None).unwrap()
    };
    let (kept, struck) = (weights(), weights());
    run(epoch(&y, 12, &kept));
    let (result, losses, _) = attempt(epoch(&spoilt, 40, &struck));
    let error = result.err().expect("the seventh step has no finite loss");
    assert_eq!((error.code, losses.len()), (Code::NotFinite, 6));
    assert!(error.message.contains("input 1 holds values that are not finite"), "{}", error.message);
    assert_eq!(values(&struck), values(&kept), "a step after the sixth wrote the weights");
    run(epoch(&y, 12, &struck));
}
