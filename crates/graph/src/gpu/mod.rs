//! What a GPU runs, as plain data: WGSL text, what it is bound to, how many workgroups. Nothing here
//! knows a device; the engine hands it to one.

pub mod assemble;
pub mod index;
pub mod library;
pub mod product;
pub mod window;
pub mod word;

pub use fovea_core::Limits;

use fovea_core::TensorType;
use std::fmt::Write;

/// What an op is told about the node it writes shaders for. All sides are known.
pub struct Shade<'a> {
    pub inputs: &'a [TensorType],
    pub outputs: &'a [TensorType],
    pub limits: Limits,
}

/// The dispatches that one node needs, in order, and the memory that they share.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Program {
    pub dispatches: Vec<Dispatch>,
    /// 32-bit words of memory that the dispatches share as `t`.
    pub temp: usize,
}

impl From<Dispatch> for Program {
    fn from(dispatch: Dispatch) -> Program {
        Program { dispatches: vec![dispatch], temp: 0 }
    }
}

/// One compute shader and how many workgroups of it run.
///
/// The text names operands `x0`, `x1`, … (inputs), `y0`, `y1`, … (outputs) and `t` (memory shared by
/// a node's dispatches, `array<u32>`). An operand is an array of its dtype's [`word`]; it is declared
/// when the dispatch is bound, by [`assemble`].
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Dispatch {
    /// Inputs, outputs and `t` as the text uses them, each once.
    pub operands: Vec<Operand>,
    /// What stands before `main`: constants, functions, workgroup memory.
    pub items: String,
    /// What `main` does. It knows `gid` and `lid` (global and local invocation, vec3<u32>), `li` (local
    /// index) and `wid` (workgroup, vec3<u32>).
    pub body: String,
    /// Invocations of a workgroup: at most 256 in all.
    pub size: [u32; 3],
    pub workgroups: [u32; 3],
}

/// What a shader reads or writes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Operand {
    Input(u32),
    Output(u32),
    /// Memory that the dispatches of a node share.
    Temp,
    /// The word that says that a loss was not finite: nothing is written to variables any more.
    Halt,
}

impl Operand {
    /// What the shader's text calls it.
    pub fn name(self) -> String {
        match self {
            Operand::Input(i) => format!("x{i}"),
            Operand::Output(k) => format!("y{k}"),
            Operand::Temp => "t".into(),
            Operand::Halt => "halt".into(),
        }
    }
}

/// Invocations of a workgroup where each takes one element.
const ELEMENTWISE: u32 = 64;

impl Dispatch {
    /// One invocation for each of `n` elements; `body` finds its number in `i`.
    pub fn each(limits: &Limits, n: usize, operands: Vec<Operand>, items: String, body: &str) -> Dispatch {
        let workgroups = grid(limits, n.div_ceil(ELEMENTWISE as usize));
        let row = workgroups[0] * ELEMENTWISE;
        let mut text = String::new();
        let _ = write!(text, "let i = gid.y * {row}u + gid.x;\nif (i >= {n}u) {{ return; }}\n{body}");
        Dispatch { operands, items, body: text, size: [ELEMENTWISE, 1, 1], workgroups }
    }
}

/// So many workgroups in rows that are not too long, and at least one.
pub fn grid(limits: &Limits, count: usize) -> [u32; 3] {
    let most = limits.workgroups as usize;
    let rows = count.div_ceil(most).max(1);
    [count.div_ceil(rows).max(1) as u32, rows as u32, 1]
}
