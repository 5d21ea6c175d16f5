//! Test builds only: what every op must bring so that it is tested without anyone listing it.

use crate::operator::Operator;
use crate::ops::Op;
use fovea_core::{Bf16, DType, TensorType};
use ndarray::ArrayD;

/// One way to call an op: attributes and inputs. Values are held in f64 whatever the dtype.
#[derive(Clone, Debug)]
pub struct Sample<T> {
    pub op: T,
    pub inputs: Vec<Arg>,
    /// False where the op has a kink at these values (a tie in max pooling): central differences
    /// would not mean anything there.
    pub smooth: bool,
    /// An allowance for outputs whose error does not follow 8·ε·Σ|a||b|, in units of ε times
    /// the magnitude; stated by the op with its reason. 0 means exact equality (movement, integers).
    pub ulps: f64,
}

/// An input of a sample.
#[derive(Clone, Debug)]
pub struct Arg {
    pub ty: TensorType,
    pub data: ArrayD<f64>,
}

/// A kernel op's samples and its obviously right definition.
pub trait Checked: Operator {
    fn samples() -> Vec<Sample<Self>>;
    /// Naive, in f64.
    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>>;
}

type Oracle = Box<dyn Fn(&[ArrayD<f64>]) -> Vec<ArrayD<f64>>>;

/// A sample whose op type is forgotten.
pub struct AnySample {
    pub op: Op,
    pub inputs: Vec<Arg>,
    pub smooth: bool,
    pub ulps: f64,
    pub oracle: Oracle,
}

pub fn erase<T: Checked + Into<Op> + 'static>() -> Vec<AnySample> {
    let any = |s: Sample<T>| {
        let op = s.op.clone();
        let oracle: Oracle = Box::new(move |x| op.oracle(x));
        AnySample { op: s.op.into(), inputs: s.inputs, smooth: s.smooth, ulps: s.ulps, oracle }
    };
    T::samples().into_iter().map(any).collect()
}

impl Arg {
    /// Deterministic values in (-1, 1), distinct enough that max has no ties.
    pub fn float(sizes: &[usize], seed: u64) -> Arg {
        let n: usize = sizes.iter().product();
        let value = |i: u64| {
            let h = (i + 1).wrapping_add(seed.wrapping_mul(0x9E37_79B9)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
            let h = (h ^ (h >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            // Rounded to f32, so that the kernel and the oracle see the same number.
            f64::from(((h >> 40) as f32 / (1u32 << 24) as f32) * 2.0 - 1.0)
        };
        let data = (0..n as u64).map(value).collect();
        Arg::of(DType::F32, sizes, data)
    }

    /// Whole numbers below `below`.
    pub fn ints(dtype: DType, sizes: &[usize], below: u64, seed: u64) -> Arg {
        let n: usize = sizes.iter().product();
        let data = (0..n as u64).map(|i| ((i * 7 + seed * 3 + i * i) % below) as f64).collect();
        Arg::of(dtype, sizes, data)
    }

    /// These numbers; of bfloat16, what it has of them.
    pub fn of(dtype: DType, sizes: &[usize], data: Vec<f64>) -> Arg {
        let kept = |x: f64| f64::from(Bf16::from_f32(x as f32).to_f32());
        let data = if dtype == DType::Bf16 { data.into_iter().map(kept).collect() } else { data };
        let ty = TensorType::new(dtype, fovea_core::Shape::of(sizes));
        Arg {
            ty,
            data: ArrayD::from_shape_vec(sizes.to_vec(), data).expect("a sample's data fits its shape"),
        }
    }
}

impl<T> Sample<T> {
    /// A sample at a smooth point with the default error bound.
    pub fn new(op: T, inputs: Vec<Arg>) -> Sample<T> {
        Sample { op, inputs, smooth: true, ulps: 8.0 }
    }

    pub fn exact(op: T, inputs: Vec<Arg>) -> Sample<T> {
        Sample { op, inputs, smooth: true, ulps: 0.0 }
    }

    pub fn rough(mut self) -> Sample<T> {
        self.smooth = false;
        self
    }
}
