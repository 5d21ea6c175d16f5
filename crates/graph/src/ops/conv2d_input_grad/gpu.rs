//! The gradient for a convolution's input as the tiled product of a GPU: rows are pixels of the
//! input, columns its channels, the sum runs over the window and the output channels of a group.

use super::Conv2dInputGrad;
use crate::gpu::product::{Load, Order, Product};
use crate::gpu::{Program, Shade};
use fovea_kernels::conv::ConvShape;
use fovea_kernels::gemm::Epilogue;

impl Conv2dInputGrad {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let (g, kernel) = (cx.inputs[0].shape.known()?, cx.inputs[1].shape.known()?);
        let shape = self.conv().lowered(&cx.outputs[0].shape.known()?, &kernel, &g);
        let ConvShape { n, h, w, c, kh, kw, co, oh, ow, stride, dilation, pad, groups } = shape;
        let (cg, cog) = (c / groups, co / groups);
        let product = Product {
            m: n * h * w,
            n: cg,
            k: kh * kw * cog,
            batch: groups,
            a: Load {
                order: Order::Sum,
                side: format!(
                    "let y = i / {w}u % {h}u + {py}u;\n\
                     let x = i % {w}u + {px}u;\n\
                     return vec3<i32>(i32(i / {pixels}u * {image}u + z * {cog}u), i32(y), i32(x));",
                    pixels = h * w,
                    image = oh * ow * co,
                    py = pad[0],
                    px = pad[1],
                ),
                // The window that puts its place (ky, kx) here begins on a multiple of the strides.
                value: format!(
                    "let y = s.y - i32(k / {line}u * {dy}u);\n\
                     let x = s.z - i32(k / {cog}u % {kw}u * {dx}u);\n\
                     if (y < 0 || x < 0) {{ return 0.0; }}\n\
                     let oy = u32(y) / {sy}u;\n\
                     let ox = u32(x) / {sx}u;\n\
                     if (oy * {sy}u != u32(y) || ox * {sx}u != u32(x) || oy >= {oh}u || ox >= {ow}u) {{ return 0.0; }}\n\
                     return x0[u32(s.x) + (oy * {ow}u + ox) * {co}u + k % {cog}u];",
                    line = kw * cog,
                    dy = dilation[0],
                    dx = dilation[1],
                    sy = stride[0],
                    sx = stride[1],
                ),
            },
            b: Load {
                order: Order::Sum,
                side: format!("return vec3<i32>(i32(i * {co}u + z * {cog}u), 0, 0);"),
                value: format!("return x1[u32(s.x) + k / {cog}u * {tap}u + k % {cog}u];", tap = cg * co),
            },
            place: format!("i * {c}u + z * {cg}u + j"),
            channels: c,
            epilogue: Epilogue::default(),
        };
        Some(product.program(&cx.limits))
    }
}
