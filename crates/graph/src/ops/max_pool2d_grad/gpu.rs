//! The gradient of max pooling on a GPU: one invocation an element of the input looks at the windows
//! that hold it, in their order, so that no two write to one place.

use super::MaxPool2dGrad;
use crate::gpu::{Dispatch, Operand, Program, Shade, window, word};

impl MaxPool2dGrad {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let x = cx.outputs[0].shape.known()?;
        let s = self.window().lowered(&x, &cx.inputs[0].shape.known()?);
        let body = window::position(s.h, s.w, s.c)
            + &format!(
                "let r = over_rows(y);\n\
                 let k = over_columns(x);\n\
                 var sum = 0.0;\n\
                 for (var oy = r.x; oy < r.y; oy++) {{\n\
                 for (var ox = k.x; ox < k.y; ox++) {{\n\
                 let at = ((n * {oh}u + oy) * {ow}u + ox) * {c}u + c;\n\
                 let here = (y + {py}u - oy * {sy}u) * {kw}u + x + {px}u - ox * {sx}u;\n\
                 if (x1[at] == {index}(here)) {{ sum += x0[at]; }}\n}}\n}}\n\
                 y0[i] = sum;",
                oh = s.oh,
                ow = s.ow,
                c = s.c,
                kw = s.kw,
                py = s.pad[0],
                px = s.pad[1],
                sy = s.stride[0],
                sx = s.stride[1],
                index = word::storage(cx.inputs[1].dtype),
            );
        let operands = vec![Operand::Input(0), Operand::Input(1), Operand::Output(0)];
        let items = window::windows(&s);
        Some(Dispatch::each(&cx.limits, x.iter().product(), operands, items, &body).into())
    }
}
