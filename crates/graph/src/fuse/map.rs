use super::cover::{Cover, Strip, Sums, cover};
use crate::elementwise::{Ew, Scalar, shader};
use crate::explain;
use crate::gpu::{Dispatch, Operand, Program, Shade, index};
use crate::lower::Lower;
use fovea_core::{Bf16, DType, Result, TensorType};
use fovea_kernels::map as kernel;
use std::collections::HashMap;
use std::fmt::{self, Write};

/// Elementwise ops that run over one shape in one pass, with any number of results.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Map {
    /// The shape that everything is broadcast to.
    pub shape: Vec<usize>,
    pub inputs: Vec<TensorType>,
    pub steps: Vec<Step>,
    /// What becomes an output: first those of the map's shape, then totals.
    pub results: Vec<Output>,
}

/// A value that leaves the map.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Output {
    pub arg: Arg,
    pub ty: TensorType,
    /// If it is reduced over the leading sides to the type's elements.
    pub total: Option<Total>,
}

/// How values are reduced.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Total {
    Sum,
    Mean,
}

/// One op on arguments that stand before it.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Step {
    pub op: Ew,
    pub args: Vec<Arg>,
    /// The dtype that chooses the kernel: the last operand's.
    pub operand: DType,
    pub result: DType,
}

/// Where a step finds an operand.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Arg {
    Input(u32),
    Constant(Scalar),
    Step(u32),
}

impl Map {
    pub fn types(&self) -> Vec<TensorType> {
        self.results.iter().map(|output| output.ty.clone()).collect()
    }

    /// What an argument is made of.
    pub(super) fn dtype(&self, arg: Arg) -> DType {
        match arg {
            Arg::Input(i) => self.inputs[i as usize].dtype,
            Arg::Constant(c) => c.dtype,
            Arg::Step(s) => self.steps[s as usize].result,
        }
    }

    /// What a kernel makes a result of: a total widens what it adds.
    pub(super) fn source(&self, output: &Output) -> Arg {
        let cast = match output.arg {
            Arg::Step(s) if output.total.is_some() => &self.steps[s as usize],
            _ => return output.arg,
        };
        let at_hand = match cast.args[0] {
            Arg::Input(i) => self.aligned(i as usize),
            Arg::Constant(_) => false,
            Arg::Step(_) => true,
        };
        let widens = cast.op == Ew::Cast(DType::F32) && cast.operand == DType::Bf16;
        if widens && at_hand { cast.args[0] } else { output.arg }
    }

    /// Whether input `i` has an element for each result's element, at the same place.
    pub(super) fn aligned(&self, i: usize) -> bool {
        self.inputs[i].sizes() == self.shape
    }

    /// Inputs that are read element by element where the result is written.
    pub fn overwritable(&self) -> Vec<usize> {
        (0..self.inputs.len()).filter(|&i| self.aligned(i)).collect()
    }

    pub fn cpu(&self, cx: &mut Lower) -> Result<()> {
        if !self.steps.is_empty() {
            explain::say(|| self.to_string());
        }
        let map = kernel::Map::new(cx.isa, self.program(cx)?);
        self.overwritable().into_iter().for_each(|i| cx.may_overwrite(i));
        cx.routine(map.phases().to_vec(), map.temp(), move |phase, chunk, io| {
            // SAFETY: the plan gives an operand of the declared type for each input and output.
            unsafe { map.run(phase, chunk, io.inputs, io.outputs, io.temp, io.scratch) }
        });
        Ok(())
    }

    /// One invocation an element: inputs are loaded, steps are worked out one after the other, and
    /// only then results are stored, so that a result may lie where an input does. There are no totals:
    /// [`Target::totals`](crate::target::Target::totals) says so.
    pub fn gpu(&self, cx: &Shade) -> Option<Program> {
        if self.results.iter().any(|output| output.total.is_some()) {
            return None;
        }
        let n: usize = self.shape.iter().product();
        if n == 0 {
            return Some(Program::default());
        }
        let mut body = String::new();
        for (i, ty) in self.inputs.iter().enumerate() {
            let strides = index::broadcast(&ty.sizes(), &self.shape);
            let _ = writeln!(body, "let v{i} = x{i}[{}];", index::place("i", &self.shape, &strides, 0));
        }
        let name = |arg: &Arg| match arg {
            Arg::Input(i) => format!("v{i}"),
            Arg::Constant(c) => shader::constant(*c),
            Arg::Step(s) => format!("s{s}"),
        };
        for (k, step) in self.steps.iter().enumerate() {
            let mut args: Vec<String> = step.args.iter().map(name).collect();
            // A compiler would work out an expression of constants, and refuse it where it overflows.
            if step.args.iter().all(|a| matches!(a, Arg::Constant(_))) {
                let _ = writeln!(body, "var c{k} = {};", args[0]);
                args[0] = format!("c{k}");
            }
            let _ = writeln!(body, "let s{k} = {};", step.op.shader(step.operand, step.result, &args)?);
        }
        for (k, output) in self.results.iter().enumerate() {
            let _ = writeln!(body, "y{k}[i] = {};", name(&output.arg));
        }
        let inputs = (0..self.inputs.len() as u32).map(Operand::Input);
        let operands = inputs.chain((0..self.results.len() as u32).map(Operand::Output)).collect();
        Some(Dispatch::each(&cx.limits, n, operands, String::new(), &body).into())
    }

