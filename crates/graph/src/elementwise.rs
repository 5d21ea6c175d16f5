//! The elementwise ops: a table with one line each. A line gives the name in TypeScript and what its
//! function there says of itself (of `x` and `y`, which the line calls `a` and `b`), the arguments
//! (then the result `y` and the upstream gradient `g`), the family, the CPU expression,
//! the WGSL expression, its definition in f64 for the tests, and the gradient for each argument.
//! In WGSL `_T` stands for the word that holds an element, and int64 has functions of its own: see
//! `elementwise/shader.rs`.

mod families;
pub(crate) mod shader;
mod trees;

use crate::builder::Sym;
use crate::ops::attribute;
use families::{numeric, strips, whole};
use fovea_core::{Bf16, DType, Error, Result, Shape, TensorType};
use fovea_kernels::isa::Isa;
use fovea_kernels::map::{Bits, Bool, Num, Op1, Op2, Op3, StripFn, cast, strip1, strip2, strip3};
use fovea_kernels::math;
#[cfg(test)]
pub(crate) use trees::SumsTree;
pub(crate) use trees::{Pattern, SUMS, TREES, Tree};

/// A number with a dtype, comparable by its bits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Scalar {
    pub dtype: DType,
    bits: u64,
}

impl Scalar {
    pub fn new(dtype: DType, value: f64) -> Scalar {
        Scalar { dtype, bits: value.to_bits() }
    }

    pub fn value(self) -> f64 {
        f64::from_bits(self.bits)
    }
}

/// Which dtypes a line of the table takes and gives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Family {
    /// Numbers of one dtype, giving that dtype. Operands are promoted to it.
    Num,
    /// Floats; whole numbers are cast to float32.
    Float,
    /// Numbers of one dtype, giving bool.
    Compare,
    /// Floats, giving bool; whole numbers are cast to float32.
    Test,
    /// bool, giving bool; other dtypes are compared with 0.
    Logic,
    /// Whole numbers of one dtype, giving that dtype. bool is a whole number of one bit.
    Bits,
    /// A bool and two of one dtype, giving that dtype.
    Select,
}

/// To another dtype. Float to integer truncates; anything to bool is `!= 0`.
#[derive(serde::Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub(crate) struct CastTo {
    #[serde(with = "attribute::dtype")]
    #[cfg_attr(feature = "types", ts(type = "DType"))]
    dtype: DType,
}

