//! Trees of elementwise ops that are compiled into one strip, so that what one op hands to the next
//! stays in a register: those of normalisations, activations, their gradients and Adam. A tree is
//! written once, of lines of the table, and is both the pattern that maps are covered with (see
//! `fuse/cover.rs`) and the loop. Its result has the bits that its ops have one by one. The large operands
//! are as they are stored, float32 or bfloat16: `Wide` and `Round` are the casts between that and float32.

use super::{Ew, strips};
use fovea_core::{Bf16, DType};
use fovea_kernels::isa::Isa;
use fovea_kernels::map::{Loop, Op1, Op2, Op3, OpN, PAIR, Stored, SumsFn, Veil, sums, tree};

/// An operand, a number, or an op on trees.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pattern {
    /// An operand, by its number among all: one that stands in two places is the same in both.
    Operand(usize),
    Number(f32),
    Op(Ew, &'static [Pattern]),
    /// From what is stored to float32; nothing where that is stored.
    Wide(&'static Pattern),
    /// From float32 to what is stored; nothing where float32 is.
    Round(&'static Pattern),
}

/// A tree of ops in one strip.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tree {
    pub pattern: Pattern,
    /// How many operands are as they are stored, bool and float32, in this order.
    pub operands: [usize; 3],
    /// The strip where this is stored, if there is one.
    pub strip: fn(Isa, DType) -> Option<Loop>,
}

impl Tree {
    /// What an operand is, where `stored` is stored.
    pub(crate) fn dtype(&self, operand: usize, stored: DType) -> DType {
        let [x, choices, _] = self.operands;
        match operand {
            i if i < x => stored,
            i if i < x + choices => DType::Bool,
            _ => DType::F32,
        }
    }

    /// All operands.
    pub(crate) fn arity(&self) -> usize {
        self.operands.iter().sum()
    }
}

/// Totals that are taken together, of what one loop computes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SumsTree {
    pub patterns: [Pattern; PAIR],
    /// How many operands are as they are stored, and float32 for each channel, in this order.
    pub operands: [usize; 2],
    /// The loop where this is stored.
    pub sums: fn(Isa, DType) -> Option<SumsFn>,
}

macro_rules! pattern {
    ($all:tt (Wide $x:tt)) => { Pattern::Wide(&pattern!($all $x)) };
    ($all:tt (Round $x:tt)) => { Pattern::Round(&pattern!($all $x)) };
    ([$($all:ident)+] $operand:ident) => {
        Pattern::Operand(position(&[$(stringify!($all)),+], stringify!($operand)))
    };
    ([$($all:ident)+] $number:literal) => { Pattern::Number($number) };
    ($all:tt ($op:ident $($arg:tt)+)) => { Pattern::Op(Ew::$op, &[$(pattern!($all $arg)),+]) };
}

