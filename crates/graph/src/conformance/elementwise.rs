//! Samples for every line of the elementwise table: each dtype its family takes, broadcasting in
//! several ways, at points where the op is smooth.

use super::interpret::elementwise;
use crate::checked::{AnySample, Arg};
use crate::elementwise::{Ew, Family};
use crate::ops::Op;
use fovea_core::DType;

/// Shapes of up to three operands; an op takes as many as it needs.
const SHAPES: [[&[usize]; 3]; 10] = [
    [&[2, 3], &[2, 3], &[2, 3]],
    [&[4, 3], &[3], &[4, 1]],
    [&[], &[5], &[1]],
    [&[2, 1, 3], &[4, 1], &[3]],
    [&[1], &[1], &[1]],
    [&[3, 1], &[1, 4], &[]],
    [&[], &[], &[]],
    [&[2, 0], &[1], &[2, 1]],
    [&[17], &[17], &[]],
    // Longer than a strip, with a ragged end.
    [&[3, 1, 1031], &[3, 1, 1], &[1031]],
];

/// All dtypes but floats.
const WHOLE: [DType; 6] = [DType::I32, DType::U32, DType::I64, DType::U8, DType::I8, DType::Bool];

pub(super) fn samples() -> Vec<AnySample> {
    let mut samples = Vec::new();
    for &op in Ew::ALL {
        for dtypes in operand_dtypes(op) {
            samples.extend(SHAPES.iter().map(|shapes| sample(op, &dtypes, shapes)));
        }
    }
    for from in DType::ALL {
        for to in DType::ALL {
            samples.push(sample(Ew::Cast(to), &[from], &SHAPES[0]));
            samples.push(sample(Ew::Cast(to), &[from], &SHAPES[8]));
        }
    }
    // The one cast that has a gradient.
    samples.extend(SHAPES.iter().map(|shapes| sample(Ew::Cast(DType::F32), &[DType::F32], shapes)));
    samples
}

/// What an op is called with: each dtype of its family, and one mixture.
fn operand_dtypes(op: Ew) -> Vec<Vec<DType>> {
    let all = |dtypes: &[DType]| dtypes.iter().map(|&d| vec![d; op.arity()]).collect::<Vec<_>>();
    let mixed = || [DType::I32, DType::F32][..op.arity().min(2)].to_vec();
    match op.family() {
        Family::Num | Family::Compare => [all(&DType::ALL), vec![mixed()]].concat(),
        Family::Float | Family::Test => [all(&[DType::F32, DType::Bf16]), vec![mixed()]].concat(),
        Family::Bits => [all(&WHOLE), vec![[DType::I32, DType::U8][..op.arity()].to_vec()]].concat(),
        Family::Logic => [all(&[DType::Bool]), vec![mixed()]].concat(),
        Family::Select => DType::ALL.iter().map(|&d| vec![DType::Bool, d, d]).collect(),
    }
}

fn sample(op: Ew, dtypes: &[DType], shapes: &[&[usize]; 3]) -> AnySample {
    let inputs: Vec<Arg> = dtypes
        .iter()
        .zip(shapes)
        .enumerate()
        .map(|(i, (&dtype, sizes))| operand(op, i, dtype, sizes))
        .collect();
    // Quotients of whole numbers and halves of them: where the op jumps.
    let jumps = matches!(op, Ew::FloorDiv | Ew::Mod) && !dtypes[0].is_float();
    // Its steps are those of float32, which differences in f64 fall between.
    let jumps = jumps || op == Ew::NextAfter;
    // Of a whole number of one bit that bit is left.
    let one_bit = op.family() == Family::Bits && dtypes.iter().all(|&d| d == DType::Bool);
    let left = move |y: f64| if one_bit { y.rem_euclid(2.0) } else { y };
    AnySample {
        op: Op::Elementwise(op),
        inputs,
        smooth: !jumps,
        ulps: ulps(op),
        oracle: Box::new(move |x| vec![elementwise(op, x).mapv(left)]),
    }
}

