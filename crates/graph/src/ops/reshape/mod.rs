//! The same elements in another shape; nothing moves.

#[cfg(test)]
mod checked;

use crate::autodiff::Grad;
use crate::gpu::{Program, Shade};
use crate::lower::Lower;
use crate::operator::{Operator, arity};
use fovea_core::{Dim, Error, Result, Shape, TensorType};
use serde::{Deserialize, Serialize};

#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(deny_unknown_fields)]
pub struct Reshape {
    /// The new sides; one may be -1 and takes what is left.
    pub shape: Vec<i64>,
}

impl Operator for Reshape {
    const NAME: &'static str = "reshape";

    fn infer(&self, x: &[TensorType]) -> Result<Vec<TensorType>> {
        let [x] = arity(Self::NAME, x)?;
        let fail = || {
            Error::shape(format!("reshape: a tensor of shape {} cannot take the shape {:?}", x.shape, self.shape))
        };
        if self.shape.iter().any(|&n| n < -1) || self.shape.iter().filter(|&&n| n == -1).count() > 1 {
            return Err(fail());
        }
        let free = self.shape.contains(&-1);
        let wanted: usize = self.shape.iter().filter(|&&n| n >= 0).map(|&n| n as usize).product();
        let rest: Dim = match x.shape.elements() {
            Some(n) if free && wanted > 0 && n % wanted == 0 => Some(n / wanted),
            Some(n) if !free && n == wanted => None,
            Some(_) => return Err(fail()),
            // One unknown side: it goes where the -1 stands. More of them: nothing can be said.
            None if free => {
                let known: usize = x.shape.iter().flatten().product();
                let unknown = x.shape.iter().filter(|d| d.is_none()).count();
                if unknown == 1 && known == wanted || unknown > 1 || wanted > 0 && known.is_multiple_of(wanted) {
                    None
                } else {
                    return Err(fail());
                }
            }
            None => None,
        };
        let shape: Shape = self.shape.iter().map(|&n| if n == -1 { rest } else { Some(n as usize) }).collect();
        Ok(vec![TensorType::new(x.dtype, shape)])
    }

    fn vjp(&self, g: &mut Grad) -> Result<()> {
        let back = Reshape::to(&g.input(0).shape());
        let dx = g.upstream(0).apply(back);
        g.set(0, dx);
        Ok(())
    }

    /// Nothing runs: the plan sees through it ([`crate::ops::Op::is_view`]).
    fn cpu(&self, _: &mut Lower) -> Result<()> {
        Ok(())
    }

    fn gpu(&self, _: &Shade) -> Option<Program> {
        None
    }
}

impl Reshape {
    /// To a shape whose sides are known, one perhaps not.
    pub fn to(shape: &Shape) -> Reshape {
        Reshape { shape: shape.iter().map(|d| d.map_or(-1, |n| n as i64)).collect() }
    }
}
