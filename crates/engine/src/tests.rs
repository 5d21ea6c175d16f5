//! Runs of small plans: what is written where, at any thread count, and what a failure leaves.

use crate::cpu::{CpuPlan, run};
use crate::machine::Machine;
use crate::memory::Buffer;
use crate::operand::{Operand, Variable};
use fovea_core::{Code, DType, Result, Shape, TensorType};
use fovea_graph::builder::Builder;
use fovea_graph::elementwise::Ew;
use fovea_graph::graph::{Assign, Leaf, LeafKind};
use fovea_graph::ops::{MatMul, Op};
use fovea_graph::plan::compile;
use fovea_graph::target::Cpu;
use fovea_kernels::isa::Isa;
use std::sync::Arc;

pub(crate) fn machine(threads: usize) -> Machine {
    Machine::new(threads, Arc::default(), Arc::default()).expect("threads start")
}

pub(crate) fn variable(ty: TensorType) -> Leaf {
    Leaf { kind: LeafKind::Variable, ty }
}

pub(crate) fn floats(sizes: &[usize], f: impl Fn(usize) -> f32) -> Buffer {
    let n = sizes.iter().product();
    let bytes: Vec<u8> = (0..n).flat_map(|i| f(i).to_ne_bytes()).collect();
    Buffer::from_bytes(TensorType::f32(sizes), &bytes).expect("the bytes fit")
}

