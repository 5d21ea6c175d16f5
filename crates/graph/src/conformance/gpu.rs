//! Every shader of every sample on the GPU of this machine against the f64 oracle; a second run, with
//! everything at other places, gives the same bits. A software GPU will do; without any the test says
//! that it was skipped.

use super::check::{check, fused};
use super::memory::encode;
use super::naga::{lower, module};
use super::samples;
use crate::checked::AnySample;
use crate::gpu::{Operand, word};
use crate::graph::{Graph, Node};
use crate::lower::Lowered;
use crate::ops::Op;
use crate::target::{Gpu, GpuWork, Target};
use fovea_core::{Error, Result, TensorType};
use fovea_gpu::testing::device;
use fovea_gpu::{Device, Memory, Range};
use std::collections::BTreeMap;

/// How a plan could run a graph: the results must be the same bits.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Manner {
    Plain,
    /// Everything further back in memory, and outputs where inputs lie if the op allows it.
    Awkward,
}

/// What unwritten memory holds: NaN as a float, out of range as an index.
const GARBAGE: u8 = 0xFF;

/// A piece of the arena.
#[derive(Clone, Copy, PartialEq)]
struct Piece {
    offset: usize,
    bytes: usize,
}

/// The arena of one run, while its pieces are laid out one behind the other.
struct Layout<'a> {
    target: &'a Gpu,
    end: usize,
    bytes: Vec<u8>,
}

impl Layout<'_> {
    fn piece(&mut self, bytes: usize) -> Piece {
        let piece = Piece { offset: self.end, bytes: bytes.max(4) };
        self.end = (self.end + piece.bytes).next_multiple_of(self.target.align());
        self.bytes.resize(self.end, GARBAGE);
        piece
    }

    /// A value that is there from the beginning.
    fn given(&mut self, ty: &TensorType, host: &[u8]) -> Piece {
        let piece = self.piece(self.target.bytes(ty));
        let device = &mut self.bytes[piece.offset..][..ty.elements() * word::size(ty.dtype)];
        word::widen(ty.dtype, host, device);
        piece
    }
}

/// One node's work and where its operands lie.
struct Placed<'g> {
    node: &'g Node,
    lowered: Lowered<GpuWork>,
    inputs: Vec<Piece>,
    outputs: Vec<Piece>,
    temp: Piece,
}

/// The bytes of the sample's outputs; `None` if a node has no kernel.
pub(super) fn run(
    device: &Device,
    target: &Gpu,
    sample: &AnySample,
    graph: &Graph,
    manner: Manner,
) -> Result<Option<Vec<Vec<u8>>>> {
    let mut layout = Layout { target, end: 0, bytes: vec![] };
    if manner == Manner::Awkward {
        layout.piece(3 * target.align());
    }
    let mut values: Vec<Vec<Piece>> = Vec::new();
    let mut steps: Vec<Placed> = Vec::new();
    for node in &graph.nodes {
        let inputs: Vec<Piece> =
            node.inputs.iter().map(|v| values[v.node as usize][v.out as usize]).collect();
        let outputs = match &node.op {
            Op::Leaf(i) => {
                let arg = &sample.inputs[*i as usize];
                vec![layout.given(&arg.ty, &encode(arg.ty.dtype, arg.data.iter().copied()))]
            }
            op if op.is_view() => inputs,
            _ => {
                let Some(lowered) = lower(target, graph, node) else { return Ok(None) };
                let mut outputs: Vec<Piece> =
                    node.types.iter().map(|ty| layout.piece(target.bytes(ty))).collect();
                let fits = |&i: &usize| target.interchangeable(graph.ty(node.inputs[i]), &node.types[0]);
                if manner == Manner::Awkward
                    && let Some(i) = lowered.overwritable.iter().copied().find(fits)
                {
                    outputs[0] = inputs[i];
                }
                let temp = layout.piece(lowered.temp);
                steps.push(Placed { node, lowered, inputs, outputs: outputs.clone(), temp });
                outputs
            }
        };
        values.push(outputs);
    }
    let memory = device.memory(layout.bytes.len())?;
    let mut stream = device.stream();
    stream.upload(&memory, 0, &layout.bytes)?;
    for step in &steps {
        record(device, &mut stream, &memory, graph, step)?;
    }
    let types = graph.outputs.iter().map(|v| (values[v.node as usize][v.out as usize], graph.ty(*v)));
    let downloads = types
        .map(|(piece, ty)| {
            Ok((ty, stream.download(&memory, piece.offset, ty.elements() * word::size(ty.dtype))?))
        })
        .collect::<Result<Vec<_>>>()?;
    let ticket = stream.submit()?;
    let host = |(ty, download): (&TensorType, fovea_gpu::Download)| {
        let mut host = vec![0; ty.bytes()];
        word::narrow(ty.dtype, &download.get(&ticket)?, &mut host);
        Ok(host)
    };
    downloads.into_iter().map(host).collect::<Result<_>>().map(Some)
}

