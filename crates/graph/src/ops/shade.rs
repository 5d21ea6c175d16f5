//! What the shaders of ops share: elements that move, and indices that are read from a tensor.

use crate::gpu::{Dispatch, Operand, Program, Shade, word};
use fovea_core::DType;

/// A shader that takes element `place` (WGSL that knows the output's element number `i`) of input 0
/// for each element of the output.
pub(crate) fn take(cx: &Shade, place: &str) -> Program {
    let n = cx.outputs[0].elements();
    if n == 0 {
        return Program::default();
    }
    let body = format!("y0[i] = x0[{place}];");
    Dispatch::each(&cx.limits, n, both(), String::new(), &body).into()
}

/// A shader of one invocation for each element of the output, which reads these inputs.
pub(crate) fn each(cx: &Shade, inputs: u32, body: &str) -> Program {
    let n = cx.outputs[0].elements();
    if n == 0 {
        return Program::default();
    }
    let operands = (0..inputs).map(Operand::Input).chain([Operand::Output(0)]).collect();
    Dispatch::each(&cx.limits, n, operands, String::new(), body).into()
}

/// Input 0 and output 0.
pub(crate) fn both() -> Vec<Operand> {
    vec![Operand::Input(0), Operand::Output(0)]
}

/// An index of this dtype as a u32, which no axis is as long as if it is negative or too large.
pub(crate) fn index(dtype: DType, x: &str) -> String {
    match word::storage(dtype) {
        "i32" => format!("bitcast<u32>({x})"),
        "vec2<u32>" => format!("select(0xffffffffu, ({x}).x, ({x}).y == 0u)"),
        _ => x.to_string(),
    }
}

/// What stands where an index is out of range: NaN, which a guard finds; 0 in a dtype without NaN.
pub(crate) fn missing(dtype: DType) -> &'static str {
    match word::storage(dtype) {
        "f32" => "nan()",
        "i32" => "0i",
        "vec2<u32>" => "vec2<u32>()",
        _ => "0u",
    }
}
