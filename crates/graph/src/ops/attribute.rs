//! How attributes are written in JSON: numbers that are compared by their bits, dtypes by name.

use fovea_core::DType;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// A number among an op's attributes, equal and hashed by its bits. In JSON it is a number, or one
/// of `"Infinity"`, `"-Infinity"` and `"NaN"`, for which JSON has no numbers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "types",
    derive(ts_rs::TS),
    ts(type = "number | \"Infinity\" | \"-Infinity\" | \"NaN\"")
)]
pub struct Float(u64);

impl Float {
    pub fn new(value: f64) -> Float {
        Float(value.to_bits())
    }

    pub fn get(self) -> f64 {
        f64::from_bits(self.0)
    }
}

impl fmt::Debug for Float {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl Serialize for Float {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        match self.get() {
            x if x.is_finite() => s.serialize_f64(x),
            f64::INFINITY => s.serialize_str("Infinity"),
            f64::NEG_INFINITY => s.serialize_str("-Infinity"),
            _ => s.serialize_str("NaN"),
        }
    }
}

impl<'de> Deserialize<'de> for Float {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Float, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Number(f64),
            Word(String),
        }
        let value = match Written::deserialize(d)? {
            Written::Number(x) => Some(x),
            Written::Word(w) => match w.as_str() {
                "Infinity" => Some(f64::INFINITY),
                "-Infinity" => Some(f64::NEG_INFINITY),
                "NaN" => Some(f64::NAN),
                _ => None,
            },
        };
        value.map(Float::new).ok_or_else(|| serde::de::Error::custom("expected a number"))
    }
}

/// Whether a tensor of `dtype` can hold `value` as it is (floats round).
pub(crate) fn holds(dtype: DType, value: f64) -> bool {
    let whole = |low: f64, high: f64| value.fract() == 0.0 && (low..=high).contains(&value);
    match dtype {
        DType::F32 | DType::Bf16 => true,
        DType::I32 => whole(f64::from(i32::MIN), f64::from(i32::MAX)),
        DType::U32 => whole(0.0, f64::from(u32::MAX)),
        // Whole numbers past 2^53 are not sure to be what was meant.
        DType::I64 => whole(-9_007_199_254_740_992.0, 9_007_199_254_740_992.0),
        DType::U8 => whole(0.0, 255.0),
        DType::I8 => whole(-128.0, 127.0),
        DType::Bool => whole(0.0, 1.0),
    }
}

/// A dtype by its name, for `#[serde(with = "dtype")]`.
pub(crate) mod dtype {
    use super::*;

    pub fn serialize<S: Serializer>(dtype: &DType, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(dtype.name())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<DType, D::Error> {
        let name = String::deserialize(d)?;
        DType::from_name(&name).ok_or_else(|| {
            let known: Vec<&str> = DType::ALL.iter().map(|d| d.name()).collect();
            serde::de::Error::custom(format!("expected a dtype ({}), received '{name}'", known.join(", ")))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Float;

    #[test]
    fn numbers_that_json_lacks_are_words() {
        for (json, value) in [("\"-Infinity\"", f64::NEG_INFINITY), ("0.1", 0.1), ("3", 3.0)] {
            assert_eq!(serde_json::from_str::<Float>(json).unwrap(), Float::new(value));
        }
        assert!(serde_json::from_str::<Float>("\"NaN\"").unwrap().get().is_nan());
        assert!(serde_json::from_str::<Float>("\"1e3\"").is_err());
        assert_eq!(serde_json::to_string(&Float::new(f64::INFINITY)).unwrap(), "\"Infinity\"");
    }
}
