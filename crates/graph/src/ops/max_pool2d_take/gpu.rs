//! What an index of max pooling names, on a GPU: one invocation an output element. An index that
//! names no element of the input, an error on the CPU, gives NaN here.

use super::MaxPool2dTake;
use crate::gpu::{Dispatch, Operand, Program, Shade, window};

impl MaxPool2dTake {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let y = cx.outputs[0].shape.known()?;
        let s = self.window().lowered(&cx.inputs[0].shape.known()?, &y);
        // The quiet NaN is made of a run-time value: compilers refuse a constant that is not finite.
        let body = window::position(s.oh, s.ow, s.c)
            + &format!(
                "let place = u32(x1[i]);\n\
                 let iy = u32(i32(y * {sy}u + place / {kw}u) - {py});\n\
                 let ix = u32(i32(x * {sx}u + place % {kw}u) - {px});\n\
                 var v = bitcast<f32>(i | 0x7fc00000u);\n\
                 if (place < {places}u && iy < {h}u && ix < {w}u) {{\n\
                 v = x0[((n * {h}u + iy) * {w}u + ix) * {c}u + c];\n}}\n\
                 y0[i] = v;",
                places = s.kh * s.kw,
                kw = s.kw,
                h = s.h,
                w = s.w,
                c = s.c,
                py = s.pad[0],
                px = s.pad[1],
                sy = s.stride[0],
                sx = s.stride[1],
            );
        let operands = vec![Operand::Input(0), Operand::Input(1), Operand::Output(0)];
        Some(Dispatch::each(&cx.limits, y.iter().product(), operands, String::new(), &body).into())
    }
}
