//! The loops of a reduction.

use std::ops::Range;

use fovea_core::Bf16;

use super::fold::{Bounded, Fold};
use super::form::Form;
use crate::isa::Isa;
use crate::map::Num;
use crate::multiversion::multiversioned;

/// Partial sums of a row that run side by side, the same for all instruction sets.
const LANES: usize = 64;
/// The same of a short row, and its most elements.
const SHORT_LANES: usize = 16;
const SHORT: usize = 128;
/// Levels of a tree kept as a binary counter: more than any tensor needs.
const LEVELS: usize = 40;
/// Elements of a row that are folded before they enter the tree.
const ROW_BLOCK: usize = 2048;
/// Lines that are folded before they enter the tree.
pub(super) const LINE_BLOCK: usize = 128;

/// Folds `x` in `N` lanes, then the lanes pairwise.
#[inline(always)]
fn lanes<F: Fold<T>, T: Num, const N: usize>(x: &[T]) -> T {
    let mut acc = [F::IDENTITY; N];
    let groups = x.chunks_exact(N);
    let rest = groups.remainder();
    for group in groups {
        for j in 0..N {
            acc[j] = F::fold(acc[j], group[j]);
        }
    }
    for (a, &v) in acc.iter_mut().zip(rest) {
        *a = F::fold(*a, v);
    }
    let mut half = N / 2;
    while half > 0 {
        for j in 0..half {
            acc[j] = F::fold(acc[j], acc[j + half]);
        }
        half /= 2;
    }
    acc[0]
}

/// Folds a row: blocks in lanes, blocks in a pairwise tree kept as a binary counter.
#[inline(always)]
pub(super) fn row<F: Fold<T>, T: Num>(x: &[T]) -> T {
    if x.len() <= SHORT {
        return lanes::<F, T, SHORT_LANES>(x);
    }
    let mut tree = [F::IDENTITY; LEVELS];
    let mut top = 0;
    for (i, block) in x.chunks(ROW_BLOCK).enumerate() {
        let mut value = lanes::<F, T, LANES>(block);
        for _ in 0..i.trailing_ones() {
            top -= 1;
            value = F::fold(tree[top], value);
        }
        tree[top] = value;
        top += 1;
    }
    tree[..top].iter().rev().copied().reduce(|later, earlier| F::fold(earlier, later)).unwrap_or(F::IDENTITY)
}

/// What sums in float32 are taken of.
pub(crate) trait Summand: Copy + Into<f32> + 'static {}
impl Summand for f32 {}
impl Summand for Bf16 {}

/// `a[j] = fold(a[j], b[j])`.
#[inline(always)]
pub(crate) fn fold_into<F: Fold<T>, T: Num>(a: &mut [T], b: &[impl Copy + Into<T>]) {
    for (a, &b) in a.iter_mut().zip(b) {
        *a = F::fold(*a, b.into());
    }
}

/// Levels of the tree over `lines` lines, one of them being worked on.
pub(super) fn levels(lines: usize) -> usize {
    lines.div_ceil(LINE_BLOCK).max(1).ilog2() as usize + 2
}

/// Folds `count` lines of `width` elements, element by element, into the first `width` elements
/// of `tree`; `line(l)` begins line l.
///
/// # Safety
/// All lines are readable, and `tree` has `levels(count)` times `width` elements.
#[inline(always)]
pub(super) unsafe fn fold_lines<F: Fold<T>, T: Num>(
    count: usize,
    width: usize,
    line: impl Fn(usize) -> *const T,
    tree: &mut [T],
) {
    // SAFETY: promised by the caller.
    let get = |l: usize| unsafe { std::slice::from_raw_parts(line(l), width) };
    let mut top = 0;
    for block in 0..count.div_ceil(LINE_BLOCK).max(1) {
        let lines = block * LINE_BLOCK..count.min((block + 1) * LINE_BLOCK);
        fold_block::<F, T, T>(&mut tree[top * width..][..width], lines, get);
        top += 1;
        for _ in 0..block.trailing_ones() {
            top -= 1;
            merge::<F, T>(tree, top, width, 0..width);
        }
    }
    while top > 1 {
        top -= 1;
        merge::<F, T>(tree, top, width, 0..width);
    }
}

/// Folds some lines, which `get` gives, element by element.
#[inline(always)]
pub(super) fn fold_block<'x, F: Fold<T>, T: Num, E: Copy + Into<T> + 'x>(
    acc: &mut [T],
    lines: Range<usize>,
    get: impl Fn(usize) -> &'x [E],
) {
    acc.fill(F::IDENTITY);
    fold_more::<F, T, E>(acc, lines, get);
}

/// Folds some lines, which `get` gives, element by element into what is there.
#[inline(always)]
pub(crate) fn fold_more<'x, F: Fold<T>, T: Num, E: Copy + Into<T> + 'x>(
    acc: &mut [T],
    lines: Range<usize>,
    get: impl Fn(usize) -> &'x [E],
) {
    let mut l = lines.start;
    while l + 4 <= lines.end {
        let (x0, x1, x2, x3) = (get(l), get(l + 1), get(l + 2), get(l + 3));
        for j in 0..acc.len() {
            let [x0, x1, x2, x3] = [x0[j], x1[j], x2[j], x3[j]].map(Into::into);
            acc[j] = F::fold(acc[j], F::fold(F::fold(x0, x1), F::fold(x2, x3)));
        }
        l += 4;
    }
    for l in l..lines.end {
        fold_into::<F, T>(acc, get(l));
    }
}

