//! A copy between two strided views of one shape, the engine of every movement.

use crate::multiversion::multiversioned;

/// The side of the blocks in which a transposition goes, in elements: a line of each matrix.
const BLOCK: usize = 16;

/// One dimension: its size and the element strides of source and target.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Dim {
    pub n: usize,
    pub from: isize,
    pub to: isize,
}

/// A copy of a box of elements, cut into pieces along its outermost dimensions.
#[derive(Debug)]
pub(super) struct Strided {
    /// Dimensions outside the kernel's, outermost first.
    outer: Vec<Dim>,
    /// The dimension that pieces divide, and those inside it.
    kernel: Kernel,
    /// Where the box begins in source and target, in elements.
    from: usize,
    to: usize,
    /// Parts of the kernel's first dimension.
    parts: usize,
}

/// The innermost loops.
#[derive(Clone, Copy, Debug)]
enum Kernel {
    /// One dimension with any strides.
    Line(Dim),
    /// Two dimensions: the source is dense along the first, the target along the second.
    Transpose(Dim, Dim),
}

impl Strided {
    /// A copy of the box `dims`, of about `piece` elements a piece.
    pub fn new(dims: &[Dim], from: usize, to: usize, piece: usize) -> Strided {
        let mut dims = collapse(dims);
        let last = dims.pop().unwrap_or(Dim { n: 1, from: 1, to: 1 });
        let dense = dims.iter().rposition(|d| d.from == 1 && d.n > 1);
        let kernel = match dense {
            Some(at) if last.to == 1 && last.from != 1 && last.from != 0 => {
                Kernel::Transpose(dims.remove(at), last)
            }
            _ => Kernel::Line(last),
        };
        let (first, elements) = match kernel {
            Kernel::Line(d) => (d.n, d.n),
            Kernel::Transpose(a, b) => (a.n.div_ceil(BLOCK), a.n * b.n),
        };
        let parts = elements.div_ceil(piece.max(1)).clamp(1, first.max(1));
        Strided { outer: dims, kernel, from, to, parts }
    }

    /// Pieces, which any thread may copy in any order.
    pub fn pieces(&self) -> usize {
        match self.elements() {
            0 => 0,
            _ => self.outer.iter().map(|d| d.n).product::<usize>() * self.parts,
        }
    }

    /// Elements of the box.
    pub fn elements(&self) -> usize {
        let inner = match self.kernel {
            Kernel::Line(d) => d.n,
            Kernel::Transpose(a, b) => a.n * b.n,
        };
        self.outer.iter().map(|d| d.n).product::<usize>() * inner
    }

    /// Copies one piece of elements of type `T`.
    ///
    /// # Safety
    /// Source and target hold the box, apart from each other.
    pub unsafe fn piece<T: Copy>(&self, isa: crate::isa::Isa, piece: usize, from: *const T, to: *mut T) {
        let (mut rest, part) = (piece / self.parts, piece % self.parts);
        let (mut f, mut t) = (self.from as isize, self.to as isize);
        for d in self.outer.iter().rev() {
            let i = (rest % d.n) as isize;
            rest /= d.n;
            f += i * d.from;
            t += i * d.to;
        }
        // SAFETY: offsets of elements of the box.
        unsafe {
            match self.kernel {
                Kernel::Line(d) => {
                    let range = crate::routine::share(d.n, self.parts, part);
                    let start = range.start as isize;
                    let (from, to) = (from.offset(f + start * d.from), to.offset(t + start * d.to));
                    line(isa, Dim { n: range.len(), ..d }, from, to);
                }
                Kernel::Transpose(a, b) => {
                    let range = crate::routine::share(a.n.div_ceil(BLOCK), self.parts, part);
                    let start = range.start * BLOCK;
                    let end = (range.end * BLOCK).min(a.n);
                    let (from, to) = (from.offset(f + start as isize), to.offset(t + start as isize * a.to));
                    transpose(isa, Dim { n: end - start, ..a }, b, from, to);
                }
            }
        }
    }
}

/// Drops dimensions of size 1 and merges neighbours that both views can walk as one.
fn collapse(dims: &[Dim]) -> Vec<Dim> {
    let mut out: Vec<Dim> = Vec::new();
    for &d in dims.iter().filter(|d| d.n != 1) {
        match out.last_mut() {
            Some(last) if last.from == d.from * d.n as isize && last.to == d.to * d.n as isize => {
                *last = Dim { n: last.n * d.n, ..d };
            }
            _ => out.push(d),
        }
    }
    out
}

multiversioned! {
    fn line<T: Copy>(d: Dim, from: *const T, to: *mut T) {
        // SAFETY: the caller of `piece` promises the box.
        unsafe {
            match (d.from, d.to) {
                (1, 1) => to.copy_from_nonoverlapping(from, d.n),
                (0, 1) => std::slice::from_raw_parts_mut(to, d.n).fill(*from),
                _ => {
                    let (mut from, mut to) = (from, to);
                    for _ in 0..d.n {
                        *to = *from;
                        from = from.wrapping_offset(d.from);
                        to = to.wrapping_offset(d.to);
                    }
                }
            }
        }
    }
}

multiversioned! {
    fn transpose<T: Copy>(a: Dim, b: Dim, from: *const T, to: *mut T) {
        for i0 in (0..a.n).step_by(BLOCK) {
            for j0 in (0..b.n).step_by(BLOCK) {
                let (rows, columns) = (BLOCK.min(a.n - i0), BLOCK.min(b.n - j0));
                // SAFETY: the caller of `piece` promises the box; the block lies inside it.
                unsafe {
                    let mut block = [[*from; BLOCK]; BLOCK];
                    for (j, line) in block.iter_mut().enumerate().take(columns) {
                        let source = from.offset((j0 + j) as isize * b.from + i0 as isize);
                        let source = std::slice::from_raw_parts(source, rows);
                        match <&[T; BLOCK]>::try_from(source) {
                            Ok(whole) => *line = *whole,
                            Err(_) => line[..rows].copy_from_slice(source),
                        }
                    }
                    let column = |i: usize| -> [T; BLOCK] { std::array::from_fn(|j| block[j][i]) };
                    for i in 0..rows {
                        let line = column(i);
                        let target = to.offset((i0 + i) as isize * a.to + j0 as isize);
                        let target = std::slice::from_raw_parts_mut(target, columns);
                        match <&mut [T; BLOCK]>::try_from(&mut *target) {
                            Ok(whole) => *whole = line,
                            Err(_) => target.copy_from_slice(&line[..columns]),
                        }
                    }
                }
            }
        }
    }
}