macro_rules! table {
    ($($op:ident $name:literal $doc:literal ($($arg:ident),+; $y:ident, $g:ident) $family:ident:
       $cpu:expr, $wgsl:literal, $oracle:expr, [$($d:expr),*];)*) => {
        /// An elementwise op.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Ew {
            $(#[doc = $doc] $op,)*
            /// To another dtype. Float to integer truncates; anything to bool is `!= 0`.
            Cast(DType),
        }

        impl Ew {
            /// The ops of the table: all but `Cast`, which carries a dtype.
            pub const ALL: &'static [Ew] = &[$(Ew::$op),*];

            pub fn name(self) -> &'static str {
                match self { $(Ew::$op => $name,)* Ew::Cast(_) => Ew::CAST }
            }

            /// What its function in TypeScript says of itself.
            pub fn docs(self) -> &'static str {
                match self { $(Ew::$op => $doc,)* Ew::Cast(_) => "" }
            }

            /// How many operands it takes.
            pub fn arity(self) -> usize {
                match self { $(Ew::$op => [$(stringify!($arg)),+].len(),)* Ew::Cast(_) => 1 }
            }

            pub fn family(self) -> Family {
                match self { $(Ew::$op => Family::$family,)* Ew::Cast(_) => Family::Num }
            }

            /// The strip function for operands of `dtype` (the second operand's, for `where`).
            pub fn strip(self, isa: Isa, dtype: DType) -> Option<StripFn> {
                match self {
                    $(Ew::$op => strips::$op::strip(isa, dtype),)*
                    Ew::Cast(to) => Some(cast(isa, dtype, to)),
                }
            }

            /// The WGSL column: an expression of words in the names of the arguments. `None` for
            /// `Cast`, whose expression depends on both dtypes.
            fn wgsl(self) -> Option<(&'static str, &'static [&'static str])> {
                match self {
                    $(Ew::$op => Some(($wgsl, &[$(stringify!($arg)),+])),)*
                    Ew::Cast(_) => None,
                }
            }

            /// The gradients for the operands, before they are summed to the operands' shapes.
            /// Empty where there is no gradient.
            fn derivative<'b>(self, x: &[Sym<'b>], result: Sym<'b>, upstream: Sym<'b>) -> Vec<Sym<'b>> {
                match self {
                    $(Ew::$op => {
                        #[allow(unused_variables)]
                        if let ([$($arg),+], $y, $g) = (x, result, upstream) {
                            $(let $arg = *$arg;)+
                            vec![$($d),*]
                        } else { vec![] }
                    })*
                    Ew::Cast(_) => vec![upstream.cast(x[0].dtype())],
                }
            }

            /// The definition in f64.
            #[cfg(test)]
            pub fn oracle(self, x: &[f64]) -> f64 {
                match self {
                    $(Ew::$op => {
                        let [$($arg),+] = x else { unreachable!("samples have the right arity") };
                        $(let $arg = *$arg;)+
                        $oracle
                    })*
                    Ew::Cast(to) if to == DType::Bool => f64::from(x[0] != 0.0),
                    Ew::Cast(to) if to.is_float() => x[0],
                    Ew::Cast(_) => x[0].trunc(),
                }
            }
        }

        mod strips {
            use super::*;
            $(pub struct $op; strips!($op $family ($($arg),+) $cpu);)*
        }
    };
}

