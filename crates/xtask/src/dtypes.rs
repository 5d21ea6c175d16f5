use fovea_core::DType;

/// The dtype names as a union, and their sizes.
pub fn text() -> String {
    let union: Vec<String> = DType::ALL.iter().map(|d| format!("'{}'", d.name())).collect();
    let sizes: Vec<String> = DType::ALL.iter().map(|d| format!("  {}: {},\n", d.name(), d.size())).collect();
    format!(
        "/** The element types a tensor can have. */\n\
         export type DType = {};\n\n\
         /** Bytes per element. */\n\
         export const dtypeSize: Readonly<Record<DType, number>> = {{\n{}}};\n",
        union.join(" | "),
        sizes.concat()
    )
}
