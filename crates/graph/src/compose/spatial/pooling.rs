//! Pooling along any number of axes. Both the greatest value and the mean of a box are found axis by
//! axis: padding leaves the same part of a window out for all windows beside it.

use super::{Paddings, Windows, batch_of, sides, typed};
use crate::builder::Sym;
use crate::compose::{AdaptiveAveragePool, AdaptiveMaxPool, AveragePool, MaxPool, inputs};
use crate::elementwise::Ew;
use crate::ops::window::{Padding, Window};
use crate::ops::{AvgPool2d, Concat, Gather, Iota, MaxPool2d, Op};
use fovea_core::{DType, Error, Result};

#[derive(Clone, Copy)]
enum Kind {
    Max,
    Average,
}

pub(in crate::compose) fn max<'b>(op: &MaxPool, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    pooled(MaxPool::NAME, Kind::Max, [&op.pool_size, &op.strides], &op.padding, x)
}

pub(in crate::compose) fn average<'b>(op: &AveragePool, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    pooled(AveragePool::NAME, Kind::Average, [&op.pool_size, &op.strides], &op.padding, x)
}

pub(in crate::compose) fn adaptive_max<'b>(op: &AdaptiveMaxPool, x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    adaptive(AdaptiveMaxPool::NAME, Kind::Max, &op.output_size, x)
}

pub(in crate::compose) fn adaptive_average<'b>(
    op: &AdaptiveAveragePool,
    x: &[Sym<'b>],
) -> Result<Vec<Sym<'b>>> {
    adaptive(AdaptiveAveragePool::NAME, Kind::Average, &op.output_size, x)
}

fn pooled<'b>(
    name: &str,
    kind: Kind,
    [size, strides]: [&[usize]; 2],
    padding: &Paddings,
    x: &[Sym<'b>],
) -> Result<Vec<Sym<'b>>> {
    let [x] = inputs(name, x)?;
    let windows = Windows { size: size.to_vec(), strides, dilation: vec![1; size.len()], padding };
    windows.check(name, &x.ty())?;
    let shape = x.shape();
    let outputs = windows.outputs(name, sides(&shape))?;
    let ty = batch_of(x.dtype(), shape[0], outputs, shape[shape.rank() - 1]);
    let formula = |y: &[usize]| {
        let sizes = x.sizes();
        match *sizes {
            [n, w, c] => pool(kind, windows.last(), x.reshaped(&[n, 1, w, c])),
            [_, _, _, _] => pool(kind, windows.last(), x),
            _ => {
                let (n, d, c) = (sizes[0], sizes[1], sizes[4]);
                let planes = pool(kind, windows.last(), x.reshaped(&[n * d, sizes[2], sizes[3], c]));
                let columns = planes.reshaped(&[n, d, y[2] * y[3], c]);
                pool(kind, windows.plane([Some(0), None]), columns)
            }
        }
        .reshaped(y)
    };
    Ok(vec![typed(&[x], ty, formula)])
}

fn pool<'b>(kind: Kind, window: Window, x: Sym<'b>) -> Sym<'b> {
    let Window { size: pool_size, strides, padding, .. } = window;
    if pool_size == [1, 1] && strides == [1, 1] {
        return x;
    }
    let op: Op = match kind {
        Kind::Max => MaxPool2d { pool_size, strides, padding }.into(),
        Kind::Average => AvgPool2d { pool_size, strides, padding }.into(),
    };
    x.apply(op)
}

fn adaptive<'b>(name: &str, kind: Kind, outputs: &[usize], x: &[Sym<'b>]) -> Result<Vec<Sym<'b>>> {
    let [x] = inputs(name, x)?;
    let strides = vec![1; outputs.len()];
    let padding = Paddings::Explicit(vec![[0, 0]; outputs.len()]);
    // As many numbers as there are axes, each at least 1: what a window is.
    let windows =
        Windows { size: outputs.to_vec(), strides: &strides, dilation: strides.clone(), padding: &padding };
    windows.check(name, &x.ty())?;
    let shape = x.shape();
    if outputs.contains(&0) || sides(&shape).contains(&Some(0)) {
        return Err(Error::argument(format!(
            "{name}: expected sides and output sizes of at least 1, received {outputs:?} for shape {shape}"
        )));
    }
    let ty =
        batch_of(x.dtype(), shape[0], outputs.iter().map(|&n| Some(n)).collect(), shape[shape.rank() - 1]);
    let formula = |y: &[usize]| {
        (1..y.len() - 1).fold(x, |x, axis| {
            let mut sizes = x.sizes();
            let rest = sizes[axis + 1..sizes.len() - 1].iter().product();
            let columns = [sizes[..axis].iter().product(), sizes[axis], rest, sizes[sizes.len() - 1]];
            sizes[axis] = y[axis];
            shared_out(kind, x.reshaped(&columns), y[axis]).reshaped(&sizes)
        })
    };
    Ok(vec![typed(&[x], ty, formula)])
}

/// Pools axis 1 to `outputs` windows: the `i`-th of `n` elements from `⌊i · n / outputs⌋` up to,
/// without, `⌈(i + 1) · n / outputs⌉`.
fn shared_out(kind: Kind, x: Sym<'_>, outputs: usize) -> Sym<'_> {
    let n = x.sizes()[1];
    let along = |size: usize, stride: usize| {
        pool(
            kind,
            Window { size: [size, 1], strides: [stride, 1], dilation: [1, 1], padding: Padding::VALID },
            x,
        )
    };
    if n.is_multiple_of(outputs) {
        return if n == outputs { x } else { along(n / outputs, n / outputs) };
    }
    // All windows are so long, or longer by one.
    let size = n.div_ceil(outputs);
    let short = along(size, 1);
    let index = Iota { dtype: DType::I32, shape: vec![outputs], axis: 0 };
    let index = x.b.one(index, &[]);
    let (count, parts) = (index.number(n as f64), index.number(outputs as f64));
    let begin = (index * count).zip(Ew::FloorDiv, parts);
    if n == size {
        return x.b.one(Gather { axis: 1 }, &[short, begin]);
    }
    let end = ((index + 1.0) * count + (outputs - 1) as f64).zip(Ew::FloorDiv, parts);
    let longer = end - begin - size as f64;
    let windows = x.b.one(Concat { axis: 1 }, &[short, along(size + 1, 1)]);
    x.b.one(Gather { axis: 1 }, &[windows, begin + longer * index.number((n - size + 1) as f64)])
}