pub(crate) fn read(buffer: &Buffer) -> Vec<f32> {
    buffer
        .bytes()
        .expect("it is on the host")
        .chunks_exact(4)
        .map(|b| f32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
        .collect()
}

pub(crate) fn held(v: &Arc<Variable>) -> Vec<f32> {
    read(&v.snapshot().expect("the variable is whole"))
}

pub(crate) fn slot(buffer: Buffer) -> (Arc<Variable>, Operand) {
    let v = Arc::new(Variable::new(buffer));
    (v.clone(), Operand::Variable(v))
}

fn plan(b: Builder, outputs: Vec<fovea_graph::graph::Value>, assigns: Vec<Assign>) -> Result<CpuPlan> {
    let graph = b.finish(outputs, assigns, None)?;
    Ok(CpuPlan::new(compile(graph, &Cpu::new(Isa::detect()?))?, 2))
}

#[test]
fn variables_can_swap() {
    let b = Builder::new();
    let ty = TensorType::f32(&[5]);
    let (x, y) = (b.leaf(variable(ty.clone())).value, b.leaf(variable(ty)).value);
    let assigns = vec![Assign { leaf: 0, value: y }, Assign { leaf: 1, value: x }];
    let plan = plan(b, vec![], assigns).unwrap();
    let ((vx, ox), (vy, oy)) = (slot(floats(&[5], |i| i as f32)), slot(floats(&[5], |i| -(i as f32))));
    for turn in 0..4 {
        let sign = if turn % 2 == 0 { 1.0 } else { -1.0 };
        assert_eq!(held(&vx), [0.0, 1.0, 2.0, 3.0, 4.0].map(|n: f32| n * sign));
        assert_eq!(held(&vy), [0.0, 1.0, 2.0, 3.0, 4.0].map(|n: f32| -n * sign));
        run(&mut machine(2), &plan, &[ox.clone(), oy.clone()], &mut vec![]).unwrap();
    }
}

#[test]
fn a_variable_that_is_given_twice_is_refused_and_not_locked_forever() {
    let b = Builder::new();
    let ty = TensorType::f32(&[3]);
    let (x, y) = (b.leaf(variable(ty.clone())), b.leaf(variable(ty)));
    let difference = (x - y).value;
    let plan = plan(b, vec![difference], vec![]).unwrap();
    let ((_, ox), (_, oy)) = (slot(floats(&[3], |i| i as f32)), slot(floats(&[3], |_| 1.0)));
    let (mut machine, mut outputs) = (machine(1), vec![]);
    for _ in 0..3 {
        let twice = run(&mut machine, &plan, &[ox.clone(), ox.clone()], &mut outputs).unwrap_err();
        assert_eq!(twice.message, "operand 1 is a variable that was given before");
        run(&mut machine, &plan, &[oy.clone(), ox.clone()], &mut outputs).unwrap();
        assert_eq!(read(&outputs[0]), [1.0, 0.0, -1.0]);
    }
}

#[test]
fn a_held_version_stays() {
    let b = Builder::new();
    let x = b.leaf(variable(TensorType::f32(&[3])));
    let next = x + 1.0;
    let assigns = vec![Assign { leaf: 0, value: next.value }];
    let outputs = vec![x.value, next.value];
    let plan = plan(b, outputs, assigns).unwrap();
    let (v, o) = slot(floats(&[3], |i| i as f32));
    let before = v.snapshot().unwrap();
    let mut outputs = vec![];
    run(&mut machine(1), &plan, &[o], &mut outputs).unwrap();
    assert_eq!(read(&before), [0.0, 1.0, 2.0]);
    assert_eq!(read(&outputs[0]), [0.0, 1.0, 2.0], "an output shows the version that was read");
    assert_eq!(read(&outputs[1]), [1.0, 2.0, 3.0]);
    assert_eq!(held(&v), [1.0, 2.0, 3.0]);
}

#[test]
fn an_unheld_version_is_overwritten() {
    let b = Builder::new();
    let x = b.leaf(variable(TensorType::f32(&[1000])));
    let assigns = vec![Assign { leaf: 0, value: (x * 2.0).value }];
    let plan = plan(b, vec![], assigns).unwrap();
    assert!(plan.plan.writes[0].in_place);
    let (v, o) = slot(floats(&[1000], |_| 1.0));
    let place = |v: &Variable| v.snapshot().unwrap().ptr();
    let at = place(&v);
    let mut machine = machine(2);
    for _ in 0..3 {
        run(&mut machine, &plan, std::slice::from_ref(&o), &mut vec![]).unwrap();
        assert_eq!(place(&v), at);
    }
    assert_eq!(held(&v), vec![8.0; 1000]);
}

#[test]
fn a_product_of_a_variable_is_not_written_over_it() {
    let ty = TensorType::f32(&[150, 150]);
    let b = Builder::new();
    let x = b.leaf(variable(ty.clone()));
    let w = b.leaf(Leaf { kind: LeafKind::Input, ty });
    let next = b.one(MatMul { transpose_a: false, transpose_b: false }, &[x, w]).map(Ew::Relu);
    let assigns = vec![Assign { leaf: 0, value: next.value }];
    let plan = plan(b, vec![], assigns).unwrap();
    let w = Operand::Buffer(floats(&[150, 150], |i| ((i * 37) % 101) as f32 / 101.0 - 0.5));
    let after = |hold: bool| {
        let (v, o) = slot(floats(&[150, 150], |i| ((i * 53) % 97) as f32 / 97.0));
        let kept = hold.then(|| v.snapshot());
        run(&mut machine(1), &plan, &[o, w.clone()], &mut vec![]).unwrap();
        drop(kept);
        held(&v)
    };
    // What is held is read from one place and written to another.
    assert_eq!(after(false), after(true));
}

/// A product, a softmax-like tail and an update, large enough for many chunks.
fn step(isa: Isa, threads: usize) -> (Vec<f32>, Vec<f32>) {
    let b = Builder::new();
    let x = b.leaf(Leaf { kind: LeafKind::Input, ty: TensorType::f32(&[96, 300]) });
    let w = b.leaf(variable(TensorType::f32(&[300, 257])));
    let y = b.one(MatMul { transpose_a: false, transpose_b: false }, &[x, w]).map(Ew::Tanh);
    let loss = (y * y).sum_keep(&[0, 1]);
    let grads = b.apply(Op::Grad(fovea_graph::autodiff::GradOp), &[loss, w]);
    let next = w - grads[0] * 0.0001;
    let assigns = vec![Assign { leaf: 1, value: next.value }];
    let loss = loss.value;
    let graph = b.finish(vec![loss], assigns, Some(loss)).unwrap();
    let compiled = CpuPlan::new(compile(graph, &Cpu::new(isa)).unwrap(), threads);
    let (v, o) = slot(floats(&[300, 257], |i| ((i * 37) % 101) as f32 / 101.0 - 0.5));
    let data = floats(&[96, 300], |i| ((i * 53) % 97) as f32 / 97.0 - 0.5);
    let (mut machine, mut outputs, mut losses) = (machine(threads), vec![], vec![]);
    for _ in 0..20 {
        run(&mut machine, &compiled, &[Operand::Buffer(data.clone()), o.clone()], &mut outputs).unwrap();
        losses.extend(read(&outputs[0]));
    }
    (held(&v), losses)
}

#[test]
fn same_bits_at_any_thread_count() {
    let isa = Isa::detect().unwrap();
    let (weights, losses) = step(isa, 1);
    assert!(losses[19] < losses[0], "it learns: {} then {}", losses[0], losses[19]);
    for threads in [2, 3, 4, 8] {
        let (w, l) = step(isa, threads);
        let same = |a: &[f32], b: &[f32]| a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits());
        assert!(same(&w, &weights) && same(&l, &losses), "{threads} threads gave other bits");
    }
}

