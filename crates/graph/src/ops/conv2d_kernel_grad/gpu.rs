//! The gradient for a convolution's kernel as the tiled product of a GPU: rows are places of the
//! window and its channels, columns output channels, the sum runs over all output pixels.

use super::Conv2dKernelGrad;
use crate::gpu::product::{Load, Order, Product};
use crate::gpu::{Program, Shade};
use fovea_kernels::conv::ConvShape;
use fovea_kernels::gemm::Epilogue;

impl Conv2dKernelGrad {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let (x, g) = (cx.inputs[0].shape.known()?, cx.inputs[1].shape.known()?);
        let shape = self.conv().lowered(&x, &cx.outputs[0].shape.known()?, &g);
        let ConvShape { n, h, w, c, kh, kw, co, oh, ow, stride, dilation, pad, groups } = shape;
        let (cg, cog) = (c / groups, co / groups);
        let product = Product {
            m: kh * kw * cg,
            n: cog,
            k: n * oh * ow,
            batch: groups,
            a: Load {
                order: Order::Side,
                side: format!(
                    "let y = i / {line}u * {dy}u;\n\
                     let x = i / {cg}u % {kw}u * {dx}u;\n\
                     return vec3<i32>(i32(z * {cg}u + i % {cg}u), i32(y) - {py}, i32(x) - {px});",
                    line = kw * cg,
                    dy = dilation[0],
                    dx = dilation[1],
                    py = pad[0],
                    px = pad[1],
                ),
                value: format!(
                    "let y = u32(s.y + i32(k / {ow}u % {oh}u * {sy}u));\n\
                     let x = u32(s.z + i32(k % {ow}u * {sx}u));\n\
                     if (y >= {h}u || x >= {w}u) {{ return 0.0; }}\n\
                     return x0[u32(s.x) + ((k / {pixels}u * {h}u + y) * {w}u + x) * {c}u];",
                    pixels = oh * ow,
                    sy = stride[0],
                    sx = stride[1],
                ),
            },
            b: Load {
                order: Order::Side,
                side: format!("return vec3<i32>(i32(z * {cog}u + i), 0, 0);"),
                value: format!("return x1[u32(s.x) + k * {co}u];"),
            },
            place: format!("i * {co}u + z * {cog}u + j"),
            channels: co,
            epilogue: Epilogue::default(),
        };
        Some(product.program(&cx.limits))
    }
}