/// Folds columns `span` of line `top` of the tree into the line below.
#[inline(always)]
pub(crate) fn merge<F: Fold<T>, T: Num>(tree: &mut [T], top: usize, width: usize, span: Range<usize>) {
    let (below, above) = tree.split_at_mut(top * width);
    fold_into::<F, T>(&mut below[(top - 1) * width..][span.clone()], &above[span]);
}

/// Folds `join` lines of `width` elements that stand side by side into the first, pairwise.
#[inline(always)]
pub(crate) fn fold_joined<F: Fold<T>, T: Num>(lines: &mut [T], width: usize, join: usize) {
    let mut left = join;
    while left > 1 {
        let half = left.div_ceil(2);
        let (low, high) = lines.split_at_mut(half * width);
        fold_into::<F, T>(low, &high[..(left - half) * width]);
        left = half;
    }
}

/// Which part of a reduction to do, and where to.
pub(crate) struct Part<'a, T> {
    pub form: &'a Form,
    /// The first kept index outside the lines, and how many of them (one without `rows`).
    pub outer: usize,
    pub outers: usize,
    /// The elements of each line (without `rows`).
    pub tile: Range<usize>,
    /// The lines; with `rows` and a single line, elements of it.
    pub lines: Range<usize>,
    /// How many dense narrow lines are taken as one wide line.
    pub join: usize,
    pub input: *const T,
    /// Where the results of the whole tensor begin.
    pub output: *mut T,
    pub scratch: *mut T,
    /// The count for `Fold::finish`, unless partial results are wanted.
    pub finish: Option<usize>,
}

/// Reduces each outer index of a part to one element.
#[inline(always)]
fn rows<F: Fold<T>, T: Num>(part: &Part<'_, T>) {
    let form = part.form;
    let (lines, span) = match form.lines {
        1 => (0..1, part.lines.clone()),
        _ => (part.lines.clone(), 0..form.width),
    };
    for outer in part.outer..part.outer + part.outers {
        let mut tree = [F::IDENTITY; LEVELS];
        let mut top = 0;
        // SAFETY: the caller of `run` promises the buffers of the form.
        unsafe {
            let base = part.input.add(form.outer_offset(outer) + span.start);
            for (i, l) in lines.clone().enumerate() {
                let line = base.add(form.line_offset(l));
                let mut value = row::<F, T>(std::slice::from_raw_parts(line, span.len()));
                for _ in 0..i.trailing_ones() {
                    top -= 1;
                    value = F::fold(tree[top], value);
                }
                tree[top] = value;
                top += 1;
            }
            let values = tree[..top].iter().rev().copied();
            let value = values.reduce(|later, earlier| F::fold(earlier, later)).unwrap_or(F::IDENTITY);
            *part.output.add(outer) = part.finish.map_or(value, |count| F::finish(value, count));
        }
    }
}

/// Reduces one part to one element per element of the tile.
#[inline(always)]
fn columns<F: Fold<T>, T: Num>(part: &Part<'_, T>) {
    let form = part.form;
    let (tile, lines, join) = (&part.tile, &part.lines, part.join);
    // SAFETY: the caller of `run` promises the buffers of the form and the scratch.
    unsafe {
        let base = part.input.add(form.outer_offset(part.outer) + tile.start);
        let (count, width) = (lines.len() / join, tile.len() * join);
        let tree = std::slice::from_raw_parts_mut(part.scratch, levels(count) * width);
        if join == 1 {
            fold_lines::<F, T>(count, width, |l| base.add(form.line_offset(lines.start + l)), tree);
        } else {
            let dense = base.add(lines.start * form.width);
            fold_lines::<F, T>(count, width, |l| dense.add(l * width), tree);
            let rest = lines.len() % join * form.width;
            fold_into::<F, T>(tree, std::slice::from_raw_parts(dense.add(count * width), rest));
            fold_joined::<F, T>(tree, form.width, join);
        }
        let output = part.output.add(part.outer * form.width + tile.start);
        let output = std::slice::from_raw_parts_mut(output, tile.len());
        for (o, &value) in output.iter_mut().zip(&*tree) {
            *o = part.finish.map_or(value, |count| F::finish(value, count));
        }
    }
}

multiversioned! {
    fn wide<F: Fold<f32>>(part: &Part<'_, f32>) {
        any_part::<F, f32>(part);
    }
}

/// Reduces one part.
#[inline(always)]
fn any_part<F: Fold<T>, T: Num>(part: &Part<'_, T>) {
    if part.form.rows { rows::<F, T>(part) } else { columns::<F, T>(part) }
}

/// An element type whose reductions are compiled. Only those of `f32` are compiled for every
/// instruction set; the others are rare enough to save the build's time.
pub(crate) trait Reducible: Bounded {
    /// Reduces one part.
    fn part<F: Fold<Self>>(_isa: Isa, part: &Part<'_, Self>) {
        any_part::<F, Self>(part);
    }
}

impl Reducible for f32 {
    fn part<F: Fold<f32>>(isa: Isa, part: &Part<'_, f32>) {
        wide::<F>(isa, part);
    }
}
impl Reducible for i32 {}
impl Reducible for u32 {}
impl Reducible for i64 {}
impl Reducible for u8 {}
impl Reducible for i8 {}
