//! Reductions on a GPU. A workgroup is `columns` neighbouring results by `rows` invocations that share
//! the elements of each; what they find meets in a tree. A long reduction to few results is cut into
//! parts first, whose results meet in a second dispatch. How it is cut depends on the shape alone.

use super::{Reduce, ReduceKind};
use crate::gpu::{Dispatch, Limits, Operand, Program, Shade, grid, index, word};
use crate::ops::axes;
use fovea_core::DType;

/// Terms that one invocation adds up before it begins a new sum: rounding errors grow with it.
const BLOCK: usize = 16;
/// Elements of one result from which on it is cut into parts.
const LONG: usize = 8192;
/// The most parts.
const PARTS: usize = 64;

/// A reduction as results by elements.
pub(crate) struct Fold {
    /// Results.
    pub n: usize,
    /// Elements of each.
    pub length: usize,
    /// Where result `o`'s first element stands, as WGSL.
    pub base: String,
    /// How far from there its element `r` stands, as WGSL.
    pub offset: String,
    /// Whether results that are neighbours have elements that are neighbours.
    across: bool,
}

impl Fold {
    /// Of a tensor of these sides over these axes, which are in ascending order.
    pub fn new(sizes: &[usize], axes: &[usize]) -> Fold {
        let strides = index::strides(sizes);
        let sides = |reduced: bool| -> (Vec<usize>, Vec<usize>) {
            (0..sizes.len()).filter(|i| axes.contains(i) == reduced).map(|i| (sizes[i], strides[i])).unzip()
        };
        let ((kept, kept_strides), (reduced, reduced_strides)) = (sides(false), sides(true));
        let last = (0..sizes.len()).rev().find(|&i| sizes[i] != 1);
        Fold {
            n: kept.iter().product(),
            length: reduced.iter().product(),
            base: index::place("o", &kept, &kept_strides, 0),
            offset: index::place("r", &reduced, &reduced_strides, 0),
            across: last.is_some_and(|i| !axes.contains(&i)),
        }
    }

    /// Invocations of a workgroup: results, and invocations that share each.
    pub fn tile(&self) -> [u32; 2] {
        let rows = |most: usize| self.length.div_ceil(BLOCK).next_power_of_two().min(most) as u32;
        if !self.across {
            let rows = rows(256);
            return [(64 / rows).max(1), rows];
        }
        // Neighbouring results are read together; few of them leave room for more rows.
        let columns = self.n.next_power_of_two().min(64 / rows(2) as usize) as u32;
        [columns, rows(256 / columns as usize)]
    }
}

/// How many parts a result's elements are cut into.
fn parts(fold: &Fold) -> usize {
    match fold.length >= LONG && fold.n < 1024 {
        true => (fold.length / (LONG / 4)).min(PARTS),
        false => 1,
    }
}

impl Reduce {
    /// Writes the shaders, one dispatch or two.
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let dtype = cx.inputs[0].dtype;
        let sizes = cx.inputs[0].sizes();
        let axes = axes::axes(self.kind.name(), &self.axes, &cx.inputs[0].shape).ok()?;
        let fold = Fold::new(&sizes, &axes);
        let way = Way::of(self.kind, dtype)?;
        let finish = match self.kind {
            ReduceKind::Mean => format!("div_f32(value, {}f)", fold.length as f32),
            _ => "value".to_string(),
        };
        if fold.n == 0 {
            return Some(Program::default());
        }
        if fold.length == 0 {
            let body = format!("let value = {};\ny0[i] = {finish};", way.identity);
            let operands = vec![Operand::Output(0)];
            return Some(Dispatch::each(&cx.limits, fold.n, operands, String::new(), &body).into());
        }
        let load = format!("x0[{} + {}]", fold.base, fold.offset);
        let store = format!("y0[o] = {finish};");
        Some(way.program(&cx.limits, &fold, &load, &store, &[Operand::Input(0)], Operand::Output(0)))
    }
}

/// How two elements of a dtype become one.
pub(crate) struct Way {
    word: &'static str,
    identity: &'static str,
    /// Of `a` and `b`.
    both: &'static str,
}

