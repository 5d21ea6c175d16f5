//! From a line's WGSL expression to the expression for a dtype.
//!
//! A line is written for words: float32, int32 and uint32 as they are, small integers and booleans in
//! 32 bits, cut to their width after arithmetic; bfloat16 as float32, rounded after arithmetic. In `name_T(…)` the `_T` becomes the word's type.
//! int64 has no operators in WGSL: its form of an op is the library's function `i64_<op>`, and an op
//! without one has no int64 kernel.

use super::{Ew, Family, Scalar};
use crate::gpu::{library, word};
use fovea_core::{Bf16, DType};

impl Ew {
    /// The WGSL expression of the op for operands of `operand` (the last one's dtype) that gives
    /// `result`; `args` are names of words. `None` where there is no kernel.
    pub(crate) fn shader(self, operand: DType, result: DType, args: &[String]) -> Option<String> {
        let Some((text, names)) = self.wgsl() else { return Some(cast(operand, result, &args[0])) };
        let takes = match self.family() {
            Family::Num => operand != DType::Bool || self == Ew::StopGradient,
            Family::Float | Family::Test => operand.is_float(),
            Family::Logic => operand == DType::Bool,
            Family::Bits => !operand.is_float(),
            Family::Compare | Family::Select => true,
        };
        if !takes {
            return None;
        }
        if operand == DType::I64 {
            let function = format!("i64_{}", snake(self.name()));
            return library::has(&function).then(|| format!("{function}({})", args.join(", ")));
        }
        let text = text.replace("_T(", &format!("_{}(", word::storage(operand)));
        let value = substitute(&text, names, args);
        Some(match result {
            DType::Bool if self.family() == Family::Bits => format!("(({value}) & 1u)"),
            DType::Bool => format!("u32({value})"),
            DType::U8 | DType::I8 => cut(result, &value),
            DType::Bf16 => round(&value),
            _ => format!("({value})"),
        })
    }
}

/// A float32's value as a bfloat16, which lies in a word of its own.
fn round(value: &str) -> String {
    format!("bf16_of_f32({value})")
}

/// A word's value as an integer of 8 bits, as the CPU's arithmetic wraps.
fn cut(dtype: DType, value: &str) -> String {
    match dtype {
        DType::U8 => format!("(({value}) & 0xffu)"),
        DType::I8 => format!("((({value}) << 24u) >> 24u)"),
        _ => value.to_string(),
    }
}

/// The text with each name replaced by its argument, at once.
fn substitute(text: &str, names: &[&str], args: &[String]) -> String {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(part) {
        out.push_str(&rest[..at]);
        let word = &rest[at..];
        let word = &word[..word.find(|c| !part(c)).unwrap_or(word.len())];
        let value = names.iter().position(|&n| n == word).map_or(word, |i| &args[i]);
        out.push_str(value);
        rest = &rest[at + word.len()..];
    }
    out + rest
}

/// `logicalAnd` as `logical_and`.
fn snake(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_uppercase() {
        true => format!("_{}", c.to_ascii_lowercase()),
        false => c.to_string(),
    };
    name.chars().map(letter).collect()
}

/// A conversion: floats truncate and saturate (NaN becomes 0), integers wrap, anything but 0 is true,
/// and a bfloat16 is rounded to the nearest.
pub(crate) fn cast(from: DType, to: DType, x: &str) -> String {
    use DType::{Bf16, Bool, F32, I8, I32, I64, U8, U32};
    match (from, to) {
        _ if from == to => x.to_string(),
        (Bf16, _) => cast(F32, to, x),
        (F32, Bf16) => round(x),
        (_, Bf16) => round(&cast(from, F32, x)),
        (Bool, _) => cast(U32, to, x),
        (F32, Bool) => format!("u32((bitcast<u32>({x}) & 0x7fffffffu) != 0u)"),
        (I64, Bool) => format!("u32(any({x} != vec2<u32>()))"),
        (I32 | I8, Bool) => format!("u32({x} != 0i)"),
        (U32 | U8, Bool) => format!("u32({x} != 0u)"),
        (F32, I32) => format!("i32_of_f32({x})"),
        (F32, U32) => format!("u32_of_f32({x})"),
        (F32, U8) => format!("min(u32_of_f32({x}), 255u)"),
        (F32, I8) => format!("clamp(i32_of_f32({x}), -128i, 127i)"),
        (F32, I64) => format!("i64_of_f32({x})"),
        (I64, F32) => format!("f32_of_i64({x})"),
        (I64, _) => cast(U32, to, &format!("({x}).x")),
        (I32 | I8, I64) => format!("i64_of_i32({x})"),
        (U32 | U8, I64) => format!("vec2<u32>({x}, 0u)"),
        (_, F32) => format!("f32({x})"),
        (_, I32) => format!("bitcast<i32>({x})"),
        (_, U32) => format!("bitcast<u32>({x})"),
        (_, U8) => cut(U8, &format!("bitcast<u32>({x})")),
        (_, I8) => cut(I8, &format!("bitcast<i32>({x})")),
    }
}

/// A number as a WGSL expression of its word.
pub(crate) fn constant(c: Scalar) -> String {
    let value = c.value();
    match c.dtype {
        DType::F32 => float(value as f32),
        DType::Bf16 => float(Bf16::from_f32(value as f32).to_f32()),
        DType::I32 => format!("bitcast<i32>({}u)", value as i32 as u32),
        DType::I8 => format!("bitcast<i32>({}u)", i32::from(value as i8) as u32),
        DType::U32 => format!("{}u", value as u32),
        DType::U8 => format!("{}u", value as u8),
        DType::Bool => format!("{}u", u8::from(value != 0.0)),
        DType::I64 => {
            let bits = value as i64 as u64;
            format!("vec2<u32>({}u, {}u)", bits as u32, bits >> 32)
        }
    }
}

/// A float as a WGSL expression. Compilers refuse infinities and NaN among constants: functions of
/// the library make them.
fn float(x: f32) -> String {
    match x {
        _ if x.is_nan() => "nan()".into(),
        _ if x.is_infinite() => if x > 0.0 { "infinity()" } else { "(-infinity())" }.into(),
        _ if x == 0.0 || x.is_normal() => format!("({x:?}f)"),
        _ => format!("bitcast<f32>({}u)", x.to_bits()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_replaced_where_they_are_whole() {
        let args = ["b".to_string(), "x0".to_string()];
        assert_eq!(substitute("max_a(a, b) + ab - 0xau", &["a", "b"], &args), "max_a(b, x0) + ab - 0xau");
    }

    #[test]
    fn arithmetic_of_eight_bits_wraps() {
        let args = ["p".to_string(), "q".to_string()];
        let add = |dtype| Ew::Add.shader(dtype, dtype, &args);
        assert_eq!(add(DType::F32).as_deref(), Some("(p + q)"));
        assert_eq!(add(DType::U8).as_deref(), Some("((p + q) & 0xffu)"));
        assert_eq!(add(DType::I64).as_deref(), Some("i64_add(p, q)"));
        assert_eq!(add(DType::Bool), None);
        assert_eq!(Ew::Exp.shader(DType::I64, DType::I64, &args), None);
    }
}
