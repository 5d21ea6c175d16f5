//! From a node to phases: what a CPU runs. A phase is cut into chunks that any thread may take in
//! any order; a phase begins when the one before it is complete.

use crate::explain::{self, Explanation};
use crate::target::Cpu;
use fovea_core::{Bf16, DType, Result, TensorType};
use fovea_kernels::conv::Precision;
use fovea_kernels::gemm::{Epilogue, Gate};
use fovea_kernels::isa::Isa;
use fovea_kernels::routine::{Float, Floats, Operands, PhaseSpec, Prelude, Routine};

/// A place in memory, by number: the plan says where it lies when it runs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Loc(pub u32);

/// What runs one chunk.
pub type Run = Box<dyn Fn(&Io, usize) -> Result<()> + Send + Sync>;

/// One step of a plan: what a device does, and with what.
pub struct Phase<W> {
    /// The op's name, for profiles.
    pub name: &'static str,
    /// The node of the caller's graph it belongs to.
    pub origin: u32,
    pub inputs: Vec<Loc>,
    pub outputs: Vec<Loc>,
    /// Memory that the phases of one node share.
    pub temp: Option<Loc>,
    /// The types of what is complete in `outputs` when this phase is: empty but for a node's last.
    pub results: Vec<TensorType>,
    /// Of the node, if it is a product: floating-point operations as it is defined.
    pub flops: f64,
    pub work: W,
}

/// What a CPU does in one phase.
pub struct CpuWork {
    pub chunks: usize,
    /// Bytes of scratch for a running chunk.
    pub scratch: usize,
    /// Roughly how many floating-point operations it is.
    pub cost: f64,
    pub run: Run,
}

/// What lowering one node gave.
pub struct Lowered<W> {
    pub work: Vec<W>,
    /// Bytes that the node's phases share.
    pub temp: usize,
    /// Outputs may lie where these inputs lie, if nobody needs those any more.
    pub overwritable: Vec<usize>,
    /// Floating-point operations of a product, as it is defined; 0 of anything else.
    pub flops: f64,
    /// What need not run again while an input stays as it is, if the shared bytes are kept.
    pub prelude: Option<Prelude>,
}

impl<W> Default for Lowered<W> {
    fn default() -> Lowered<W> {
        Lowered { work: vec![], temp: 0, overwritable: vec![], flops: 0.0, prelude: None }
    }
}

/// Where a running chunk finds its operands. Pointers are aligned to 64 bytes, but for those of
/// buffers that a run is given, which are aligned to their elements.
pub struct Io<'a> {
    pub inputs: &'a [*const u8],
    pub outputs: &'a [*mut u8],
    pub temp: *mut u8,
    pub scratch: *mut u8,
}

impl Io<'_> {
    pub fn input<T>(&self, i: usize) -> *const T {
        self.inputs[i].cast()
    }

    pub fn output<T>(&self, i: usize) -> *mut T {
        self.outputs[i].cast()
    }
}

/// What an op is given to lower one node.
pub struct Lower<'a> {
    pub isa: Isa,
    pub precision: Precision,
    pub input_types: &'a [TensorType],
    pub output_types: &'a [TensorType],
    /// By input: whether it stays as it is from run to run; none does if left out.
    pub(crate) lasting: &'a [bool],
    pub(crate) lowered: Lowered<CpuWork>,
}