table! {
    Add "add" "x + y." (a, b; y, g) Num: a.add(b), "a + b", a + b, [g, g];
    Sub "sub" "x − y." (a, b; y, g) Num: a.sub(b), "a - b", a - b, [g, -g];
    Mul "mul" "x · y." (a, b; y, g) Num: a.mul(b), "a * b", a * b, [g * b, g * a];
    Div "div" "x / y, float32." (a, b; y, g) Float: a / b, "div_f32(a, b)", a / b, [g / b, -(g * y) / b];
    FloorDiv "floorDiv" "The largest whole number up to x / y." (a, b; y, g) Num: a.floor_div(b), "floor_div_T(a, b)", (a / b).floor(), [];
    Mod "mod" "x − y · floorDiv(x, y)." (a, b; y, g) Num: a.rem(b), "mod_T(a, b)", a - b * (a / b).floor(), [g, -g * a.zip(Ew::FloorDiv, b)];
    Pow "pow" "x to the power of y. Of whole numbers it is whole and wraps; a negative power of them is 0, but for 1 and −1." (a, b; y, g) Num: a.pow(b), "pow_T(a, b)", a.powf(b), [
        g * b * a.zip(Ew::Pow, b - 1.0),
        (g * y * a.zip(Ew::Maximum, a.number(f64::from(f32::MIN_POSITIVE))).map(Ew::Log)).masked(a.zip(Ew::Greater, a.number(0.0)))
    ];
    Maximum "maximum" "The larger of x and y." (a, b; y, g) Num: a.max(b), "max_T(a, b)", a.max(b), [g.masked(a.zip(Ew::GreaterEqual, b)), g.masked(a.zip(Ew::Less, b))];
    Minimum "minimum" "The smaller of x and y." (a, b; y, g) Num: a.min(b), "min_T(a, b)", a.min(b), [g.masked(a.zip(Ew::LessEqual, b)), g.masked(a.zip(Ew::Greater, b))];
    Neg "neg" "−x." (a; y, g) Num: a.neg(), "neg_T(a)", -a, [-g];
    Abs "abs" "|x|." (a; y, g) Num: a.abs(), "abs(a)", a.abs(), [g * a.map(Ew::Sign)];
    Sign "sign" "−1, 0 or 1." (a; y, g) Num: a.sign(), "sign_T(a)", if a == 0.0 { 0.0 } else { a.signum() }, [];
    Square "square" "x²." (a; y, g) Num: a.mul(a), "a * a", a * a, [g * a * 2.0];
    Sqrt "sqrt" "The square root." (a; y, g) Float: a.sqrt(), "sqrt_f32(a)", a.sqrt(), [g * 0.5 / y];
    Rsqrt "rsqrt" "1 / √x." (a; y, g) Float: 1.0 / a.sqrt(), "div_f32(1.0, sqrt_f32(a))", 1.0 / a.sqrt(), [g * -0.5 * y / a];
    Reciprocal "reciprocal" "1 / x." (a; y, g) Float: 1.0 / a, "div_f32(1.0, a)", 1.0 / a, [-(g * y * y)];
    Hypot "hypot" "√(x² + y²), without overflow." (a, b; y, g) Float: (f64::from(a) * f64::from(a) + f64::from(b) * f64::from(b)).sqrt() as f32, "hypot_f32(a, b)", a.hypot(b), [g * (a / y.zip(Ew::Maximum, y.number(f64::from(f32::MIN_POSITIVE)))), g * (b / y.zip(Ew::Maximum, y.number(f64::from(f32::MIN_POSITIVE))))];
    Exp "exp" "e to the power of x." (a; y, g) Float: math::exp(a), "exp_f32(a)", a.exp(), [g * y];
    Expm1 "expm1" "exp(x) − 1, exact near 0." (a; y, g) Float: math::expm1(a), "expm1_f32(a)", a.exp_m1(), [g * (y + 1.0)];
    Exp2 "exp2" "2 to the power of x, exact for whole numbers." (a; y, g) Float: math::pow(2.0, a), "pow_f32(2.0, a)", a.exp2(), [g * y * std::f64::consts::LN_2];
    Log "log" "The natural logarithm." (a; y, g) Float: math::log(a), "log_f32(a)", a.ln(), [g / a];
    Log1p "log1p" "log(1 + x), exact near 0." (a; y, g) Float: math::log1p(a), "log1p_f32(a)", a.ln_1p(), [g / (a + 1.0)];
    Log2 "log2" "The logarithm to base 2." (a; y, g) Float: math::log2(a), "log2_f32(a)", a.log2(), [g * std::f64::consts::LOG2_E / a];
    Log10 "log10" "The logarithm to base 10." (a; y, g) Float: math::log10(a), "log10_f32(a)", a.log10(), [g * std::f64::consts::LOG10_E / a];
    Sin "sin" "The sine." (a; y, g) Float: math::sin(a), "sin_f32(a)", a.sin(), [g * a.map(Ew::Cos)];
    Cos "cos" "The cosine." (a; y, g) Float: math::cos(a), "cos_f32(a)", a.cos(), [-(g * a.map(Ew::Sin))];
    Tan "tan" "The tangent." (a; y, g) Float: math::tan(a), "tan_f32(a)", a.tan(), [g * (y * y + 1.0)];
    Asin "arcsin" "The angle whose sine is x, in radians from −π/2 to π/2." (a; y, g) Float: math::asin(a), "asin_f32(a)", a.asin(), [g * (1.0 - a * a).map(Ew::Rsqrt)];
    Acos "arccos" "The angle whose cosine is x, in radians from 0 to π." (a; y, g) Float: math::acos(a), "acos_f32(a)", a.acos(), [-(g * (1.0 - a * a).map(Ew::Rsqrt))];
    Atan "arctan" "The angle whose tangent is x, in radians from −π/2 to π/2." (a; y, g) Float: math::atan(a), "atan_f32(a)", a.atan(), [g / (a * a + 1.0)];
    Atan2 "arctan2" "The angle of the point (y, x), in radians from −π to π: that of tangent x / y." (a, b; y, g) Float: math::atan2(a, b), "atan2_f32(a, b)", a.atan2(b), [g * b / (a * a + b * b), -(g * a) / (a * a + b * b)];
    Sinh "sinh" "The hyperbolic sine." (a; y, g) Float: math::sinh(a), "sinh_f32(a)", a.sinh(), [g * a.map(Ew::Cosh)];
    Cosh "cosh" "The hyperbolic cosine." (a; y, g) Float: math::cosh(a), "cosh_f32(a)", a.cosh(), [g * a.map(Ew::Sinh)];
    Tanh "tanh" "The hyperbolic tangent." (a; y, g) Float: math::tanh(a), "tanh_f32(a)", a.tanh(), [g * (1.0 - y * y)];
    Asinh "arcsinh" "The number whose hyperbolic sine is x." (a; y, g) Float: math::asinh(a), "asinh_f32(a)", a.asinh(), [g * (a * a + 1.0).map(Ew::Rsqrt)];
    Acosh "arccosh" "The number from 0 on whose hyperbolic cosine is x; NaN below 1." (a; y, g) Float: math::acosh(a), "acosh_f32(a)", a.acosh(), [g / y.map(Ew::Sinh)];
    Atanh "arctanh" "The number whose hyperbolic tangent is x; NaN outside −1 … 1." (a; y, g) Float: math::atanh(a), "atanh_f32(a)", a.atanh(), [g / (1.0 - a * a)];
    Sigmoid "sigmoid" "1 / (1 + exp(−x))." (a; y, g) Float: math::sigmoid(a), "sigmoid_f32(a)", 1.0 / (1.0 + (-a).exp()), [g * y * (1.0 - y)];
    Softplus "softplus" "log(1 + exp(x))." (a; y, g) Float: math::softplus(a), "softplus_f32(a)", a.max(0.0) + (-a.abs()).exp().ln_1p(), [g * a.map(Ew::Sigmoid)];
    Erf "erf" "The error function." (a; y, g) Float: math::erf(a), "erf_f32(a)", crate::conformance::erf(a), [g * (a * a * -1.0).map(Ew::Exp) * std::f64::consts::FRAC_2_SQRT_PI];
    Erfc "erfc" "1 − erf(x), exact where that is small." (a; y, g) Float: math::erfc(a), "erfc_f32(a)", crate::conformance::erfc(a), [g * (a * a * -1.0).map(Ew::Exp) * -std::f64::consts::FRAC_2_SQRT_PI];
    Erfinv "erfinv" "The number whose error function is x; NaN outside −1 … 1." (a; y, g) Float: math::erfinv(a), "erfinv_f32(a)", crate::conformance::erfinv(a), [g * (y * y).map(Ew::Exp) * (1.0 / std::f64::consts::FRAC_2_SQRT_PI)];
    Relu "relu" "max(x, 0)." (a; y, g) Num: a.relu(), "relu_T(a)", a.max(0.0), [g.masked(y.zip(Ew::Greater, y.number(0.0)))];
    Relu6 "relu6" "min(max(x, 0), 6), whose slope at 6 is 0, as at 0." (a; y, g) Num: a.relu6(), "relu6_T(a)", a.clamp(0.0, 6.0), [g.masked(y.zip(Ew::Greater, y.number(0.0)).zip(Ew::And, y.zip(Ew::Less, y.number(6.0))))];
    Floor "floor" "The next whole number downwards." (a; y, g) Float: a.floor(), "floor(a)", a.floor(), [];
    Ceil "ceil" "The next whole number upwards." (a; y, g) Float: a.ceil(), "ceil(a)", a.ceil(), [];
    Round "round" "The nearest whole number; halves go to the even one." (a; y, g) Num: a.round(), "round_T(a)", a.round_ties_even(), [];
    Trunc "trunc" "The whole number next to x towards 0." (a; y, g) Num: a.trunc(), "trunc_T(a)", a.trunc(), [];
    NextAfter "nextafter" "The next float32 after x in the direction of y." (a, b; y, g) Float: math::next_after(a, b), "next_after_f32(a, b)", crate::conformance::next_after(a, b), [g];
    StopGradient "stopGradient" "x, through which nothing is differentiated." (a; y, g) Num: a, "a", a, [];
    Equal "equal" "Whether x = y." (a, b; y, g) Compare: a.eq(b), "a == b", f64::from(a == b), [];
    NotEqual "notEqual" "Whether x ≠ y." (a, b; y, g) Compare: a.ne(b), "!(a == b)", f64::from(a != b), [];
    Less "less" "Whether x < y." (a, b; y, g) Compare: a.lt(b), "a < b", f64::from(a < b), [];
    LessEqual "lessEqual" "Whether x ≤ y." (a, b; y, g) Compare: a.le(b), "a <= b", f64::from(a <= b), [];
    Greater "greater" "Whether x > y." (a, b; y, g) Compare: a.gt(b), "a > b", f64::from(a > b), [];
    GreaterEqual "greaterEqual" "Whether x ≥ y." (a, b; y, g) Compare: a.ge(b), "a >= b", f64::from(a >= b), [];
    IsFinite "isFinite" "Whether x is neither infinite nor NaN." (a; y, g) Test: u8::from(a.is_finite()), "is_finite(a)", f64::from(a.is_finite()), [];
    IsNan "isNan" "Whether x is NaN." (a; y, g) Test: u8::from(a.is_nan()), "is_nan(a)", f64::from(a.is_nan()), [];
    IsInf "isInf" "Whether x is infinite." (a; y, g) Test: u8::from(a.is_infinite()), "is_infinite(a)", f64::from(a.is_infinite()), [];
    SignBit "signbit" "Whether x has a minus sign, be it a zero." (a; y, g) Test: u8::from(a.is_sign_negative()), "bitcast<u32>(a) >= 0x80000000u", f64::from(a.is_sign_negative()), [];
    And "logicalAnd" "Whether both hold." (a, b; y, g) Logic: a & b, "a & b", f64::from(a != 0.0 && b != 0.0), [];
    Or "logicalOr" "Whether one of them holds." (a, b; y, g) Logic: a | b, "a | b", f64::from(a != 0.0 || b != 0.0), [];
    Xor "logicalXor" "Whether exactly one holds." (a, b; y, g) Logic: a ^ b, "a ^ b", f64::from((a != 0.0) != (b != 0.0)), [];
    Not "logicalNot" "Whether it does not hold." (a; y, g) Logic: 1 - a, "1u - a", f64::from(a == 0.0), [];
    BitAnd "bitwiseAnd" "The bits that both have." (a, b; y, g) Bits: a.and(b), "a & b", (a as i64 & b as i64) as f64, [];
    BitOr "bitwiseOr" "The bits that one of them has." (a, b; y, g) Bits: a.or(b), "a | b", (a as i64 | b as i64) as f64, [];
    BitXor "bitwiseXor" "The bits that exactly one has." (a, b; y, g) Bits: a.xor(b), "a ^ b", (a as i64 ^ b as i64) as f64, [];
    BitNot "bitwiseNot" "The bits that x lacks." (a; y, g) Bits: a.not(), "~a", !(a as i64) as f64, [];
    ShiftLeft "leftShift" "The bits of x moved up by y places; those that leave are lost." (a, b; y, g) Bits: a.shift_left(b), "shift_left_T(a, b)", a * b.exp2(), [];
    ShiftRight "rightShift" "The bits of x moved down by y places; the sign moves in." (a, b; y, g) Bits: a.shift_right(b), "shift_right_T(a, b)", (a / b.exp2()).floor(), [];
    Gcd "gcd" "The greatest whole number that divides both." (a, b; y, g) Bits: a.gcd(b), "gcd_T(a, b)", crate::conformance::gcd(a, b), [];
    Where "where" "x where the condition holds, else y." (a, b, c; y, g) Select: if a != 0 { b } else { c }, "select(c, b, a != 0u)", if a != 0.0 { b } else { c }, [
        g.number(0.0).cast(a.dtype()), g.masked(a), g.masked(a.map(Ew::Not))
    ];
}

