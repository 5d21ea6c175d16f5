//! The one tiled product: C(i, j) = Σ_k A(i, k) · B(k, j), for `batch` pairs of matrices that ops
//! describe by index arithmetic. Matrix products, convolutions and their gradients are this.
//!
//! A workgroup of 16 × 16 invocations computes one tile of C. It walks along the sum sixteen elements
//! at a time: all invocations together bring a slice of A and of B to workgroup memory, then each
//! multiplies its rows by its columns. Where there are too few tiles to fill a GPU, the sum is cut
//! into a fixed number of parts, and a second dispatch adds these in order. Sums are blocked, so that
//! their error grows with the root of their length; which block an element is in depends on the
//! shape alone.

mod narrow;
mod text;
mod tiling;

#[cfg(test)]
mod tests;

use super::{Dispatch, Limits, Operand, Program, grid};
use fovea_kernels::gemm::{Activation, Epilogue};
use std::fmt::Write;
use tiling::Tiling;

/// Products of `x0` and `x1` to `y0`, with a bias in `x2` if the epilogue has one.
pub struct Product {
    /// Rows of C.
    pub m: usize,
    /// Columns of C.
    pub n: usize,
    /// The length that is summed over.
    pub k: usize,
    /// How many products there are: matrices of a batch, groups of a convolution.
    pub batch: usize,
    /// How elements of A are read; its side is a row of C.
    pub a: Load,
    /// How elements of B are read; its side is a column of C.
    pub b: Load,
    /// WGSL: where element (`i`, `j`) of product `z` lies in the output, a u32.
    pub place: String,
    /// The last side of the output, along which a bias is added.
    pub channels: usize,
    pub epilogue: Epilogue,
}

/// How the elements of an operand are read.
pub struct Load {
    /// Which neighbours lie together in memory.
    pub order: Order,
    /// WGSL, the body of `fn(z: u32, i: u32) -> vec3<i32>`: what can be worked out before the sum
    /// begins for side `i` (a row of A, a column of B) of product `z`.
    pub side: String,
    /// WGSL, the body of `fn(s: vec3<i32>, k: u32) -> f32`: the element at `k` of the sum, where `s`
    /// is what `side` returned. Both are asked for elements of the operand alone.
    pub value: String,
}

/// Which elements neighbouring invocations read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// Those of one side, along the sum.
    Sum,
    /// Those of one place of the sum, along the side.
    Side,
}

impl Product {
    /// The dispatches; none if there is nothing to compute.
    pub fn program(&self, limits: &Limits) -> Program {
        let elements = self.elements();
        if elements == 0 {
            return Program::default();
        }
        if self.k == 0 {
            let body = "y0[i] = finish(0.0, i);";
            let operands = self.finishing(&[]);
            return Dispatch::each(limits, elements, operands, self.finish(), body).into();
        }
        if self.is_narrow() {
            return self.narrow(limits).into();
        }
        let tiling = Tiling::of(self);
        let tiled = self.tiled(limits, &tiling);
        if tiling.parts == 1 {
            return tiled.into();
        }
        Program { dispatches: vec![tiled, self.total(limits, &tiling)], temp: tiling.parts * elements }
    }

    /// Elements of the output.
    fn elements(&self) -> usize {
        self.batch * self.m * self.n
    }

    /// The products of all tiles: to the output, or to `t` if the sum is cut.
    fn tiled(&self, limits: &Limits, tiling: &Tiling) -> Dispatch {
        let cut = tiling.parts > 1;
        let (inputs, end) = ([Operand::Input(0), Operand::Input(1)], self.elements());
        let (operands, store) = match cut {
            true => (
                [&inputs[..], &[Operand::Temp]].concat(),
                format!("t[part * {end}u + at] = bitcast<u32>(v);"),
            ),
            false => (self.finishing(&inputs), "y0[at] = finish(v, at);".to_string()),
        };
        let mut items = if cut { String::new() } else { self.finish() };
        items.push_str(&self.functions(tiling, &store));
        let workgroups = tiling.workgroups();
        let size = grid(limits, workgroups);
        Dispatch { operands, items, body: self.body(tiling, size), size: [16, 16, 1], workgroups: size }
    }

    /// Adds the parts of the sums, in order.
    fn total(&self, limits: &Limits, tiling: &Tiling) -> Dispatch {
        let (parts, elements) = (tiling.parts, self.elements());
        let body = format!(
            "var v = bitcast<f32>(t[i]);\n\
             for (var part = 1u; part < {parts}u; part++) {{ v += bitcast<f32>(t[part * {elements}u + i]); }}\n\
             y0[i] = finish(v, i);"
        );
        Dispatch::each(limits, elements, self.finishing(&[Operand::Temp]), self.finish(), &body)
    }

    /// `finish`: what happens to a sum before it is stored at `at`.
    fn finish(&self) -> String {
        let mut text = "fn finish(sum: f32, at: u32) -> f32 {\nvar v = sum;\n".to_string();
        if self.epilogue.bias {
            let _ = writeln!(text, "v += x2[at % {}u];", self.channels);
        }
        let clamped = match self.epilogue.activation {
            Activation::None => None,
            Activation::Relu => Some("max(v, 0.0)"),
            Activation::Relu6 => Some("clamp(v, 0.0, 6.0)"),
        };
        if let Some(clamped) = clamped {
            // A NaN stays one, whatever the device makes of a comparison with it.
            let _ =
                writeln!(text, "if ((bitcast<u32>(v) & 0x7fffffffu) <= 0x7f800000u) {{ v = {clamped}; }}");
        }
        text.push_str("return v;\n}\n");
        text
    }

    /// These operands and those that `finish` and the output need.
    fn finishing(&self, operands: &[Operand]) -> Vec<Operand> {
        let bias = self.epilogue.bias.then_some(Operand::Input(2));
        operands.iter().copied().chain(bias).chain([Operand::Output(0)]).collect()
    }
}
