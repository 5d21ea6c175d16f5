//! WGSL for windows over `[n, h, w, c]`, where each invocation takes one element `i`.

use fovea_kernels::pool::PoolShape;

/// `n`, `y`, `x`, `c`: where element `i` of a tensor with these sides lies.
pub fn position(h: usize, w: usize, c: usize) -> String {
    format!(
        "let c = i % {c}u;\n\
         let x = i / {c}u % {w}u;\n\
         let y = i / {row}u % {h}u;\n\
         let n = i / {image}u;\n",
        row = w * c,
        image = h * w * c,
    )
}

/// The functions `rows` and `columns`: the first cell inside the input of the window of an output row
/// or column, and the end of those cells.
pub fn cells(s: &PoolShape) -> String {
    let axis = |name, axis: usize, size, side| {
        format!(
            "fn {name}(o: u32) -> vec2<i32> {{\n\
             let start = i32(o * {stride}u) - {pad};\n\
             return vec2<i32>(max(start, 0), min(start + {size}, {side}));\n}}\n",
            stride = s.stride[axis],
            pad = s.pad[axis],
        )
    };
    axis("rows", 0, s.kh, s.h) + &axis("columns", 1, s.kw, s.w)
}

/// The functions `over_rows` and `over_columns`: the first output row or column whose window holds a
/// row or column of the input, and the end of those.
pub fn windows(s: &PoolShape) -> String {
    let axis = |name, axis: usize, size: usize, outputs| {
        format!(
            "fn {name}(at: u32) -> vec2<u32> {{\n\
             let past = at + {past}u;\n\
             let first = (max(past, {size}u) - {size}u + {stride}u - 1u) / {stride}u;\n\
             return vec2<u32>(first, min((at + {pad}u) / {stride}u + 1u, {outputs}u));\n}}\n",
            past = s.pad[axis] + 1,
            stride = s.stride[axis],
            pad = s.pad[axis],
        )
    };
    axis("over_rows", 0, s.kh, s.oh) + &axis("over_columns", 1, s.kw, s.ow)
}
