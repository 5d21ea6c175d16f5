use super::tiling::{SIDE, Tiling};
use super::{Load, Order, Product};
use std::fmt::Write;

/// From one row of a slice in workgroup memory to the next: one more than it holds, so that
/// neighbours along the sum lie in different banks.
const ROW: usize = SIDE + 1;

/// The type of so many elements that one invocation holds.
fn vector(elements: usize) -> String {
    if elements == 1 { "f32".into() } else { format!("vec{elements}<f32>") }
}

/// Element `i` of a value `name` of [`vector`].
fn lane(name: &str, elements: usize, i: usize) -> String {
    if elements == 1 { name.into() } else { format!("{name}.{}", ["x", "y", "z", "w"][i]) }
}

impl Product {
    /// The functions that read elements of A and B.
    pub(super) fn loads(&self) -> String {
        let functions = |name: &str, load: &Load| {
            format!(
                "fn {name}_side(z: u32, i: u32) -> vec3<i32> {{\n{}\n}}\n\
                 fn {name}_at(s: vec3<i32>, k: u32) -> f32 {{\n{}\n}}\n",
                load.side, load.value,
            )
        };
        functions("a", &self.a) + &functions("b", &self.b)
    }

    /// What stands before `main`: workgroup memory, how elements are read, how a result is stored.
    pub(super) fn functions(&self, tiling: &Tiling, store: &str) -> String {
        let Product { m, n, place, .. } = self;
        let [a, b] = tiling.per.map(vector);
        let elements = SIDE * ROW;
        format!(
            "var<workgroup> slice_a: array<{a}, {elements}>;\n\
             var<workgroup> slice_b: array<{b}, {elements}>;\n\
             {}\
             fn put(z: u32, part: u32, i: u32, j: u32, v: f32) {{\n\
             if (i < {m}u && j < {n}u) {{\nlet at = {place};\n{store}\n}}\n}}\n",
            self.loads()
        )
    }

    /// `main`. Nothing returns early: every invocation must reach every barrier.
    pub(super) fn body(&self, tiling: &Tiling, grid: [u32; 3]) -> String {
        let &Tiling { per: [rows, columns], tiles: [down, across], parts, part, block, .. } = tiling;
        let all = tiling.workgroups();
        let (row, column) = (rows * SIDE, columns * SIDE);
        let mut text = String::new();
        let spare = grid[0] as usize * grid[1] as usize > all;
        let _ = writeln!(text, "let w = wid.y * {}u + wid.x;", grid[0]);
        if spare {
            let _ = writeln!(text, "if (w < {all}u) {{");
        }
        let _ = write!(
            text,
            "let tile = w % {tiles}u;\n\
             let z = w / {tiles}u / {parts}u;\n\
             let part = w / {tiles}u % {parts}u;\n\
             let begin = part * {part}u;\n\
             let end = min(begin + {part}u, {k}u);\n\
             let tx = li % {SIDE}u;\n\
             let ty = li / {SIDE}u;\n\
             let row = tile / {across}u * {row}u;\n\
             let column = tile % {across}u * {column}u;\n",
            tiles = down * across,
            k = self.k,
        );
        text.push_str(&sides("a", &self.a, "row", rows, self.m));
        text.push_str(&sides("b", &self.b, "column", columns, self.n));
        let v = vector(columns);
        for i in 0..rows {
            let _ = writeln!(text, "var sum{i} = {v}();\nvar total{i} = {v}();");
        }
        let _ = writeln!(text, "for (var k = begin; k < end; k += {SIDE}u) {{");
        text.push_str(&bring("a", rows));
        text.push_str(&bring("b", columns));
        let _ = write!(
            text,
            "workgroupBarrier();\n\
             for (var q = 0u; q < {SIDE}u; q++) {{\n\
             let a = slice_a[q * {ROW}u + ty];\n\
             let b = slice_b[q * {ROW}u + tx];\n"
        );
        for i in 0..rows {
            let _ = writeln!(text, "sum{i} = fma({v}({}), b, sum{i});", lane("a", rows, i));
        }
        text.push_str("}\nworkgroupBarrier();\n");
        // Blocks end at the same places in every invocation; the last one joins after the loop.
        if block > 1 {
            let _ = writeln!(text, "if ((k - begin) / {SIDE}u % {block}u == {block}u - 1u) {{");
        }
        let join: String = (0..rows).map(|i| format!("total{i} += sum{i};\nsum{i} = {v}();\n")).collect();
        text.push_str(&join);
        text.push_str(if block > 1 { "}\n}\n" } else { "}\n" });
        if block > 1 {
            text.push_str(&join);
        }
        for (i, j) in (0..rows).flat_map(|i| (0..columns).map(move |j| (i, j))) {
            let _ = writeln!(
                text,
                "put(z, part, row + ty * {rows}u + {i}u, column + tx * {columns}u + {j}u, {});",
                lane(&format!("total{i}"), columns, j)
            );
        }
        if spare {
            text.push('}');
        }
        text
    }
}

/// Which elements an invocation brings of operand `name`: `per` neighbouring sides at one place of
/// each slice. Sides beyond the last are read as the last; what they give is never stored.
fn sides(name: &str, load: &Load, first: &str, per: usize, count: usize) -> String {
    let (along, across) = match load.order {
        Order::Sum => ("tx", "ty"),
        Order::Side => ("ty", "tx"),
    };
    let mut text = format!("let {name}_k = {along};\nlet {name}_i = {across};\n");
    for i in 0..per {
        let _ = writeln!(
            text,
            "let {name}{i} = {name}_side(z, min({first} + {name}_i * {per}u + {i}u, {}u));",
            count - 1
        );
    }
    text
}

/// Brings a slice of operand `name` to workgroup memory, with zeros beyond the end of the sum.
fn bring(name: &str, per: usize) -> String {
    let v = vector(per);
    let values: Vec<String> = (0..per).map(|i| format!("{name}_at({name}{i}, k + {name}_k)")).collect();
    format!(
        "var next_{name} = {v}();\n\
         if (k + {name}_k < end) {{ next_{name} = {v}({}); }}\n\
         slice_{name}[{name}_k * {ROW}u + {name}_i] = next_{name};\n",
        values.join(", ")
    )
}