    pub(super) fn program(&self, cx: &Lower) -> Result<kernel::MapProgram> {
        let load =
            |t: &TensorType| kernel::Load { dtype: t.dtype, strides: strides(&t.sizes(), &self.shape) };
        let Cover { strips, sums } = cover(self, cx.isa)?;
        let mut constants: Vec<Scalar> = Vec::new();
        let args = strips.iter().flat_map(|s| s.args.iter().copied());
        for arg in args.chain(self.results.iter().map(|r| self.source(r))) {
            match arg {
                Arg::Constant(c) if !constants.contains(&c) => constants.push(c),
                _ => {}
            }
        }
        // Registers are inputs, then constants, then strips: whatever a strip or a result names is one of them.
        let inputs = (0..self.inputs.len() as u32).map(Arg::Input);
        let results = strips.iter().map(|s| Arg::Step(s.step as u32));
        let registers = inputs.chain(constants.iter().map(|&c| Arg::Constant(c))).chain(results);
        let registers: HashMap<Arg, u16> = registers.zip(0..).collect();
        let register = |arg: &Arg| registers[arg];
        let step = |s: &Strip| kernel::Step {
            f: s.f,
            args: s.args.iter().map(register).collect(),
            out: register(&Arg::Step(s.step as u32)),
            dtype: self.steps[s.step].result,
        };
        let (totals, stores): (Vec<usize>, Vec<usize>) =
            (0..self.results.len()).partition(|&r| self.results[r].total.is_some());
        let total = |&result: &usize| {
            let (output, source) = (&self.results[result], self.source(&self.results[result]));
            kernel::Total {
                reg: sums.is_none().then(|| register(&source)),
                dtype: self.dtype(source),
                kept: output.ty.elements(),
                mean: output.total == Some(Total::Mean),
            }
        };
        let together = |sums: &Sums| kernel::Sums {
            f: sums.f,
            args: sums.args.iter().map(register).collect(),
            lines: sums.lines,
            // All results are totals: they have the same numbers.
            totals: sums.results,
        };
        Ok(kernel::MapProgram {
            shape: self.shape.clone(),
            loads: self.inputs.iter().map(load).collect(),
            steps: strips.iter().map(step).collect(),
            stores: stores
                .iter()
                .map(|&r| &self.results[r])
                .map(|r| kernel::Store { reg: register(&r.arg), dtype: r.ty.dtype })
                .collect(),
            totals: totals.iter().map(total).collect(),
            sums: sums.iter().map(together).collect(),
            constants: constants.iter().map(|c| constant(*c)).collect(),
        })
    }
}

/// The shape, the ops, what is read of that shape, and what is written.
impl fmt::Display for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let steps: Vec<&str> = self.steps.iter().map(|step| step.op.name()).collect();
        let read: Vec<&str> = self.overwritable().iter().map(|&i| self.inputs[i].dtype.name()).collect();
        let (totals, written): (Vec<&Output>, Vec<&Output>) =
            self.results.iter().partition(|output| output.total.is_some());
        let written: Vec<&str> = written.iter().map(|output| output.ty.dtype.name()).collect();
        let [steps, read, written] = [steps, read, written].map(|list| list.join(", "));
        write!(f, "map {:?}: {steps}; reads {read}; writes {written}", self.shape)?;
        match totals.len() {
            0 => Ok(()),
            n => write!(f, "; {n} totals"),
        }
    }
}

fn constant(c: Scalar) -> kernel::Constant {
    let value = c.value();
    match c.dtype {
        DType::F32 => kernel::Constant::of(value as f32),
        DType::Bf16 => kernel::Constant::of(Bf16::from_f32(value as f32)),
        DType::I32 => kernel::Constant::of(value as i32),
        DType::U32 => kernel::Constant::of(value as u32),
        DType::I64 => kernel::Constant::of(value as i64),
        DType::U8 => kernel::Constant::of(value as u8),
        DType::I8 => kernel::Constant::of(value as i8),
        DType::Bool => {
            kernel::Constant { dtype: DType::Bool, ..kernel::Constant::of(u8::from(value != 0.0)) }
        }
    }
}

/// Element strides of an operand over the shape it is broadcast to: 0 where it is repeated.
fn strides(sizes: &[usize], to: &[usize]) -> Vec<usize> {
    let extra = to.len() - sizes.len();
    let mut stride = 1;
    let mut strides = vec![0; to.len()];
    for i in (0..sizes.len()).rev() {
        if sizes[i] != 1 {
            strides[i + extra] = stride;
        }
        stride *= sizes[i];
    }
    strides
}
