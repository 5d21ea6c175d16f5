//! The gradient of average pooling on a GPU: one invocation an element of the input adds its shares of
//! the windows that hold it, in their order.

use super::AvgPool2dGrad;
use crate::gpu::{Dispatch, Operand, Program, Shade, window};

impl AvgPool2dGrad {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let x = cx.outputs[0].shape.known()?;
        let s = self.window().lowered(&x, &cx.inputs[0].shape.known()?);
        let body = window::position(s.h, s.w, s.c)
            + &format!(
                "let r = over_rows(y);\n\
                 let k = over_columns(x);\n\
                 var sum = 0.0;\n\
                 for (var oy = r.x; oy < r.y; oy++) {{\n\
                 let high = rows(oy);\n\
                 var line = 0.0;\n\
                 for (var ox = k.x; ox < k.y; ox++) {{\n\
                 let wide = columns(ox);\n\
                 let g = x0[((n * {oh}u + oy) * {ow}u + ox) * {c}u + c];\n\
                 line += g / f32((high.y - high.x) * (wide.y - wide.x));\n}}\n\
                 sum += line;\n}}\n\
                 y0[i] = sum;",
                oh = s.oh,
                ow = s.ow,
                c = s.c,
            );
        let operands = vec![Operand::Input(0), Operand::Output(0)];
        let items = window::cells(&s) + &window::windows(&s);
        Some(Dispatch::each(&cx.limits, x.iter().product(), operands, items, &body).into())
    }
}
