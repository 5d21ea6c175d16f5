//! A convolution as the tiled product of a GPU: rows are output pixels, columns output channels, the
//! sum runs over the window and its channels. No patch is ever written to memory. Each group is a
//! product of its own.

use super::Conv2d;
use crate::gpu::product::{Load, Order, Product};
use crate::gpu::{Program, Shade};
use fovea_kernels::conv::ConvShape;
use fovea_kernels::gemm::Epilogue;

impl Conv2d {
    /// The convolution and what follows it; a bias is input 2.
    pub(crate) fn shade(&self, cx: &Shade, epilogue: Epilogue) -> Option<Program> {
        let (x, kernel) = (cx.inputs[0].shape.known()?, cx.inputs[1].shape.known()?);
        let shape = self.lowered(&x, &kernel, &cx.outputs[0].shape.known()?);
        let ConvShape { n, h, w, c, kh, kw, co, oh, ow, stride, dilation, pad, groups } = shape;
        let (cg, cog) = (c / groups, co / groups);
        let product = Product {
            m: n * oh * ow,
            n: cog,
            k: kh * kw * cg,
            batch: groups,
            a: Load {
                order: Order::Sum,
                side: format!(
                    "let y = i / {ow}u % {oh}u * {sy}u;\n\
                     let x = i % {ow}u * {sx}u;\n\
                     return vec3<i32>(i32(i / {pixels}u * {image}u + z * {cg}u), i32(y) - {py}, i32(x) - {px});",
                    pixels = oh * ow,
                    image = h * w * c,
                    sy = stride[0],
                    sx = stride[1],
                    py = pad[0],
                    px = pad[1],
                ),
                value: format!(
                    "let y = u32(s.y + i32(k / {line}u * {dy}u));\n\
                     let x = u32(s.z + i32(k / {cg}u % {kw}u * {dx}u));\n\
                     if (y >= {h}u || x >= {w}u) {{ return 0.0; }}\n\
                     return x0[u32(s.x) + (y * {w}u + x) * {c}u + k % {cg}u];",
                    line = kw * cg,
                    dy = dilation[0],
                    dx = dilation[1],
                ),
            },
            b: Load {
                order: Order::Side,
                side: format!("return vec3<i32>(i32(z * {cog}u + i), 0, 0);"),
                value: format!("return x1[u32(s.x) + k * {co}u];"),
            },
            place: format!("i * {co}u + z * {cog}u + j"),
            channels: co,
            epilogue,
        };
        Some(product.program(&cx.limits))
    }
}