#[test]
fn a_loss_that_is_not_finite_changes_nothing() {
    let b = Builder::new();
    let x = b.leaf(variable(TensorType::f32(&[4])));
    let wide = x.map(Ew::Log);
    let loss = wide.sum_keep(&[0]);
    let assigns = vec![Assign { leaf: 0, value: (x + 1.0).value }];
    b.set_origin(7);
    let loss = loss.value;
    let graph = b.finish(vec![], assigns, Some(loss)).unwrap();
    let plan = CpuPlan::new(compile(graph, &Cpu::new(Isa::detect().unwrap())).unwrap(), 2);
    let (v, o) = slot(floats(&[4], |i| i as f32 - 1.0));
    let e = run(&mut machine(2), &plan, &[o], &mut vec![]).unwrap_err();
    assert_eq!(e.code, Code::NotFinite);
    assert!(e.message.contains("first that is not finite"), "{}", e.message);
    assert_eq!(held(&v), [-1.0, 0.0, 1.0, 2.0]);
}

#[test]
fn an_update_in_the_blocks_of_its_gradient_heeds_the_loss_and_what_reads_the_old_weights() {
    const RATE: f32 = 0.25;
    let (batch, inputs, outputs) = (2, 4096, 4096);
    let b = Builder::new();
    let x = b.leaf(variable(TensorType::f32(&[batch, inputs])));
    let w = b.leaf(variable(TensorType::f32(&[inputs, outputs])));
    let y = b.one(MatMul { transpose_a: false, transpose_b: false }, &[x, w]);
    let loss = (y * y).sum_keep(&[0, 1]);
    let grads = b.apply(Op::Grad(fovea_graph::autodiff::GradOp), &[loss, x, w]);
    let next = [x - grads[0] * f64::from(RATE), w - grads[1] * f64::from(RATE)].map(|next| next.value);
    let loss = loss.value;
    let assigns = vec![Assign { leaf: 0, value: next[0] }, Assign { leaf: 1, value: next[1] }];
    let graph = b.finish(vec![], assigns, Some(loss)).unwrap();
    let plan = CpuPlan::new(compile(graph, &Cpu::new(Isa::detect().unwrap())).unwrap(), 2);
    assert!(plan.plan.phases.iter().any(|p| p.name == "matmulMap"), "{:?}", plan.plan);
    // Whole numbers: sums are exact in any order.
    let x0: Vec<f32> = (0..batch * inputs).map(|i| ((i * 7) % 5) as f32 - 2.0).collect();
    let w0: Vec<f32> = (0..inputs * outputs).map(|i| ((i * 11) % 3) as f32 - 1.0).collect();
    let at = |m: &[f32], width: usize, i: usize, j: usize| m[i * width + j];
    let dot = |n: usize, f: &dyn Fn(usize) -> f32| (0..n).map(f).sum::<f32>();
    let dy: Vec<f32> = (0..batch * outputs)
        .map(|i| {
            let (i, j) = (i / outputs, i % outputs);
            2.0 * dot(inputs, &|k| at(&x0, inputs, i, k) * at(&w0, outputs, k, j))
        })
        .collect();
    let ((vx, ox), (vw, ow)) =
        (slot(floats(&[batch, inputs], |i| x0[i])), slot(floats(&[inputs, outputs], |i| w0[i])));
    run(&mut machine(2), &plan, &[ox.clone(), ow.clone()], &mut vec![]).unwrap();
    let x1: Vec<f32> = (0..batch * inputs)
        .map(|i| {
            let (row, k) = (i / inputs, i % inputs);
            let dx = dot(outputs, &|j| at(&dy, outputs, row, j) * at(&w0, outputs, k, j));
            x0[i] - RATE * dx
        })
        .collect();
    let w1: Vec<f32> = (0..inputs * outputs)
        .map(|i| {
            let (k, j) = (i / outputs, i % outputs);
            let dw = dot(batch, &|row| at(&x0, inputs, row, k) * at(&dy, outputs, row, j));
            w0[i] - RATE * dw
        })
        .collect();
    assert_eq!(held(&vx), x1);
    assert_eq!(held(&vw), w1);

    vx.assign(floats(&[batch, inputs], |i| if i == 5 { f32::INFINITY } else { x0[i] })).unwrap();
    let e = run(&mut machine(2), &plan, &[ox, ow], &mut vec![]).unwrap_err();
    assert_eq!(e.code, Code::NotFinite);
    assert_eq!(held(&vw), w1, "nothing was written");
}

