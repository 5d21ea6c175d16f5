//! Average pooling on a GPU: one invocation an output element.

use super::AvgPool2d;
use crate::gpu::{Dispatch, Operand, Program, Shade, window};

impl AvgPool2d {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let y = cx.outputs[0].shape.known()?;
        let s = self.window().lowered(&cx.inputs[0].shape.known()?, &y);
        // Row by row, so that the error of a large window's sum stays small.
        let body = window::position(s.oh, s.ow, s.c)
            + &format!(
                "let r = rows(y);\n\
                 let k = columns(x);\n\
                 var sum = 0.0;\n\
                 for (var iy = r.x; iy < r.y; iy++) {{\n\
                 var line = 0.0;\n\
                 for (var ix = k.x; ix < k.y; ix++) {{\n\
                 line += x0[((n * {h}u + u32(iy)) * {w}u + u32(ix)) * {c}u + c];\n}}\n\
                 sum += line;\n}}\n\
                 y0[i] = sum / f32((r.y - r.x) * (k.y - k.x));",
                h = s.h,
                w = s.w,
                c = s.c,
            );
        let operands = vec![Operand::Input(0), Operand::Output(0)];
        Some(Dispatch::each(&cx.limits, y.iter().product(), operands, window::cells(&s), &body).into())
    }
}