macro_rules! value {
    ($veil:ident $operand:ident) => { $operand };
    ($veil:ident $number:literal) => { Stored::of($number) };
    ($veil:ident (Wide $x:tt)) => { Stored::wide(value!($veil $x)) };
    ($veil:ident (Round $x:tt)) => { E::of(value!($veil $x)) };
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

/// What a tree gives: float32, or what is stored.
macro_rules! result {
    (Wide) => {
        f32
    };
    (Stored) => {
        E
    };
}

macro_rules! trees {
    ($([$($x:ident)* $(, $c:ident)* $(; $($w:ident)+)?] $result:ident $tree:tt;)*) => {
        /// All trees; where two fit, the earlier one covers more.
        pub(crate) static TREES: &[Tree] = &[$({
            const X: usize = count(&[$(stringify!($x)),*]);
            const C: usize = count(&[$(stringify!($c)),*]);
            const W: usize = count(&[$($(stringify!($w)),+)?]);
            struct All;
            impl<E: Stored> OpN<E, result!($result), X, C, W> for All {
                #[inline(always)]
                #[allow(unused_variables)]
                fn f([$($x),*]: [E; X], [$($c),*]: [u8; C], [$($($w),+)?]: [f32; W], veil: Veil) -> result!($result) {
                    value!(veil $tree)
                }
            }
            fn of<E: Stored>(isa: Isa) -> Loop {
                tree::<All, E, result!($result), X, C, W>(isa)
            }
            Tree {
                pattern: pattern!([$($x)* $($c)* $($($w)+)?] $tree),
                operands: [X, C, W],
                strip: |isa, stored| match stored {
                    DType::F32 => Some(of::<f32>(isa)),
                    DType::Bf16 if X > 0 => Some(of::<Bf16>(isa)),
                    _ => None,
                },
            }
        }),*];
    };
}

macro_rules! sums_trees {
    ($([$x:ident $g:ident; $m:ident $($w:ident)*] $gradient:tt;)*) => {
        /// All totals that are taken together; where two fit, the earlier one covers more.
        pub(crate) static SUMS: &[SumsTree] = &[$({
            const X: usize = 2;
            const W: usize = 1 + count(&[$(stringify!($w)),*]);
            struct All;
            impl<E: Stored> OpN<E, [f32; PAIR], X, 0, W> for All {
                #[inline(always)]
                #[allow(unused_variables)]
                fn f([$x, $g]: [E; X], []: [u8; 0], [$m, $($w),*]: [f32; W], veil: Veil) -> [f32; PAIR] {
                    [Stored::wide(value!(veil $gradient)), value!(veil (Mul (Sub (Wide $x) $m) (Wide $gradient)))]
                }
            }
            SumsTree {
                patterns: [
                    pattern!([$x $g $m $($w)*] $gradient),
                    pattern!([$x $g $m $($w)*] (Mul (Sub (Wide $x) $m) (Wide $gradient))),
                ],
                operands: [X, W],
                sums: |isa, stored| match stored {
                    DType::F32 => Some(sums::<All, f32, X, W>(isa)),
                    DType::Bf16 => Some(sums::<All, Bf16, X, W>(isa)),
                    _ => None,
                },
            }
        }),*];
    };
}

// The two sums in the gradient of a normalisation: of the gradient, behind that of ReLU6 or ReLU or of nothing, and of
// its product with how far the input is from the mean. Here stands the former.
sums_trees! {
    [x g; m s b] (Where (And (Greater (Relu6 (Round (Add (Mul (Sub (Wide x) m) s) b))) 0.0) (Less (Relu6 (Round (Add (Mul (Sub (Wide x) m) s) b))) 6.0)) g 0.0);
    [x g; m s b] (Where (Greater (Relu (Round (Add (Mul (Sub (Wide x) m) s) b))) 0.0) g 0.0);
    [x g; m] g;
}

trees! {
    // The gradient of a normalisation, behind that of ReLU6 or ReLU.
    [x g; m s b l j] Stored (Round (Add (Mul (Wide (Where (And (Greater (Relu6 (Round (Add (Mul (Sub (Wide x) m) s) b))) 0.0) (Less (Relu6 (Round (Add (Mul (Sub (Wide x) m) s) b))) 6.0)) g 0.0)) s) (Add j (Mul (Sub (Wide x) m) l))));
    [x g; m s b l j] Stored (Round (Add (Mul (Wide (Where (Greater (Relu (Round (Add (Mul (Sub (Wide x) m) s) b))) 0.0) g 0.0)) s) (Add j (Mul (Sub (Wide x) m) l))));
    [x g; m s b] Stored (Where (And (Greater (Relu6 (Round (Add (Mul (Sub (Wide x) m) s) b))) 0.0) (Less (Relu6 (Round (Add (Mul (Sub (Wide x) m) s) b))) 6.0)) g 0.0);
    // Two branches that are normalised and join.
    [x y; m s b n t c] Stored (Relu (Add (Round (Add (Mul (Sub (Wide x) m) s) b)) (Round (Add (Mul (Sub (Wide y) n) t) c))));
    [x g; m s b] Stored (Where (Greater (Relu (Round (Add (Mul (Sub (Wide x) m) s) b))) 0.0) g 0.0);
    [g x; s m l j] Stored (Round (Add (Mul (Wide g) s) (Add j (Mul (Sub (Wide x) m) l))));
    [x y; m s b] Stored (Relu (Add y (Round (Add (Mul (Sub (Wide x) m) s) b))));
    [x; m s b] Stored (Relu6 (Round (Add (Mul (Sub (Wide x) m) s) b)));
    [x; m s b] Stored (Relu (Round (Add (Mul (Sub (Wide x) m) s) b)));
    [x y; m s b] Stored (Add y (Round (Add (Mul (Sub (Wide x) m) s) b)));
    [y g] Stored (Where (And (Greater y 0.0) (Less y 6.0)) g 0.0);
    // The step of Adam, and how it keeps the mean square; the mean is that of a normalisation.
    [; p m r v e] Wide (Sub p (Div (Mul m r) (Add (Sqrt v) e)));
    [; g v r] Wide (Add v (Mul (Sub (Square g) v) r));
    [x; m s b] Stored (Round (Add (Mul (Sub (Wide x) m) s) b));
    [y g h] Stored (Where (Greater y 0.0) (Add g h) 0.0);
    [g h, c] Stored (Where c (Add g h) 0.0);
    [; a b c d] Wide (Add (Add (Add a b) c) d);
    [; a b c d] Wide (Add (Mul a b) (Mul c d));
    [y g] Stored (Where (Greater y 0.0) g 0.0);
    [x g; m] Wide (Mul (Sub (Wide x) m) (Wide g));
    [; a b c] Wide (Add (Add a b) c);
    [; a b c] Wide (Add (Mul a b) c);
    [g; s] Wide (Mul (Wide g) s);
}

/// How many names a list has.
const fn count(all: &[&str]) -> usize {
    all.len()
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
