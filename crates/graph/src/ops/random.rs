//! What the random ops share. Input 0 is the key, uint32 [2]; the same key gives the same numbers
//! on every device. The shape is an attribute, or that of an optional second input, whose sides may
//! be unknown while a model is built.

use crate::gpu::{Dispatch, Program, Shade};
use crate::lower::Lower;
use crate::ops::shade;
use fovea_core::{DType, Error, Result, Shape, TensorType};
use fovea_kernels::random::{Draw, Random};

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

/// Lowers a random op.
pub(crate) fn lower(cx: &mut Lower, draw: Draw) {
    let r = Random::new(cx.isa, draw, cx.output_types[0].elements());
    cx.chunks(r.phase, move |chunk, io| {
        // SAFETY: input 0 is a key of two words, and the output has the elements planned for.
        unsafe { r.run(chunk, io.input(0), io.output(0)) }
    });
}

/// Writes the shader of a random op: four elements an invocation. `drawn` makes them, as WGSL, of the
/// words `w` of the elements' block, as on the CPU.
pub(crate) fn shade(cx: &Shade, drawn: &str) -> Program {
    let n = cx.outputs[0].elements();
    if n == 0 {
        return Program::default();
    }
    let body = format!(
        "let w = philox(vec2<u32>(x0[0], x0[1]), i);
let drawn = {drawn};
for (var k = 0u; k < min(4u, {n}u - 4u * i); k++) {{
  y0[4u * i + k] = drawn[k];
}}"
    );
    Dispatch::each(&cx.limits, n.div_ceil(4), shade::both(), String::new(), &body).into()
}

/// Samples and words for the oracles, written down again from the generator's definition.
#[cfg(test)]
pub(crate) mod naive {
    use crate::checked::Arg;
    use fovea_core::{DType, rng};
    use ndarray::ArrayD;

    /// Shapes and inputs: some with the shape as an attribute, some with a tensor that has it.
    pub(crate) fn samples() -> Vec<(Vec<usize>, Vec<Arg>)> {
        let key = |a: u32, b: u32| Arg::of(DType::U32, &[2], vec![f64::from(a), f64::from(b)]);
        vec![
            (vec![], vec![key(0, 0)]),
            (vec![5], vec![key(1, 2)]),
            (vec![4, 3], vec![key(u32::MAX, 7)]),
            (vec![0, 3], vec![key(3, 4)]),
            (vec![2, 3, 5, 7], vec![key(5, 6)]),
            (vec![40_001], vec![key(0xDEAD_BEEF, 0xFACE_FEED)]),
            (vec![], vec![key(8, 9), Arg::float(&[3, 2], 1)]),
            (vec![], vec![key(8, 9), Arg::ints(DType::U8, &[6, 1, 1], 200, 1)]),
        ]
    }

    /// A tensor whose element `i` is `element(word, i)`; `word` gives the generator's words.
    pub(crate) fn draw(
        shape: &[usize],
        x: &[ArrayD<f64>],
        element: impl Fn(&dyn Fn(usize) -> u32, usize) -> f64,
    ) -> Vec<ArrayD<f64>> {
        let key = [x[0][0] as u32, x[0][1] as u32];
        let word = |i: usize| rng::philox(key, [(i / 4) as u32, 0, 0, 0])[i % 4];
        let shape = x.get(1).map_or(shape, |like| like.shape());
        let elements = (0..shape.iter().product()).map(|i| element(&word, i)).collect();
        vec![ArrayD::from_shape_vec(shape.to_vec(), elements).expect("one element for each place")]
    }
}