fn record(
    device: &Device,
    stream: &mut fovea_gpu::Stream,
    memory: &Memory,
    graph: &Graph,
    step: &Placed,
) -> Result<()> {
    for work in &step.lowered.work {
        let mut pieces: Vec<Piece> = Vec::new();
        let mut places = Vec::new();
        for operand in &work.dispatch.operands {
            let piece = match *operand {
                Operand::Input(i) => step.inputs[i as usize],
                Operand::Output(k) => step.outputs[k as usize],
                Operand::Temp => step.temp,
                Operand::Halt => return Err(Error::internal("nothing heeds a guard here")),
            };
            let place = pieces.iter().position(|p| *p == piece).unwrap_or_else(|| {
                pieces.push(piece);
                pieces.len() - 1
            });
            places.push(place as u32);
        }
        let text = module(graph, step.node, &work.dispatch, |i, _| places[i], false);
        let pipeline = device.pipeline(&text, pieces.len() as u32, step.node.op.name())?;
        let range = |p: &Piece| Range { memory, offset: p.offset, bytes: p.bytes };
        let bind = device.bind(&pipeline, &pieces.iter().map(range).collect::<Vec<_>>())?;
        stream.run(&pipeline, &bind, work.dispatch.workgroups);
    }
    Ok(())
}

#[test]
fn shaders_are_their_oracles_and_give_the_same_bits_again() {
    let Some(device) = device() else { return };
    let target = Gpu(device.limits());
    let name = &device.info().name;
    let (mut runs, mut elements, mut wrong) = (0, 0, Vec::new());
    let mut without: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in &samples() {
        let graph = fused(sample, &target);
        let outputs = match run(&device, &target, sample, &graph, Manner::Plain) {
            Ok(Some(outputs)) => outputs,
            Ok(None) => {
                *without.entry(sample.op.name()).or_default() += 1;
                continue;
            }
            Err(e) => {
                wrong.push(format!("{}: {e}", sample.describe()));
                continue;
            }
        };
        match check(name, sample, &outputs) {
            Ok(checked) => elements += checked,
            Err(what) => wrong.push(what),
        }
        match run(&device, &target, sample, &graph, Manner::Awkward) {
            Ok(Some(again)) if again == outputs => {}
            Ok(_) => wrong.push(format!("{} on {name}: another run gives other bits", sample.describe())),
            Err(e) => wrong.push(format!("{}: {e}", sample.describe())),
        }
        runs += 1;
    }
    println!("{runs} samples on {name}; without a kernel: {without:?}");
    let shown: Vec<&str> = wrong.iter().take(30).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} of {runs} samples are wrong:\n{}", wrong.len(), shown.join("\n"));
    assert!(runs > 1300 && elements > 100_000, "{runs} samples, {elements} elements");
}
