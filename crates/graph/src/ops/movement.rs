//! Lowering of what only moves elements.

use crate::lower::{Io, Lower};
use fovea_core::{Bf16, DType, Error};
use fovea_kernels::movement::{Movement, first_out_of_range};
use fovea_kernels::routine::PhaseSpec;

/// Pushes a movement from the node's inputs to its output.
pub(crate) fn lower(cx: &mut Lower, movement: Movement) {
    cx.routine(movement.phases().to_vec(), 0, move |phase, chunk, io| {
        // SAFETY: operands have the shapes that the movement was made for.
        unsafe { movement.run(phase, chunk, io.inputs, io.output(0)) }
    });
}

/// Pushes a phase that reads input 1 as indices, after one that fails if an index is not below
/// `limit`.
pub(crate) fn lower_indexed(
    cx: &mut Lower,
    name: &'static str,
    limit: usize,
    phase: PhaseSpec,
    run: impl Fn(usize, &Io) + Send + Sync + 'static,
) {
    let (dtype, count) = (cx.input_types[1].dtype, cx.input_types[1].elements());
    let check = PhaseSpec { chunks: 1, scratch: 0, cost: count as f64 };
    cx.fallible(vec![check, phase], 0, move |phase, chunk, io| {
        if phase > 0 {
            run(chunk, io);
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
        DType::Bf16 => bytes[..2].copy_from_slice(&Bf16::from_f32(value as f32).to_bits().to_ne_bytes()),
        DType::I32 => bytes[..4].copy_from_slice(&(value as i32).to_ne_bytes()),
        DType::U32 => bytes[..4].copy_from_slice(&(value as u32).to_ne_bytes()),
        DType::I64 => bytes.copy_from_slice(&(value as i64).to_ne_bytes()),
        DType::U8 | DType::Bool => bytes[0] = value as u8,
        DType::I8 => bytes[0] = value as i8 as u8,
    }
    u64::from_ne_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Gather, Kernel, Pick, PickGrad, ScatterAdd};
    use crate::target::Cpu;
    use fovea_core::{Code, Shape, TensorType};
    use fovea_kernels::isa::Isa;

    /// The error of a run of one float operand of these sides and one row of indices.
    fn run_error(op: Kernel, sizes: &[usize], indices: [i32; 2]) -> Error {
        let x = vec![0f32; sizes.iter().product()];
        let types = [TensorType::f32(sizes), TensorType::new(DType::I32, Shape::of(&[2]))];
        let outputs = op.infer(&types).expect("the types are right");
        let mut y = vec![0f32; outputs[0].elements()];
        let mut cx = Lower::new(Cpu::new(Isa::Portable), &types, &outputs);
        op.cpu(&mut cx).expect("the op has a kernel");
        let inputs = [x.as_ptr().cast(), indices.as_ptr().cast()];
        let outputs = [y.as_mut_ptr().cast()];
        let none = std::ptr::null_mut();
        let io = Io { inputs: &inputs, outputs: &outputs, temp: none, scratch: none };
        let chunks = cx.lowered.work.iter().flat_map(|w| (0..w.chunks).map(move |c| (&w.run, c)));
        chunks.map(|(run, c)| run(&io, c)).find_map(Result::err).expect("an index is out of range")
    }

    #[test]
    fn an_index_out_of_range_ends_the_run() {
        for (op, sizes, indices, message) in [
            (
                Gather { axis: 0 }.into(),
                &[4, 3][..],
                [1, 4],
                "gather: index 4 is out of range for an axis of 4 elements",
            ),
            (
                ScatterAdd { axis: 0, size: 5 }.into(),
                &[2, 3],
                [-1, 4],
                "scatterAdd: index -1 is out of range for an axis of 5 elements",
            ),
            (
                Pick {}.into(),
                &[2, 10],
                [9, 10],
                "pick: label 10 is out of range: there are 10 classes, from 0 on",
            ),
            (
                PickGrad { size: 3 }.into(),
                &[2],
                [-7, 0],
                "pickGrad: label -7 is out of range: there are 3 classes, from 0 on",
            ),
        ] {
            let error = run_error(op, sizes, indices);
            assert_eq!(error.code, Code::BadArgument);
            assert_eq!(error.message, message);
        }
    }
}