impl Way {
    pub fn of(kind: ReduceKind, dtype: DType) -> Option<Way> {
        use DType::{Bool, F32, I8, I32, I64, U8, U32};
        use ReduceKind::{All, Any, Max, Mean, Min, Prod, Sum};
        let (identity, both) = match (kind, dtype) {
            (Sum | Mean, F32) => ("0.0f", "a + b"),
            (Sum, I32) => ("0i", "a + b"),
            (Sum, U32) => ("0u", "a + b"),
            (Sum, I64) => ("vec2<u32>()", "i64_add(a, b)"),
            (Prod, F32) => ("1.0f", "a * b"),
            (Prod, I32) => ("1i", "a * b"),
            (Prod, U32) => ("1u", "a * b"),
            (Prod, I64) => ("vec2<u32>(1u, 0u)", "i64_mul(a, b)"),
            (Max, F32) => ("-infinity()", "max_f32(a, b)"),
            (Max, I32 | I8) => ("bitcast<i32>(0x80000000u)", "max(a, b)"),
            (Max, U32 | U8 | Bool) => ("0u", "max(a, b)"),
            (Max, I64) => ("vec2<u32>(0u, 0x80000000u)", "i64_maximum(a, b)"),
            (Min, F32) => ("infinity()", "min_f32(a, b)"),
            (Min, I32 | I8) => ("0x7fffffffi", "min(a, b)"),
            (Min, U32 | U8 | Bool) => ("0xffffffffu", "min(a, b)"),
            (Min, I64) => ("vec2<u32>(0xffffffffu, 0x7fffffffu)", "i64_minimum(a, b)"),
            (All, Bool) => ("1u", "a & b"),
            (Any, Bool) => ("0u", "a | b"),
            // Operands are cast to the dtype of the result before.
            _ => return None,
        };
        Some(Way { word: word::storage(dtype), identity, both })
    }

    /// Reduces the elements `load` (of result `o`, at `r`), which are in `reads`, and runs `store`, which
    /// writes to `to`: one dispatch or two.
    pub fn program(
        &self,
        limits: &Limits,
        fold: &Fold,
        load: &str,
        store: &str,
        reads: &[Operand],
        to: Operand,
    ) -> Program {
        let with = |last: Operand| reads.iter().copied().chain([last]).collect();
        let parts = parts(fold);
        if parts == 1 {
            return self.dispatch(limits, fold, 1, load, store, with(to)).into();
        }
        let keep = self.keep(&format!("o * {parts}u + part"));
        let first = self.dispatch(limits, fold, parts, load, &keep, with(Operand::Temp));
        let rest = Fold::new(&[fold.n, parts], &[1]);
        let load = self.kept(&format!("{} + {}", rest.base, rest.offset));
        let second = self.dispatch(limits, &rest, 1, &load, store, vec![Operand::Temp, to]);
        let words = if self.word == "vec2<u32>" { 2 } else { 1 };
        Program { dispatches: vec![first, second], temp: fold.n * parts * words }
    }

    /// Keeps `value` as number `at` of the memory between dispatches.
    fn keep(&self, at: &str) -> String {
        match self.word {
            "vec2<u32>" => format!("let at = 2u * ({at});\nt[at] = value.x;\nt[at + 1u] = value.y;"),
            _ => format!("t[{at}] = bitcast<u32>(value);"),
        }
    }

    /// What was kept as number `at`.
    fn kept(&self, at: &str) -> String {
        match self.word {
            "vec2<u32>" => format!("vec2<u32>(t[2u * ({at})], t[2u * ({at}) + 1u])"),
            word => format!("bitcast<{word}>(t[{at}])"),
        }
    }

    /// Reduces part `part` of the elements `load` (of result `o`, at `r`) and runs `store`.
    fn dispatch(
        &self,
        limits: &Limits,
        fold: &Fold,
        parts: usize,
        load: &str,
        store: &str,
        operands: Vec<Operand>,
    ) -> Dispatch {
        let [columns, rows] = fold.tile();
        let (n, length, word) = (fold.n, fold.length, self.word);
        let groups = n.div_ceil(columns as usize);
        let workgroups = grid(limits, groups * parts);
        let each = length.div_ceil(parts);
        let items = format!(
            "var<workgroup> shared_values: array<{word}, {}>;\nfn both(a: {word}, b: {word}) -> {word} {{ return {}; }}\n",
            columns * rows,
            self.both
        );
        let block = BLOCK as u32 * rows;
        let body = format!(
            "let group = wid.y * {row}u + wid.x;
let o = (group % {groups}u) * {columns}u + lid.x;
let part = group / {groups}u;
let end = select(0u, min((part + 1u) * {each}u, {length}u), o < {n}u && part < {parts}u);
var value = {identity};
for (var start = part * {each}u + lid.y; start < end; start += {block}u) {{
  var sum = {identity};
  for (var r = start; r < min(start + {block}u, end); r += {rows}u) {{
    sum = both(sum, {load});
  }}
  value = both(value, sum);
}}
{tree}if (lid.y == 0u && o < {n}u && part < {parts}u) {{
  {store}
}}",
            row = workgroups[0],
            identity = self.identity,
            tree = tree(columns, rows),
        );
        Dispatch { operands, items, body, size: [columns, rows, 1], workgroups }
    }
}

/// Lets the rows of each column meet, in an order that is always the same.
fn tree(columns: u32, rows: u32) -> String {
    if rows == 1 {
        return String::new();
    }
    format!(
        "shared_values[li] = value;
for (var half = {}u; half > 0u; half = half / 2u) {{
  workgroupBarrier();
  if (lid.y < half) {{
    value = both(value, shared_values[li + half * {columns}u]);
    shared_values[li] = value;
  }}
}}
",
        rows / 2
    )
}
