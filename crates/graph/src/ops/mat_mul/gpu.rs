//! A matrix product as the tiled product of a GPU.

use super::MatMul;
use crate::gpu::product::{Load, Order, Product};
use crate::gpu::{Program, Shade};
use fovea_kernels::gemm::{Epilogue, GemmSpec};

impl MatMul {
    /// The product and what follows it; a bias is input 2.
    pub(crate) fn shade(&self, cx: &Shade, epilogue: Epilogue) -> Option<Program> {
        let (a, b) = (cx.inputs[0].shape.known()?, cx.inputs[1].shape.known()?);
        let spec = self.lowered(&a, &b, epilogue);
        let GemmSpec { m, n, k, batch, a_transposed, b_transposed, a_batched, b_batched, .. } = spec;
        let product = Product {
            m,
            n,
            k,
            batch,
            a: load("x0", a_batched, a_transposed, m, k),
            b: load("x1", b_batched, !b_transposed, n, k),
            place: format!("(z * {m}u + i) * {n}u + j"),
            channels: n,
            epilogue,
        };
        Some(product.program(&cx.limits))
    }
}

/// Reads a matrix of `sides` × `k` elements, or of `k` × `sides` if it is `tall`.
fn load(name: &str, batched: bool, tall: bool, sides: usize, k: usize) -> Load {
    let (order, step, next) = if tall { (Order::Side, 1, sides) } else { (Order::Sum, k, 1) };
    let matrix = if batched { sides * k } else { 0 };
    Load {
        order,
        side: format!("return vec3<i32>(i32(z * {matrix}u + i * {step}u), 0, 0);"),
        value: format!("return {name}[u32(s.x) + k * {next}u];"),
    }
}
