use fovea_core::DType;
use fovea_graph::elementwise::Ew;
use fovea_graph::types::{OpType, Types};

const NAMES: &str = "/** The name of an op. */\nexport type OpName = keyof OpAttributes;\n\n";

/// The attributes of all ops, the types that these refer to, and how many operands the elementwise
/// ops take.
pub fn text() -> String {
    let types = Types::all();
    let named: String =
        types.named.values().map(|declaration| format!("{}\n", indented(&plain(declaration), 0))).collect();
    let attributes: String = types.ops.iter().map(property).collect();
    // Which dtype it casts to does not change what `cast` takes.
    let elementwise = Ew::ALL.iter().chain(&[Ew::Cast(DType::F32)]);
    let arities: String = elementwise.map(|op| format!("  {}: {};\n", op.name(), op.arity())).collect();
    format!(
        "import type {{ DType }} from './dtypes.ts';\n\n{named}\
         /** The attributes of each op, by its name. */\nexport interface OpAttributes {{\n{attributes}}}\n\n{NAMES}\
         /** How many operands each elementwise op takes; it has one output. */\n\
         export interface ElementwiseArity {{\n{arities}}}\n"
    )
}

/// An op's line in the interface, or its block if it has attributes.
fn property(op: &OpType) -> String {
    let docs = op.docs.as_deref().map(|docs| indented(&plain(docs), 2)).unwrap_or_default();
    let Some(fields) = op.attributes.strip_prefix('{').and_then(|a| a.strip_suffix('}')) else {
        return format!("{docs}  {}: Record<string, never>;\n", op.name);
    };
    format!("{docs}  {}: {{\n{}  }};\n", op.name, indented(&plain(&split(fields)), 4))
}

/// Puts each field on a line of its own. A comma between brackets or in a comment ends no field.
fn split(fields: &str) -> String {
    let mut out = String::new();
    for line in fields.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let comment = line.starts_with('*') || line.starts_with("/*");
        let mut depth = 0;
        for c in line.chars() {
            match c {
                '[' | '<' | '{' => depth += 1,
                ']' | '>' | '}' => depth -= 1,
                _ => {}
            }
            match c {
                ',' if depth == 0 && !comment => out.push_str(";\n"),
                ' ' if out.ends_with('\n') && !comment => {}
                c => out.push(c),
            }
        }
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    out
}

/// Folds comments of one line, which ts-rs writes on three.
fn plain(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        match lines.as_slice() {
            [.., open, only] if line == "*/" && open == "/**" => {
                let only = only.trim_start_matches("* ").to_string();
                lines.truncate(lines.len() - 2);
                lines.push(format!("/** {only} */"));
            }
            _ => lines.push(line.to_string()),
        }
    }
    lines.join("\n")
}

fn indented(text: &str, by: usize) -> String {
    let line = |line: &str| match line.starts_with('*') {
        // The stars of a comment stand below its first.
        true => format!("{:by$} {line}\n", ""),
        false => format!("{:by$}{line}\n", ""),
    };
    text.lines().map(line).collect()
}