impl<'a> Lower<'a> {
    pub(crate) fn new(cpu: Cpu, input_types: &'a [TensorType], output_types: &'a [TensorType]) -> Lower<'a> {
        let Cpu { isa, precision } = cpu;
        Lower { isa, precision, input_types, output_types, lasting: &[], lowered: Lowered::default() }
    }

    /// The device that nodes are lowered for.
    pub(crate) fn device(&self) -> Cpu {
        Cpu { isa: self.isa, precision: self.precision }
    }

    /// The known sides of input `i`.
    pub fn input_sizes(&self, i: usize) -> Vec<usize> {
        self.input_types[i].sizes()
    }

    /// The known sides of output `i`.
    pub fn output_sizes(&self, i: usize) -> Vec<usize> {
        self.output_types[i].sizes()
    }

    /// Whether input `i` stays as it is from run to run, so that what is made of it can be kept.
    pub fn lasts(&self, i: usize) -> bool {
        self.lasting.get(i).is_some_and(|&lasts| lasts)
    }

    /// What the operands of a product are: inputs 0 and 1, and output 0.
    pub fn floats(&self) -> Floats {
        Floats { inputs: float(&self.input_types[0]), output: float(&self.output_types[0]) }
    }

    /// Pushes the phases of a routine of the kernels crate. `run` is given phase, chunk and operands.
    pub fn routine(
        &mut self,
        phases: Vec<PhaseSpec>,
        temp: usize,
        run: impl Fn(usize, usize, &Io) + Send + Sync + 'static,
    ) {
        self.fallible(phases, temp, move |phase, chunk, io| {
            run(phase, chunk, io);
            Ok(())
        });
    }

    /// Pushes the one phase of a routine of the kernels crate. `run` is given chunk and operands.
    pub fn chunks(&mut self, phase: PhaseSpec, run: impl Fn(usize, &Io) + Send + Sync + 'static) {
        self.routine(vec![phase], 0, move |_, chunk, io| run(chunk, io));
    }

    /// A planned routine on inputs 0 and 1; those after them are the operands of its epilogue: bias, addend and
    /// gate, as far as there are any. Another may say what max pooling took. Outputs 1 and 2 are the moments of the
    /// result, if the epilogue finds them. `FOVEA_EXPLAIN=1` says how it was planned.
    ///
    /// # Safety
    /// The operands have the sizes that it was planned for.
    pub(crate) unsafe fn planned(
        &mut self,
        explanation: &Explanation,
        epilogue: Epilogue,
        winners: Option<usize>,
        routine: Box<dyn Routine>,
    ) {
        explain::say(|| explanation.line(self.isa, &*routine));
        self.lowered.flops = explanation.sizes.work();
        self.lowered.prelude = routine.prelude();
        // The kernels add a bias in f32: each chunk widens it anew, which takes no time beside its sums.
        let [bias, addend, gate] = operands(epilogue);
        let narrow = bias.map(|bias| &self.input_types[bias]).filter(|bias| bias.dtype == DType::Bf16);
        let channels: usize = narrow.map_or(0, |bias| bias.sizes().iter().product());
        let own = (channels * size_of::<f32>()).next_multiple_of(64);
        let mut phases = routine.phases().to_vec();
        phases.iter_mut().for_each(|phase| phase.scratch += own);
        // There may be no bias yet when the prelude runs.
        let first = routine.prelude().map_or(0, |prelude| prelude.phases);
        self.routine(phases, routine.temp(), move |phase, chunk, io| {
            let inputs = [io.input(0), io.input(1)];
            let there = |operand: Option<usize>| operand.map_or(std::ptr::null(), |i| io.input::<f32>(i));
            let [mut bias, addend, gate] = [bias, addend, gate].map(there);
            let [gate, winners] = [gate, there(winners)].map(|operand| operand.cast());
            if channels > 0 && phase >= first {
                let wide: *mut f32 = io.scratch.cast();
                for channel in 0..channels {
                    // SAFETY: the caller's promise; the scratch has room for all channels.
                    unsafe { *wide.add(channel) = (*bias.cast::<Bf16>().add(channel)).to_f32() };
                }
                bias = wide;
            }
            let scratch = io.scratch.wrapping_add(own);
            let (output, temp) = (io.output(0), io.temp);
            let moment = |i: usize| if epilogue.moments { io.output(i) } else { std::ptr::null_mut() };
            let moments = [moment(1), moment(2)];
            let at = Operands { inputs, bias, addend, gate, winners, moments, output, temp, scratch };
            // SAFETY: the caller's promise; the executor keeps the order of phases and shares memory.
            unsafe { routine.run(phase, chunk, &at) }
        });
    }

    /// A routine that can find its data wrong, an index out of range say.
    pub fn fallible(
        &mut self,
        phases: Vec<PhaseSpec>,
        temp: usize,
        run: impl Fn(usize, usize, &Io) -> Result<()> + Send + Sync + 'static,
    ) {
        let run = std::sync::Arc::new(run);
        self.lowered.temp = self.lowered.temp.max(temp);
        for (p, spec) in phases.into_iter().enumerate() {
            let run = run.clone();
            let PhaseSpec { chunks, scratch, cost } = spec;
            let run: Run = Box::new(move |io, chunk| run(p, chunk, io));
            self.lowered.work.push(CpuWork { chunks, scratch, cost, run });
        }
    }

    /// Outputs may lie where input `i` lies: each element is read before anything is written there.
    pub fn may_overwrite(&mut self, i: usize) {
        self.lowered.overwritable.push(i);
    }

    /// Outputs may lie where a tensor that a convolution's epilogue reads lies.
    pub(crate) fn may_overwrite_beside(&mut self, epilogue: Epilogue) {
        let [_, addend, gate] = operands(epilogue);
        [addend, gate].into_iter().flatten().for_each(|i| self.may_overwrite(i));
    }
}

/// Which inputs of a product are the bias, the addend and the gate of its epilogue.
pub(crate) fn operands(epilogue: Epilogue) -> [Option<usize>; 3] {
    let mut next = 2..;
    let mut place = |is: bool| if is { next.next() } else { None };
    [place(epilogue.bias), place(epilogue.addend), place(epilogue.gate != Gate::None)]
}

/// A float type as the kernels know it.
pub(crate) fn float(ty: &TensorType) -> Float {
    if ty.dtype == DType::Bf16 { Float::Bf16 } else { Float::F32 }
}
