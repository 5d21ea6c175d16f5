//! The form every reduction is brought to: lines of contiguous elements.

/// A reduction of a contiguous tensor. The innermost dimension, of `width` elements, is a line.
/// With `rows`, a line is reduced to one element; without, lines are reduced element by element.
#[derive(Debug)]
pub(crate) struct Form {
    /// Kept dimensions outside the lines: sizes and element strides.
    kept: Vec<(usize, usize)>,
    /// Reduced dimensions outside the lines: sizes and element strides.
    reduced: Vec<(usize, usize)>,
    /// Whether the lines themselves are reduced.
    pub rows: bool,
    /// Elements of a line.
    pub width: usize,
    /// Product of the kept dimensions outside the lines.
    pub outer: usize,
    /// Product of the reduced dimensions outside the lines.
    pub lines: usize,
}

impl Form {
    /// The form of reducing `axes` of `shape`.
    pub fn new(shape: &[usize], axes: &[usize]) -> Form {
        let mut dims: Vec<(usize, bool)> = Vec::new();
        for (d, &n) in shape.iter().enumerate().filter(|&(_, &n)| n != 1) {
            let reduced = axes.contains(&d);
            match dims.last_mut() {
                Some((size, kind)) if *kind == reduced => *size *= n,
                _ => dims.push((n, reduced)),
            }
        }
        let (width, rows) = dims.pop().unwrap_or((1, false));
        let mut form = Form { kept: Vec::new(), reduced: Vec::new(), rows, width, outer: 1, lines: 1 };
        let mut stride = width;
        for (n, reduced) in dims.into_iter().rev() {
            let (list, product) = match reduced {
                true => (&mut form.reduced, &mut form.lines),
                false => (&mut form.kept, &mut form.outer),
            };
            list.push((n, stride));
            *product *= n;
            stride *= n;
        }
        form
    }

    /// Elements reduced to each result.
    pub fn count(&self) -> usize {
        self.lines * if self.rows { self.width } else { 1 }
    }

    /// Results.
    pub fn results(&self) -> usize {
        self.outer * if self.rows { 1 } else { self.width }
    }

    /// Whether line l begins `l · width` elements after line 0.
    pub fn is_dense(&self) -> bool {
        self.reduced.is_empty() || matches!(self.reduced[..], [(_, stride)] if stride == self.width)
    }

    /// Where line 0 of a kept index begins, in elements.
    #[inline(always)]
    pub fn outer_offset(&self, index: usize) -> usize {
        offset(&self.kept, index)
    }

    /// How far line `index` lies behind line 0, in elements.
    #[inline(always)]
    pub fn line_offset(&self, index: usize) -> usize {
        offset(&self.reduced, index)
    }
}

/// The offset of a flat index over dimensions, innermost first.
#[inline(always)]
fn offset(dims: &[(usize, usize)], mut index: usize) -> usize {
    match dims {
        [] => 0,
        [(_, stride)] => index * stride,
        _ => {
            let mut at = 0;
            for &(n, stride) in dims {
                at += index % n * stride;
                index /= n;
            }
            at
        }
    }
}