impl Ew {
    /// The name of [`Ew::Cast`].
    pub const CAST: &'static str = "cast";

    /// The op of a name and its attributes, as TypeScript writes them.
    pub fn parse(name: &str, json: &str) -> Option<Result<Ew>> {
        if name == Ew::CAST {
            return Some(
                serde_json::from_str::<CastTo>(json)
                    .map(|c| Ew::Cast(c.dtype))
                    .map_err(|e| Error::argument(format!("cast: {e}"))),
            );
        }
        Ew::ALL.iter().copied().find(|op| op.name() == name).map(Ok)
    }

    /// The dtype operands meet in.
    fn operand_dtype(self, x: &[DType]) -> DType {
        let promoted = |x: &[DType]| x.iter().copied().reduce(DType::promote).unwrap_or(DType::F32);
        match (self, self.family()) {
            (Ew::Cast(_) | Ew::StopGradient, _) => x[0],
            (_, Family::Num) => match promoted(x) {
                // Arithmetic on booleans counts, as in NumPy with an int32 accumulator.
                DType::Bool => DType::I32,
                d => d,
            },
            // Whose next number is meant.
            (Ew::NextAfter, _) => DType::F32,
            (_, Family::Float | Family::Test) => match promoted(x) {
                d if d.is_float() => d,
                _ => DType::F32,
            },
            (_, Family::Compare | Family::Bits) => promoted(x),
            (_, Family::Logic) => DType::Bool,
            (_, Family::Select) => promoted(&x[1..]),
        }
    }

