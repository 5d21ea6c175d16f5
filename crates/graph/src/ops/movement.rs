//! Lowering of what only moves elements.

use crate::lower::{Io, Lower};
use fovea_core::{DType, Error};
use fovea_kernels::movement::{Movement, first_out_of_range};
use fovea_kernels::routine::PhaseSpec;

/// Pushes a movement from the node's inputs to its output.
pub(crate) fn lower(cx: &mut Lower, movement: Movement) {
    cx.routine(&movement.phases().to_vec(), movement.temp(), move |phase, chunk, io| {
        // SAFETY: a constant pointer is a pointer; operands have the shapes that the movement was
        // made for.
        unsafe {
            let inputs = std::slice::from_raw_parts(io.inputs.as_ptr().cast::<*const u8>(), io.inputs.len());
            movement.run(phase, chunk, inputs, io.output(0));
        }
    });
}

/// Pushes phases that read input 1 as indices, after one that fails if an index is not below
/// `limit`.
pub(crate) fn lower_indexed(
    cx: &mut Lower,
    name: &'static str,
    limit: usize,
    phases: &[PhaseSpec],
    run: impl Fn(usize, usize, &Io) + Send + Sync + 'static,
) {
    let (dtype, count) = (cx.input_types[1].dtype, cx.input_types[1].elements());
    let check = PhaseSpec { chunks: 1, scratch: 0, cost: count as f64 };
    cx.fallible(&[&[check], phases].concat(), 0, move |phase, chunk, io| {
        if phase > 0 {
            run(phase - 1, chunk, io);
            return Ok(());
        }
        // SAFETY: input 1 has `count` indices.
        match unsafe { first_out_of_range(dtype, io.input(1), count, limit) } {
            None => Ok(()),
            Some((_, index)) => Err(Error::argument(format!(
                "{name}: index {index} is out of range for an axis of {limit} elements"
            ))),
        }
    });
}

/// The bytes of one element of a dtype, the first in memory.
pub(crate) fn element(dtype: DType, value: f64) -> u64 {
    let mut bytes = [0; 8];
    match dtype {
        DType::F32 => bytes[..4].copy_from_slice(&(value as f32).to_ne_bytes()),
        DType::I32 => bytes[..4].copy_from_slice(&(value as i32).to_ne_bytes()),
        DType::U32 => bytes[..4].copy_from_slice(&(value as u32).to_ne_bytes()),
        DType::I64 => bytes.copy_from_slice(&(value as i64).to_ne_bytes()),
        DType::U8 | DType::Bool => bytes[0] = value as u8,
        DType::I8 => bytes[0] = value as i8 as u8,
    }
    u64::from_ne_bytes(bytes)
}
