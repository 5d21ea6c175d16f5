//! Trees of elementwise ops that are compiled into one strip, so that what one op hands to the next
//! stays in a register: those of normalisations, activations, their gradients and Adam. A tree is
//! written once, of lines of the table, and is both the pattern that maps are covered with (see
//! `fuse/cover.rs`) and the loop. Its result has the bits that its ops have one by one.

use super::{Ew, strips};
use fovea_kernels::isa::Isa;
use fovea_kernels::map::{Op1, Op2, Op3, OpN, StripFn, Veil, strip_n};

/// An operand of float32, a number, or an op on trees.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pattern {
    /// An operand, by its number among all: one that stands in two places is the same in both.
    Operand(usize),
    Number(f32),
    Op(Ew, &'static [Pattern]),
}

/// A tree of ops in one strip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    pub pattern: Pattern,
    /// How many operands it has.
    pub operands: usize,
    pub strip: fn(Isa) -> StripFn,
}

macro_rules! pattern {
    ([$($all:ident)+] $operand:ident) => {
        Pattern::Operand(position(&[$(stringify!($all)),+], stringify!($operand)))
    };
    ([$($all:ident)+] $number:literal) => { Pattern::Number($number) };
    ($all:tt ($op:ident $($arg:tt)+)) => { Pattern::Op(Ew::$op, &[$(pattern!($all $arg)),+]) };
}

macro_rules! value {
    ($veil:ident $operand:ident) => { $operand };
    ($veil:ident $number:literal) => { $number };
    ($veil:ident (Where $c:tt $x:tt $y:tt)) => {
        <strips::Where as Op3<_, _, _, _>>::f(
            value!($veil $c),
            $veil.over(value!($veil $x)),
            value!($veil $y),
        )
    };
    ($veil:ident ($op:ident $x:tt)) => { <strips::$op as Op1<_, _>>::f(value!($veil $x)) };
    ($veil:ident ($op:ident $x:tt $y:tt)) => {
        <strips::$op as Op2<_, _, _>>::f(value!($veil $x), value!($veil $y))
    };
}

macro_rules! trees {
    ($([$($operand:ident)+] $tree:tt;)*) => {
        /// All trees; where two fit, the earlier one covers more.
        pub(crate) static TREES: &[Tree] = &[$(Tree {
            pattern: pattern!([$($operand)+] $tree),
            operands: [$(stringify!($operand)),+].len(),
            strip: |isa| {
                struct All;
                impl OpN<{ [$(stringify!($operand)),+].len() }> for All {
                    #[inline(always)]
                    #[allow(unused_variables)]
                    fn f(
                        [$($operand),+]: [f32; [$(stringify!($operand)),+].len()],
                        veil: Veil,
                    ) -> f32 {
                        value!(veil $tree)
                    }
                }
                strip_n::<All, { [$(stringify!($operand)),+].len() }>(isa)
            },
        }),*];
    };
}

trees! {
    // The gradient of a normalisation, behind that of ReLU6 or ReLU.
    [x m s b g l j] (Add (Mul (Where (And (Greater (Relu6 (Add (Mul (Sub x m) s) b)) 0.0) (Less (Relu6 (Add (Mul (Sub x m) s) b)) 6.0)) g 0.0) s) (Add j (Mul (Sub x m) l)));
    [x m s b g l j] (Add (Mul (Where (Greater (Relu (Add (Mul (Sub x m) s) b)) 0.0) g 0.0) s) (Add j (Mul (Sub x m) l)));
    [x m s b g] (Where (And (Greater (Relu6 (Add (Mul (Sub x m) s) b)) 0.0) (Less (Relu6 (Add (Mul (Sub x m) s) b)) 6.0)) g 0.0);
    // Two branches that are normalised and join.
    [x m s b y n t c] (Relu (Add (Add (Mul (Sub x m) s) b) (Add (Mul (Sub y n) t) c)));
    [x m s b g] (Where (Greater (Relu (Add (Mul (Sub x m) s) b)) 0.0) g 0.0);
    [g s x m l j] (Add (Mul g s) (Add j (Mul (Sub x m) l)));
    [x m s b y] (Relu (Add y (Add (Mul (Sub x m) s) b)));
    [x m s b] (Relu6 (Add (Mul (Sub x m) s) b));
    [x m s b] (Relu (Add (Mul (Sub x m) s) b));
    [x m s b y] (Add y (Add (Mul (Sub x m) s) b));
    [y g] (Where (And (Greater y 0.0) (Less y 6.0)) g 0.0);
    // The step of Adam, and how it keeps the mean square; the mean is that of a normalisation.
    [p m r v e] (Sub p (Div (Mul m r) (Add (Sqrt v) e)));
    [g v r] (Add v (Mul (Sub (Square g) v) r));
    [x m s b] (Add (Mul (Sub x m) s) b);
    [y g h] (Where (Greater y 0.0) (Add g h) 0.0);
    [a b c d] (Add (Add (Add a b) c) d);
    [a b c d] (Add (Mul a b) (Mul c d));
    [y g] (Where (Greater y 0.0) g 0.0);
    [x m g] (Mul (Sub x m) g);
    [a b c] (Add (Add a b) c);
    [a b c] (Add (Mul a b) c);
}

/// Where a name stands in a list.
const fn position(all: &[&str], name: &str) -> usize {
    let mut i = 0;
    while !alike(all[i].as_bytes(), name.as_bytes()) {
        i += 1;
    }
    i
}

const fn alike(a: &[u8], b: &[u8]) -> bool {
    let mut same = a.len() == b.len();
    let mut i = 0;
    while same && i < a.len() {
        same = a[i] == b[i];
        i += 1;
    }
    same
}
