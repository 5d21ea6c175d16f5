//! What an op is: the trait that every kernel op implements, and the macro that makes one enum of
//! them. Nothing else in the tree lists ops by hand.

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use fovea_core::{Error, Result, TensorType};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::hash::Hash;

/// An op with a kernel. The struct holds its attributes; no method has a default body, so that the
/// compiler is the checklist of what a new op needs.
pub trait Operator: Clone + Eq + Hash + Debug + Serialize + DeserializeOwned + Typed {
    /// Its name in TypeScript's graphs, in camelCase.
    const NAME: &'static str;

    /// The types of the outputs: the only shape rule and the only validator.
    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>>;

    /// Emits the nodes of the vector-Jacobian product; touches no data.
    fn vjp(&self, g: &mut Grad) -> Result<()>;

    /// Lowers one node for the CPU: pushes phases.
    fn cpu(&self, cx: &mut Lower) -> Result<()>;

    /// Writes the shaders of one node for a GPU; `None` where there is no kernel yet.
    fn gpu(&self, cx: &Shade) -> Option<Program>;
}

/// Attributes whose TypeScript type is known, by `derive(ts_rs::TS)`. Asked for with the feature
/// `types` alone.
#[cfg(feature = "types")]
pub trait Typed: ts_rs::TS + 'static {}
#[cfg(feature = "types")]
impl<T: ts_rs::TS + 'static> Typed for T {}

/// Attributes; the feature `types` asks for their TypeScript type too.
#[cfg(not(feature = "types"))]
pub trait Typed {}
#[cfg(not(feature = "types"))]
impl<T> Typed for T {}

/// Reads an op's attributes from the JSON that TypeScript writes.
pub fn attributes<T: Operator>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|e| Error::argument(format!("{}: {e}", T::NAME)))
}

/// Checks the number of inputs, for the first line of an `infer`.
pub fn arity<const N: usize>(name: &str, x: &[TensorType]) -> Result<[TensorType; N]> {
    <[TensorType; N]>::try_from(x.to_vec())
        .map_err(|_| Error::argument(format!("{name}: expected {N} inputs, received {}", x.len())))
}

/// Makes the enum of all kernel ops, with dispatch, from the one list.
macro_rules! ops {
    ($($module:ident :: $op:ident),* $(,)?) => {
        $(pub mod $module;)*
        $(pub use $module::$op;)*

        /// Any kernel op with its attributes.
        #[derive(Clone, PartialEq, Eq, Hash, Debug)]
        pub enum Kernel { $($op($op)),* }

        impl Kernel {
            /// The names of all kernel ops.
            pub const NAMES: &'static [&'static str] = &[$(<$op as crate::operator::Operator>::NAME),*];

            pub fn name(&self) -> &'static str {
                match self { $(Kernel::$op(_) => <$op as crate::operator::Operator>::NAME),* }
            }

            pub fn parse(name: &str, json: &str) -> Option<fovea_core::Result<Kernel>> {
                match name {
                    $(n if n == <$op as crate::operator::Operator>::NAME =>
                        Some(crate::operator::attributes::<$op>(json).map(Kernel::$op)),)*
                    _ => None,
                }
            }

            pub fn infer(&self, x: &[fovea_core::TensorType]) -> fovea_core::Result<Vec<fovea_core::TensorType>> {
                match self { $(Kernel::$op(op) => crate::operator::Operator::infer(op, x)),* }
            }

            pub fn vjp(&self, g: &mut crate::autodiff::Grad) -> fovea_core::Result<()> {
                match self { $(Kernel::$op(op) => crate::operator::Operator::vjp(op, g)),* }
            }

            pub fn cpu(&self, cx: &mut crate::lower::Lower) -> fovea_core::Result<()> {
                match self { $(Kernel::$op(op) => crate::operator::Operator::cpu(op, cx)),* }
            }

            pub fn gpu(&self, cx: &crate::gpu::Shade) -> Option<crate::gpu::Program> {
                match self { $(Kernel::$op(op) => crate::operator::Operator::gpu(op, cx)),* }
            }
        }

        #[cfg(feature = "types")]
        impl Kernel {
            /// Tells the attributes of all kernel ops.
            pub(crate) fn types(types: &mut crate::types::Types) {
                $(types.op::<$op>(<$op as crate::operator::Operator>::NAME);)*
            }
        }

        #[cfg(test)]
        impl Kernel {
            /// The op's naive definition in f64.
            pub fn oracle(&self, x: &[ndarray::ArrayD<f64>]) -> Vec<ndarray::ArrayD<f64>> {
                match self { $(Kernel::$op(op) => crate::checked::Checked::oracle(op, x)),* }
            }
        }

        $(impl From<$op> for Kernel { fn from(op: $op) -> Kernel { Kernel::$op(op) } })*
        $(impl From<$op> for Op { fn from(op: $op) -> Op { Op::Kernel(Kernel::$op(op)) } })*

        /// Every op's samples, for the conformance tests.
        #[cfg(test)]
        pub fn all_samples() -> Vec<crate::checked::AnySample> {
            let mut all = Vec::new();
            $(all.extend(crate::checked::erase::<$op>());)*
            all
        }
    };
}
pub(crate) use ops;
