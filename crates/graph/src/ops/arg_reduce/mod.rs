//! Where along an axis the largest or smallest element stands.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::elementwise::Ew;
use crate::gpu::{Dispatch, Program, Shade, grid, word};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use crate::ops::reduce::gpu::Fold;
use crate::ops::{axes, shade};
use fovea_core::{DType, Error, Result, TensorType};
use fovea_kernels::reduce::{self, ArgOp};
use serde::{Deserialize, Serialize};

/// Which extreme an [`ArgReduce`] looks for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(rename_all = "camelCase")]
pub enum ArgKind {
    Max,
    Min,
}

/// The int32 index of an extreme along one axis, which the result lacks; the first of equals.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct ArgReduce {
    pub kind: ArgKind,
    /// A negative axis counts from the end.
    pub axis: i64,
}

impl Operator for ArgReduce {
    const NAME: &'static str = "argReduce";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let name = match self.kind {
            ArgKind::Max => "argmax",
            ArgKind::Min => "argmin",
        };
        let [x] = arity(name, x)?;
        let axis = axes::axis(name, self.axis, &x.shape)?;
        if x.shape[axis] == Some(0) {
            return Err(Error::shape(format!(
                "{name}: expected at least one element along axis {axis}, received {x}"
            )));
        }
        Ok(vec![TensorType::new(DType::I32, axes::dropped(&x.shape, &[axis]))])
    }

    fn vjp(&self, _: &mut Grad) -> Result<()> {
        Ok(())
    }

    fn cpu(&self, cx: &mut Lower) -> Result<()> {
        let axis = axes::axis(Self::NAME, self.axis, &cx.input_types[0].shape)?;
        let kind = match self.kind {
            ArgKind::Max => ArgOp::Max,
            ArgKind::Min => ArgOp::Min,
        };
        let r = reduce::ArgReduce::new(cx.isa, kind, cx.input_types[0].dtype, &cx.input_sizes(0), &[axis]);
        cx.chunks(r.phase, move |chunk, io| {
            // SAFETY: operands have the types that the routine was made for.
            unsafe { r.run(chunk, io.input(0), io.output(0), io.scratch) }
        });
        Ok(())
    }

    fn gpu(&self, cx: &Shade) -> Option<Program> {
        let axis = axes::axis(Self::NAME, self.axis, &cx.inputs[0].shape).ok()?;
        let fold = Fold::new(&cx.inputs[0].sizes(), &[axis]);
        if fold.n == 0 {
            return Some(Program::default());
        }
        let (dtype, [columns, rows]) = (cx.inputs[0].dtype, fold.tile());
        let (word, n, length) = (word::storage(dtype), fold.n, fold.length);
        let workgroups = grid(&cx.limits, n.div_ceil(columns as usize));
        let op = match self.kind {
            ArgKind::Max => Ew::Greater,
            ArgKind::Min => Ew::Less,
        };
        let better = op.shader(dtype, DType::Bool, &["a".to_string(), "b".to_string()])?;
        let nan = |x: &str| if dtype.is_float() { format!("is_nan({x})") } else { "false".to_string() };
        let lanes = columns * rows;
        let items = format!(
            "var<workgroup> values: array<{word}, {lanes}>;
var<workgroup> places: array<u32, {lanes}>;
// Whether element `i` of value `a` comes before element `j` of value `b`: NaN first, then the better,
// then the earlier. There is no element 0xffffffff.
fn wins(a: {word}, i: u32, b: {word}, j: u32) -> bool {{
  if (i == 0xffffffffu || j == 0xffffffffu) {{ return j == 0xffffffffu; }}
  let first = {};
  let second = {};
  if (first || second) {{ return first && (!second || i < j); }}
  if (({better}) != 0u) {{ return true; }}
  return all(a == b) && i < j;
}}
",
            nan("a"),
            nan("b"),
        );
        let body = format!(
            "let o = (wid.y * {row}u + wid.x) * {columns}u + lid.x;
let end = select(0u, {length}u, o < {n}u);
var value = {word}();
var place = 0xffffffffu;
for (var r = lid.y; r < end; r += {rows}u) {{
  let x = x0[{base} + {offset}];
  if (wins(x, r, value, place)) {{ value = x; place = r; }}
}}
values[li] = value;
places[li] = place;
for (var half = {half}u; half > 0u; half = half / 2u) {{
  workgroupBarrier();
  if (lid.y < half) {{
    let other = li + half * {columns}u;
    if (wins(values[other], places[other], value, place)) {{ value = values[other]; place = places[other]; }}
    values[li] = value;
    places[li] = place;
  }}
}}
if (lid.y == 0u && o < {n}u) {{ y0[o] = i32(place); }}",
            row = workgroups[0],
            base = fold.base,
            offset = fold.offset,
            half = rows / 2,
        );
        Some(Dispatch { operands: shade::both(), items, body, size: [columns, rows, 1], workgroups }.into())
    }
}
