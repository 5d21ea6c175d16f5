//! Max pooling on a GPU: one invocation an output element.

use super::MaxPool2d;
use crate::gpu::{Dispatch, Operand, Program, Shade, window, word};

impl MaxPool2d {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let y = cx.outputs[0].shape.known()?;
        let s = self.window().lowered(&cx.inputs[0].shape.known()?, &y);
        let (py, px) = (s.pad[0], s.pad[1]);
        let [sy, sx] = s.stride;
        // Every window holds a cell of the input. The first of equals wins, and the first NaN over
        // all; NaNs are told by their bits, as a device may assume that there are none.
        let body = window::position(s.oh, s.ow, s.c)
            + &format!(
                "let r = rows(y);\n\
                 let k = columns(x);\n\
                 let image = n * {image}u + c;\n\
                 var best = x0[image + (u32(r.x) * {w}u + u32(k.x)) * {c}u];\n\
                 var best_y = r.x;\n\
                 var best_x = k.x;\n\
                 for (var iy = r.x; iy < r.y; iy++) {{\n\
                 for (var ix = k.x; ix < k.y; ix++) {{\n\
                 let v = x0[image + (u32(iy) * {w}u + u32(ix)) * {c}u];\n\
                 if (!unordered(best) && (unordered(v) || v > best)) {{\n\
                 best = v;\nbest_y = iy;\nbest_x = ix;\n}}\n}}\n}}\n\
                 y0[i] = best;\n\
                 y1[i] = {index}((best_y - i32(y * {sy}u) + {py}) * {kw} + best_x - i32(x * {sx}u) + {px});",
                image = s.h * s.w * s.c,
                w = s.w,
                c = s.c,
                kw = s.kw,
                index = word::storage(cx.outputs[1].dtype),
            );
        let items = window::cells(&s)
            + "fn unordered(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }\n";
        let operands = vec![Operand::Input(0), Operand::Output(0), Operand::Output(1)];
        Some(Dispatch::each(&cx.limits, y.iter().product(), operands, items, &body).into())
    }
}
