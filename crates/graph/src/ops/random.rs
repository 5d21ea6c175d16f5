//! What the random ops share. Input 0 is the key, uint32 [2]; the same key gives the same numbers
//! on every device. The shape is an attribute, or that of an optional second input, whose sides may
//! be unknown while a model is built.

use fovea_core::{DType, Error, Result, Shape, TensorType};

/// The type of what is drawn.
pub(crate) fn infer(name: &str, shape: &[usize], dtype: DType, x: &[TensorType]) -> Result<Vec<TensorType>> {
    let (key, like) = match x {
        [key] => (key, None),
        [key, like] => (key, Some(like)),
        _ => {
            return Err(Error::argument(format!(
                "{name}: expected a key and perhaps a tensor whose shape to take, received {} inputs",
                x.len()
            )));
        }
    };
    if *key != TensorType::new(DType::U32, Shape::of(&[2])) {
        return Err(Error::argument(format!("{name}: expected a key of uint32 [2], received {key}")));
    }
    let shape = match like {
        None => Shape::of(shape),
        Some(like) if shape.is_empty() => like.shape.clone(),
        Some(like) => {
            return Err(Error::argument(format!(
                "{name}: expected one shape, received {shape:?} and a tensor of shape {}",
                like.shape
            )));
        }
    };
    Ok(vec![TensorType::new(dtype, shape)])
}