/// The allowed error in units of ε times the result: half a unit for what IEEE 754 rounds, with a
/// reserve for two roundings; four for our polynomials, and more where two of them meet.
fn ulps(op: Ew) -> f64 {
    match op {
        Ew::Erfc | Ew::Erfinv => 8.0,
        Ew::Pow => 4.0,
        _ if op.family() == Family::Float => 4.0,
        _ => 1.0,
    }
}

fn operand(op: Ew, i: usize, dtype: DType, sizes: &[usize]) -> Arg {
    let count: usize = sizes.iter().product();
    let values = (0..count).map(|n| value(op, i, dtype, n)).collect();
    Arg::of(dtype, sizes, values)
}

/// Element `n` of operand `i`, inside the op's domain.
fn value(op: Ew, i: usize, dtype: DType, n: usize) -> f64 {
    // Nothing is divided by 0, and nothing negative is cast to an unsigned integer.
    let divisor = i == 1 && matches!(op, Ew::FloorDiv | Ew::Mod);
    let to_unsigned = matches!(op, Ew::Cast(DType::U8 | DType::U32));
    if dtype == DType::Bool {
        return if divisor { 1.0 } else { ((n * 5 + n / 3 + i) % 2) as f64 };
    }
    let whole = ((n * 7 + n / 5 * 3 + i * 4) % 11) as f64;
    let signed = |x: f64| if (n + n / 4 + i).is_multiple_of(2) { x } else { -x };
    if !dtype.is_float() {
        // Past 9 it is 0 as a float32.
        let whole = if op == Ew::Erfc { whole % 4.0 } else { whole };
        // Powers that fit 8 bits.
        let whole = if op == Ew::Pow { whole % [5.0, 3.0][i] } else { whole };
        let nonzero = divisor || op.family() == Family::Float || op == Ew::Pow;
        let x = if nonzero { whole + 1.0 } else { whole };
        let positive = matches!(
            op,
            Ew::Log | Ew::Log1p | Ew::Log2 | Ew::Log10 | Ew::Sqrt | Ew::Rsqrt | Ew::Pow | Ew::Acosh
        );
        let places = i == 1 && matches!(op, Ew::ShiftLeft | Ew::ShiftRight);
        let unsigned = positive || places || matches!(dtype, DType::U8 | DType::U32);
        // Added to 0, since whole numbers have no −0.
        return 0.0 + if unsigned { x } else { signed(x) };
    }
    // In [0, 1).
    let unit = ((n * 37 + i * 11 + 5) % 101) as f64 / 101.0;
    // Far from whole numbers and their halves, where some ops jump, and from the other operand.
    let between = ((n * 3 + i + 4) % 7) as f64 - 3.0 + [0.15, 0.6][i % 2] + 0.2 * unit;
    let x = match (op, i) {
        (Ew::Log | Ew::Log2 | Ew::Log10 | Ew::Sqrt | Ew::Rsqrt, _) | (Ew::Pow, 0) => 0.2 + 2.3 * unit,
        (Ew::Asin | Ew::Acos | Ew::Atanh | Ew::Erfinv, _) => -0.9 + 1.8 * unit,
        (Ew::Acosh, _) => 1.1 + 2.3 * unit,
        // Far from its poles.
        (Ew::Tan, _) => 0.4 * between,
        (Ew::Log1p, _) => -0.8 + 3.0 * unit,
        (Ew::Div | Ew::Reciprocal, _) => signed(0.5 + 1.5 * unit),
        // No quotient is near a whole number.
        (Ew::FloorDiv | Ew::Mod, 0) => ((n * 3) % 7) as f64 - 3.0 + 0.2 + 0.1 * unit,
        (Ew::FloorDiv | Ew::Mod, _) => signed([0.5, 1.0, 2.0][n % 3]),
        (Ew::IsFinite | Ew::IsNan | Ew::IsInf, _) => match n % 5 {
            0 => f64::INFINITY,
            1 => f64::NAN,
            2 => f64::NEG_INFINITY,
            _ => between,
        },
        // Whole numbers, so that some are equal.
        _ if op.family() == Family::Compare => whole - 5.0,
        _ => between,
    };
    // What the kernel sees.
    f64::from(if to_unsigned { x.abs() } else { x } as f32)
}
