use fovea_graph::elementwise::{Ew, Family};

/// A function of TypeScript for each op of the elementwise table.
pub fn text() -> String {
    let functions: String = Ew::ALL.iter().map(|&op| function(op)).collect();
    format!(
        "import {{ one, type TensorLike, wholeBeside }} from '../ops/apply.ts';\n\
         import type {{ Tensor }} from '../tensor/tensor.ts';\n{functions}"
    )
}

/// The op's function. What the bits of numbers are taken of must be whole.
fn function(op: Ew) -> String {
    let (name, docs) = (op.name(), op.docs());
    let names: &[&str] = match op.arity() {
        1 => &["x"],
        2 => &["x", "y"],
        _ => &["condition", "x", "y"],
    };
    let parameters: Vec<String> = names.iter().map(|x| format!("{x}: TensorLike")).collect();
    let operands = match (op.family(), names) {
        (Family::Bits, [x, y]) => format!("wholeBeside({x}, {y}), wholeBeside({y}, {x})"),
        (Family::Bits, [x]) => format!("wholeBeside({x})"),
        _ => names.join(", "),
    };
    let parameters = parameters.join(", ");
    format!(
        "\n/** {docs} */\nexport function {name}({parameters}): Tensor {{\n  return one('{name}', {operands});\n}}\n"
    )
}
