//! Convolutions and pooling along one, two or three axes, `[batch, …, channels]`, written with the
//! two-dimensional ops: a sequence is an image one pixel high, and a volume a batch of its planes.

mod convolution;
mod pooling;
mod transposed;

pub(super) use convolution::{convolution, depthwise};
pub(super) use pooling::{adaptive_average, adaptive_max, average, max};
pub(super) use transposed::transposed;

use crate::builder::Sym;
use crate::graph::{Leaf, LeafKind};
use crate::ops::window::{Padding, PaddingRule, Window, float};
use crate::ops::{Reshape, Slice};
use fovea_core::{DType, Dim, Error, Result, Shape, TensorType};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What surrounds the input: `"valid"`, `"same"` or, for each axis, how much before and after.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "types", derive(ts_rs::TS))]
#[serde(untagged, expecting = "padding must be \"valid\", \"same\" or [before, after] for each axis")]
pub enum Paddings {
    Rule(PaddingRule),
    Explicit(Vec<[usize; 2]>),
}

impl Paddings {
    /// The padding of two axes of an image; `None` is an axis that is not there, a side of 1.
    fn of(&self, axes: [Option<usize>; 2]) -> Padding {
        match self {
            Paddings::Rule(rule) => Padding::Rule(*rule),
            Paddings::Explicit(pads) => {
                Padding::Explicit(axes.map(|axis| axis.map_or([0, 0], |axis| pads[axis])))
            }
        }
    }
}

/// As TypeScript writes it.
impl fmt::Display for Paddings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Paddings::Rule(rule) => Padding::Rule(*rule).fmt(f),
            Paddings::Explicit(pads) => write!(f, "{pads:?}"),
        }
    }
}

/// A window and its steps along every axis but those of batch and channels.
struct Windows<'a> {
    size: Vec<usize>,
    strides: &'a [usize],
    dilation: Vec<usize>,
    padding: &'a Paddings,
}

impl Windows<'_> {
    /// Refuses a window that has more axes than the input, or fewer.
    fn check(&self, op: &str, x: &TensorType) -> Result<()> {
        float(op, "input", x)?;
        let rank = x.rank().saturating_sub(2);
        if !(1..=3).contains(&rank) {
            return Err(Error::shape(format!(
                "{op}: expected an input [batch, …, channels] with one to three axes between, received shape {}",
                x.shape
            )));
        }
        let pads = match self.padding {
            Paddings::Rule(_) => rank,
            Paddings::Explicit(pads) => pads.len(),
        };
        for (what, count) in [
            ("window size", self.size.len()),
            ("strides", self.strides.len()),
            ("dilation", self.dilation.len()),
            ("padding", pads),
        ] {
            if count != rank {
                return Err(Error::argument(format!(
                    "{op}: expected {what} for each of {rank} axes of an input of shape {}, received {count}",
                    x.shape
                )));
            }
        }
        Ok(())
    }

    /// The window along two of the axes, as one of an image.
    fn plane(&self, axes: [Option<usize>; 2]) -> Window {
        let along = |list: &[usize]| axes.map(|axis| axis.map_or(1, |axis| list[axis]));
        Window {
            size: along(&self.size),
            strides: along(self.strides),
            dilation: along(&self.dilation),
            padding: self.padding.of(axes),
        }
    }

    /// The window along the last two axes.
    fn last(&self) -> Window {
        let rank = self.size.len();
        self.plane([rank.checked_sub(2), Some(rank - 1)])
    }

    /// How many windows there are along each axis.
    fn outputs(&self, op: &str, sides: &[Dim]) -> Result<Vec<Dim>> {
        (0..sides.len())
            .map(|axis| {
                let window = self.plane([Some(axis), None]);
                window.check(op)?;
                match window.outputs(op, [sides[axis], Some(1)]) {
                    Ok([side, _]) => Ok(side),
                    Err(_) => Err(self.does_not_fit(op, sides)),
                }
            })
            .collect()
    }

    fn does_not_fit(&self, op: &str, sides: &[Dim]) -> Error {
        let by = |list: Vec<String>| list.join("×");
        let dilated = if self.dilation.iter().all(|&n| n == 1) {
            String::new()
        } else {
            format!(" with dilation {:?}", self.dilation)
        };
        Error::shape(format!(
            "{op}: a window of {}{dilated} does not fit into an input of {} with padding {}",
            by(self.size.iter().map(usize::to_string).collect()),
            by(sides.iter().map(|d| d.map_or("null".to_string(), |n| n.to_string())).collect()),
            self.padding
        ))
    }
}

/// The axes between those of batch and channels.
fn sides(shape: &Shape) -> &[Dim] {
    &shape.dims()[1..shape.rank() - 1]
}

/// `[batch, …, channels]`.
fn batch_of(dtype: DType, batch: Dim, sides: Vec<Dim>, channels: Dim) -> TensorType {
    let dims = [batch].into_iter().chain(sides).chain([channels]);
    TensorType::new(dtype, dims.collect())
}

/// While a model is built, sides may be unknown. Such a graph never runs, so that a result needs no
/// formula but its type alone.
fn typed<'b>(x: &[Sym<'b>], ty: TensorType, formula: impl FnOnce(&[usize]) -> Sym<'b>) -> Sym<'b> {
    let whole = x.iter().all(|x| x.shape().known().is_some());
    match ty.shape.known().filter(|_| whole) {
        Some(sizes) => formula(&sizes),
        None => x[0].b.leaf(Leaf { kind: LeafKind::Input, ty }),
    }
}

impl<'b> Sym<'b> {
    fn sizes(self) -> Vec<usize> {
        self.ty().sizes()
    }

    fn reshaped(self, sizes: &[usize]) -> Sym<'b> {
        self.apply(Reshape::to(&Shape::of(sizes)))
    }

    /// Elements `begin, begin + step, … < end` along one axis.
    fn cut(self, axis: usize, begin: usize, end: usize, step: usize) -> Sym<'b> {
        let rank = self.shape().rank();
        let mut slice = Slice { begin: vec![0; rank], end: vec![None; rank], step: vec![1; rank] };
        slice.begin[axis] = begin as i64;
        slice.end[axis] = Some(end as i64);
        slice.step[axis] = step;
        self.apply(slice)
    }

    /// Zeros before, after and between the elements along one axis.
    fn padded(self, axis: usize, [low, high]: [usize; 2], interior: usize) -> Sym<'b> {
        let along = |n: usize| (0..self.shape().rank()).map(|i| if i == axis { n } else { 0 }).collect();
        let value = crate::ops::attribute::Float::new(0.0);
        self.apply(crate::ops::Pad { low: along(low), high: along(high), interior: along(interior), value })
    }
}
