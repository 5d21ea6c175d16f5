//! Every shader of every sample is valid WGSL, which no device is needed for.

use super::check::fused;
use super::samples;
use crate::gpu::assemble::{self, Binding};
use crate::gpu::{Dispatch, Limits, Operand, library, word};
use crate::graph::{Graph, Node};
use crate::lower::Lowered;
use crate::ops::Op;
use crate::target::{Gpu, GpuWork, Target};
use fovea_core::{Code, TensorType};
use naga::valid::{Capabilities, ValidationFlags, Validator};
use std::collections::{BTreeMap, HashSet};

/// The work of a node on a GPU; `None` if it has no kernel there.
pub(super) fn lower(target: &Gpu, graph: &Graph, node: &Node) -> Option<Lowered<GpuWork>> {
    let inputs: Vec<TensorType> = node.inputs.iter().map(|&v| graph.ty(v).clone()).collect();
    match target.lower(&node.op, &inputs, &node.types, &[]) {
        Ok(lowered) => Some(lowered),
        Err(e) if e.code == Code::Unsupported => None,
        Err(e) => panic!("{}: {e}", node.op.name()),
    }
}

/// The module of a dispatch with its operands at these places.
pub(super) fn module(
    graph: &Graph,
    node: &Node,
    dispatch: &Dispatch,
    place: impl Fn(usize, Operand) -> u32,
    halts: bool,
) -> String {
    let word = |operand: &Operand| match *operand {
        Operand::Input(i) => word::storage(graph.ty(node.inputs[i as usize]).dtype),
        Operand::Output(k) => word::storage(node.types[k as usize].dtype),
        Operand::Temp | Operand::Halt => "u32",
    };
    let binding = |(i, operand): (usize, &Operand)| Binding {
        operand: *operand,
        word: word(operand),
        place: place(i, *operand),
    };
    let bindings: Vec<Binding> = dispatch.operands.iter().enumerate().map(binding).collect();
    assemble::module(dispatch, &bindings, halts)
}

/// What is wrong with a text, if anything is.
fn complaint(text: &str) -> Option<String> {
    let module = match naga::front::wgsl::parse_str(text) {
        Ok(module) => module,
        Err(e) => return Some(e.emit_to_string(text)),
    };
    let mut validator = Validator::new(ValidationFlags::all(), Capabilities::empty());
    validator.validate(&module).err().map(|e| e.emit_to_string(text))
}

/// Whether a dispatch keeps to what every device has.
fn is_modest(dispatch: &Dispatch, limits: &Limits) -> bool {
    let distinct: HashSet<_> = dispatch.operands.iter().collect();
    dispatch.size.iter().product::<u32>() <= 256
        && dispatch.size.iter().all(|&n| n > 0)
        && dispatch.workgroups.iter().all(|&n| n > 0 && n <= limits.workgroups)
        && distinct.len() == dispatch.operands.len()
        && distinct.len() <= limits.bindings
}

#[test]
fn every_shader_is_valid() {
    let target = Gpu(Limits::BASELINE);
    let mut seen = HashSet::new();
    let (mut with, mut without, mut wrong) = (HashSet::new(), BTreeMap::new(), Vec::new());
    for sample in &samples() {
        let graph = fused(sample, &target);
        for node in graph.nodes.iter().filter(|n| !matches!(n.op, Op::Leaf(_))) {
            let Some(lowered) = lower(&target, &graph, node) else {
                *without.entry(sample.op.name()).or_insert(0) += 1;
                continue;
            };
            with.insert(sample.op.name());
            for work in lowered.work {
                if !is_modest(&work.dispatch, &target.0) {
                    wrong.push(format!("{}: too much for some device", sample.describe()));
                }
                // As it is, and as what writes a variable.
                let mut heeding = GpuWork { dispatch: work.dispatch.clone(), heeds: false };
                target.heed(&mut heeding);
                for work in [&work, &heeding] {
                    let text = module(&graph, node, &work.dispatch, |i, _| i as u32, work.heeds);
                    if seen.insert(text.clone())
                        && let Some(what) = complaint(&text)
                    {
                        wrong.push(format!("{}: {what}\n{text}", sample.describe()));
                    }
                }
            }
        }
    }
    println!("{} shaders; samples without a kernel: {without:?}", seen.len());
    let shown: Vec<&str> = wrong.iter().take(5).map(String::as_str).collect();
    assert!(wrong.is_empty(), "{} shaders are wrong:\n{}", wrong.len(), shown.join("\n"));
    assert!(seen.len() > 2500 && with.len() > 60, "{} shaders of {} ops", seen.len(), with.len());
}

#[test]
fn the_whole_library_is_valid() {
    let calls: Vec<String> = library::names().map(|name| format!("{name}()")).collect();
    assert!(calls.len() > 80, "{} functions", calls.len());
    let text = library::functions(&[&calls.join(" ")]);
    if let Some(what) = complaint(&text) {
        panic!("{what}");
    }
}
