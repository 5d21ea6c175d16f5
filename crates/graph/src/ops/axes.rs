//! Axes as users write them: negative ones count from the end.

use fovea_core::{Error, Result, Shape};

/// One axis, counted from the front.
pub(crate) fn axis(name: &str, axis: i64, shape: &Shape) -> Result<usize> {
    let rank = shape.rank() as i64;
    if (-rank..rank).contains(&axis) {
        return Ok(axis.rem_euclid(rank) as usize);
    }
    Err(Error::argument(match rank {
        0 => format!("{name}: expected a tensor with axes, received a scalar and axis {axis}"),
        _ => format!(
            "{name}: expected an axis from -{rank} to {} for a tensor of shape {shape}, received {axis}",
            rank - 1
        ),
    }))
}

/// Some axes, counted from the front, in ascending order; none given means all.
pub(crate) fn axes(name: &str, given: &[i64], shape: &Shape) -> Result<Vec<usize>> {
    if given.is_empty() {
        return Ok((0..shape.rank()).collect());
    }
    let mut axes = given.iter().map(|&a| axis(name, a, shape)).collect::<Result<Vec<usize>>>()?;
    axes.sort_unstable();
    match axes.windows(2).find(|pair| pair[0] == pair[1]) {
        None => Ok(axes),
        Some(pair) => Err(Error::argument(format!(
            "{name}: expected each axis once, received axis {} more than once in {given:?}",
            pair[0]
        ))),
    }
}

/// The shape with sides of 1 where `axes` are.
pub(crate) fn kept(shape: &Shape, axes: &[usize]) -> Shape {
    shape.iter().enumerate().map(|(i, &d)| if axes.contains(&i) { Some(1) } else { d }).collect()
}

/// The shape without `axes`.
pub(crate) fn dropped(shape: &Shape, axes: &[usize]) -> Shape {
    shape.iter().enumerate().filter(|(i, _)| !axes.contains(i)).map(|(_, &d)| d).collect()
}
