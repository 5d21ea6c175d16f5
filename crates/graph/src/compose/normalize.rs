//! Statistics and the normalisation that uses them, in float32.

use super::{BatchNormalize, Moments, inputs};
use crate::builder::Sym;
use crate::elementwise::Ew;
use crate::ops::{LeadingMoments, ReduceKind, Reshape, axes};
use fovea_core::{Dim, Error, Result, Shape};

pub(super) fn moments<'b>(op: &Moments, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let [given] = inputs(Moments::NAME, x)?;
    let axes = axes::axes(Moments::NAME, &op.axes, &given.shape())?;
    let x = given.float();
    let results = |moments: Vec<Sym<'b>>| moments.into_iter().map(|m| m.as_float(given)).collect();
    if !axes.is_empty() && axes.iter().copied().eq(0..axes.len()) {
        return Ok(results(x.b.apply(LeadingMoments { axes: axes.len() }, &[x])));
    }
    let mean = x.reduce_keep(ReduceKind::Mean, &axes);
    // mean((x - c)²) - (mean - c)² is the variance for any c. With a c that no gradient goes
    // through, the gradient needs no second pass over x, and is right to every order.
    let c = mean.stop_gradient();
    let spread = (x - c).map(Ew::Square).reduce_keep(ReduceKind::Mean, &axes);
    Ok(results(vec![mean, spread - (mean - c).map(Ew::Square)]))
}

pub(super) fn batch_normalize<'b>(op: &BatchNormalize, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let expected = 3 + usize::from(op.scale) + usize::from(op.center);
    if x.len() != expected {
        return Err(Error::argument(format!(
            "{}: expected {expected} inputs, received {}",
            BatchNormalize::NAME,
            x.len()
        )));
    }
    let shape = x[0].shape();
    let axis = axes::axis(BatchNormalize::NAME, op.axis, &shape)?;
    let statistic = |name: &str, i: usize| statistic(name, x[i], &shape, axis);
    let mean = statistic("mean", 1)?;
    let variance = statistic("variance", 2)?;
    let mut factor = (variance + op.epsilon.get()).map(Ew::Rsqrt);
    if op.scale {
        factor = factor * statistic("gamma", 3)?;
    }
    let y = (x[0].float() - mean) * factor;
    let y = if op.center { y + statistic("beta", expected - 1)? } else { y };
    Ok(vec![y.as_float(x[0])])
}

/// One number for each channel, in a shape that broadcasts against `shape`.
fn statistic<'b>(name: &str, s: Sym<'b>, shape: &Shape, axis: usize) -> Result<Sym<'b>> {
    let channels = shape[axis];
    let aligned: Shape = (0..shape.rank()).map(|i| if i == axis { channels } else { Some(1) }).collect();
    let given = s.shape();
    let fits = |(&g, &d): (&Dim, &Dim)| g == d || g == Some(1);
    if given.rank() == shape.rank() && given.iter().zip(shape.iter()).all(fits) {
        return Ok(s.float());
    }
    if *given == [channels] {
        return Ok(s.float().apply(Reshape::to(&aligned)));
    }
    Err(Error::shape(format!(
        "{}: expected {name} of shape {} or {aligned} for a tensor of shape {shape}, received {given}",
        BatchNormalize::NAME,
        Shape::new(vec![channels])
    )))
}