#[test]
fn an_update_may_share_work_with_the_loss() {
    let b = Builder::new();
    let ty = TensorType::f32(&[3]);
    let w = b.leaf(variable(ty.clone()));
    let x = b.leaf(Leaf { kind: LeafKind::Input, ty: ty.clone() });
    b.leaf(variable(ty));
    let d = w - x;
    let loss = (d * d).sum_keep(&[0]).value;
    // One new value comes from what the loss uses, the other is what the loss uses.
    let assigns = vec![Assign { leaf: 0, value: (w - d * 0.5).value }, Assign { leaf: 2, value: d.value }];
    let graph = b.finish(vec![loss], assigns, Some(loss)).unwrap();
    let plan = CpuPlan::new(compile(graph, &Cpu::new(Isa::detect().unwrap())).unwrap(), 2);
    let (vw, ow) = slot(floats(&[3], |i| i as f32));
    let (vs, os) = slot(floats(&[3], |_| 0.0));
    let mut outputs = vec![];
    let x = Operand::Buffer(floats(&[3], |_| 2.0));
    run(&mut machine(2), &plan, &[ow, x, os], &mut outputs).unwrap();
    assert_eq!(read(&outputs[0]), [5.0]);
    assert_eq!(held(&vw), [1.0, 1.5, 2.0]);
    assert_eq!(held(&vs), [-2.0, -1.0, 0.0]);
}

#[test]
fn a_failure_after_a_write_tears_the_variable_until_it_is_assigned() {
    let b = Builder::new();
    let x = b.leaf(variable(TensorType::f32(&[2])));
    let labels = b.leaf(Leaf { kind: LeafKind::Input, ty: TensorType::new(DType::I32, Shape::of(&[1])) });
    let next = x * 3.0;
    // The gather reads the new value, so it runs, and fails, after the write.
    let bad = b.one(fovea_graph::ops::Gather { axis: 0 }, &[next, labels]);
    let outputs = vec![bad.value];
    let assigns = vec![Assign { leaf: 0, value: next.value }];
    let plan = plan(b, outputs, assigns).unwrap();
    let (v, o) = slot(floats(&[2], |_| 1.0));
    let index = |i: i32| {
        let ty = TensorType::new(DType::I32, Shape::of(&[1]));
        Operand::Buffer(Buffer::from_bytes(ty, &i.to_ne_bytes()).unwrap())
    };
    let mut machine = machine(2);
    let e = run(&mut machine, &plan, &[o.clone(), index(9)], &mut vec![]).unwrap_err();
    assert_eq!(e.code, Code::BadArgument);
    assert!(v.snapshot().is_err(), "the variable is torn");
    v.assign(floats(&[2], |_| 2.0)).unwrap();
    run(&mut machine, &plan, &[o, index(1)], &mut vec![]).unwrap();
    assert_eq!(held(&v), [6.0, 6.0]);
}

#[test]
fn operands_of_the_wrong_type_are_refused() {
    let b = Builder::new();
    let x = b.leaf(variable(TensorType::f32(&[2])));
    let y = b.leaf(Leaf { kind: LeafKind::Input, ty: TensorType::f32(&[2]) });
    let outputs = vec![(x + y).value];
    let plan = plan(b, outputs, vec![]).unwrap();
    let mut machine = machine(1);
    let good = || slot(floats(&[2], |_| 1.0)).1;
    let mut code = |operands: &[Operand]| run(&mut machine, &plan, operands, &mut vec![]).unwrap_err().code;
    assert_eq!(code(&[good()]), Code::BadArgument);
    assert_eq!(code(&[good(), Operand::Buffer(floats(&[3], |_| 1.0))]), Code::ShapeMismatch);
    assert_eq!(
        code(&[slot(floats(&[1], |_| 1.0)).1, Operand::Buffer(floats(&[2], |_| 1.0))]),
        Code::ShapeMismatch
    );
    assert_eq!(code(&[good(), Operand::Number(1.0)]), Code::ShapeMismatch);
    let twice = good();
    assert_eq!(code(&[twice.clone(), twice]), Code::BadArgument);
}
