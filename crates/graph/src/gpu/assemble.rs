//! From a dispatch to the WGSL module that a device compiles: declarations of the operands, the
//! library functions that the text calls, and `main`.

use super::{Dispatch, Operand};
use std::fmt::Write;

/// An operand with the place it was given.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Binding {
    pub operand: Operand,
    /// The type of an element in storage.
    pub word: &'static str,
    /// Operands of one number lie in the same place and are declared once.
    pub place: u32,
}

/// The module of a dispatch. Places become `@binding` numbers, from 0 and without gaps. Every binding is
/// declared `read_write`: most operands are ranges of one arena, and a buffer may not be bound for
/// reading alone and for writing in one dispatch. If `halts`, nothing happens once the halt word is set.
pub fn module(dispatch: &Dispatch, bindings: &[Binding], halts: bool) -> String {
    let mut text = String::new();
    let mut declared: Vec<(u32, String)> = Vec::new();
    let mut renamed: Vec<(String, String)> = Vec::new();
    for b in bindings {
        let name = b.operand.name();
        match declared.iter().find(|(place, _)| *place == b.place) {
            Some((_, first)) => renamed.push((name, first.clone())),
            None => {
                let _ = writeln!(
                    text,
                    "@group(0) @binding({}) var<storage, read_write> {name}: array<{}>;",
                    b.place, b.word
                );
                declared.push((b.place, name));
            }
        }
    }
    let rename =
        |source: &str| renamed.iter().fold(source.to_string(), |s, (from, to)| replace_word(&s, from, to));
    let [x, y, z] = dispatch.size;
    let items = rename(&dispatch.items);
    let body = rename(&dispatch.body);
    text.push_str(&super::library::functions(&[&items, &body]));
    let stop = if halts { "if (halt[0] != 0u) { return; }\n" } else { "" };
    let _ = write!(
        text,
        "{items}\n@compute @workgroup_size({x}, {y}, {z})\nfn main(\n  @builtin(global_invocation_id) gid: vec3<u32>,\n  \
         @builtin(local_invocation_id) lid: vec3<u32>,\n  @builtin(local_invocation_index) li: u32,\n  \
         @builtin(workgroup_id) wid: vec3<u32>,\n) {{\n{stop}{body}\n}}\n"
    );
    text
}

/// Replaces an identifier where it stands as a whole word.
fn replace_word(text: &str, from: &str, to: &str) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        let whole = !before.chars().next_back().or(out.chars().next_back()).is_some_and(part)
            && !after.chars().next().is_some_and(part);
        out.push_str(before);
        out.push_str(if whole { to } else { from });
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_words_are_replaced() {
        assert_eq!(
            replace_word("y1 = x1 + xx1 + x1[y10] + x1;", "x1", "y1"),
            "y1 = y1 + xx1 + y1[y10] + y1;"
        );
        assert_eq!(replace_word("x1x1 x1", "x1", "z"), "x1x1 z");
    }
}