    /// Casts operands to the dtype they meet in.
    pub(crate) fn promote<'b>(self, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
        self.check_arity(x.len())?;
        let dtypes: Vec<DType> = x.iter().map(|s| s.dtype()).collect();
        let to = self.operand_dtype(&dtypes);
        Ok(x.iter()
            .enumerate()
            .map(|(i, s)| s.cast(if self == Ew::Where && i == 0 { DType::Bool } else { to }))
            .collect())
    }

    fn check_arity(self, count: usize) -> Result<()> {
        if count == self.arity() {
            return Ok(());
        }
        Err(Error::argument(format!("{}: expected {} operands, received {count}", self.name(), self.arity())))
    }

    pub fn infer(self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        self.check_arity(x.len())?;
        let dtypes: Vec<DType> = x.iter().map(|t| t.dtype).collect();
        let dtype = match (self, self.family()) {
            (Ew::Cast(to), _) => to,
            (_, Family::Compare | Family::Test | Family::Logic) => DType::Bool,
            _ => self.operand_dtype(&dtypes),
        };
        if self.family() == Family::Bits && dtype.is_float() {
            let dtypes: Vec<&str> = dtypes.iter().map(|d| d.name()).collect();
            let received = dtypes.join(" and ");
            return Err(Error::argument(format!(
                "{}: expected whole numbers, received {received}",
                self.name()
            )));
        }
        let mut shape = Shape::default();
        for t in x {
            shape = shape.broadcast(&t.shape).ok_or_else(|| {
                let shapes: Vec<String> = x.iter().map(|t| t.shape.to_string()).collect();
                Error::shape(format!("{}: shapes {} do not broadcast", self.name(), shapes.join(" and ")))
            })?;
        }
        let ty = TensorType::new(dtype, shape);
        ty.check_size()?;
        Ok(vec![ty])
    }

    /// Gradients for the operands, of the operands' shapes; `None` where there is none or it is
    /// not wanted.
    pub(crate) fn vjp<'b>(
        self,
        x: &[Sym<'b>],
        y: Sym<'b>,
        g: Sym<'b>,
        wanted: &[bool],
    ) -> Vec<Option<Sym<'b>>> {
        let d = self.derivative(x, y, g);
        x.iter()
            .enumerate()
            .map(|(i, s)| Some(crate::autodiff::sum_to(*d.get(i).filter(|_| wanted[i])?, &s.shape())))
            .collect()
    }
}
