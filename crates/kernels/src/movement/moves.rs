use super::strided::{Dim, Strided};
use crate::isa::Isa;
use crate::routine::PhaseSpec;

/// Bytes that make a chunk.
const CHUNK_BYTES: usize = 256 << 10;

/// A movement of elements from one or several tensors to one: copy, transpose, slice and its
/// gradient, concatenation, padding, broadcast. Where parts of the output get no element, a first
/// phase fills it.
#[derive(Debug)]
pub struct Movement {
    isa: Isa,
    size: usize,
    /// Elements of the output, and what they are filled with first, if they are.
    output: usize,
    fill: Option<u64>,
    copies: Vec<Strided>,
    pieces_per_chunk: Vec<usize>,
    phases: Vec<PhaseSpec>,
}

/// Row-major element strides of a shape.
fn strides(shape: &[usize]) -> Vec<isize> {
    let mut out = vec![1isize; shape.len()];
    for d in (1..shape.len()).rev() {
        out[d - 1] = out[d] * shape[d] as isize;
    }
    out
}

impl Movement {
    /// A copy of `n` elements of `size` bytes.
    pub fn copy(isa: Isa, size: usize, n: usize) -> Movement {
        let dims = [Dim { n, from: 1, to: 1 }];
        Movement::new(isa, size, n, None, vec![(dims.to_vec(), 0, 0)])
    }

    /// Axis d of the output is axis `order[d]` of the input.
    pub fn transpose(isa: Isa, size: usize, shape: &[usize], order: &[usize]) -> Movement {
        let from = strides(shape);
        let sizes: Vec<usize> = order.iter().map(|&d| shape[d]).collect();
        let to = strides(&sizes);
        let dims = (0..order.len()).map(|d| Dim { n: sizes[d], from: from[order[d]], to: to[d] }).collect();
        Movement::new(isa, size, sizes.iter().product(), None, vec![(dims, 0, 0)])
    }

    /// Element i of axis d of the output is element `begin[d] + i · step[d]` of the input, for
    /// `count[d]` elements; steps may be negative.
    pub fn slice(
        isa: Isa,
        size: usize,
        shape: &[usize],
        begin: &[usize],
        step: &[isize],
        count: &[usize],
    ) -> Movement {
        let (from, to) = (strides(shape), strides(count));
        let dims =
            (0..shape.len()).map(|d| Dim { n: count[d], from: from[d] * step[d], to: to[d] }).collect();
        let start = begin.iter().zip(&from).map(|(&b, &s)| b * s as usize).sum();
        Movement::new(isa, size, count.iter().product(), None, vec![(dims, start, 0)])
    }

    /// The gradient of [`Movement::slice`], with its arguments: the gradient of its output
    /// (`count`) goes to where its elements came from in a tensor of zeros (`shape`).
    pub fn slice_grad(
        isa: Isa,
        size: usize,
        shape: &[usize],
        begin: &[usize],
        step: &[isize],
        count: &[usize],
    ) -> Movement {
        let (from, to) = (strides(count), strides(shape));
        let dims =
            (0..shape.len()).map(|d| Dim { n: count[d], from: from[d], to: to[d] * step[d] }).collect();
        let start = begin.iter().zip(&to).map(|(&b, &s)| b * s as usize).sum();
        Movement::new(isa, size, shape.iter().product(), Some(0), vec![(dims, 0, start)])
    }

    /// The inputs, of `shapes` that differ along `axis` alone, one behind the other along it.
    pub fn concat(isa: Isa, size: usize, shapes: &[&[usize]], axis: usize) -> Movement {
        let Some(first) = shapes.first() else {
            return Movement::new(isa, size, 0, None, Vec::new());
        };
        let mut whole = first.to_vec();
        whole[axis] = shapes.iter().map(|s| s[axis]).sum();
        let to = strides(&whole);
        let mut start = 0;
        let copies = shapes
            .iter()
            .map(|shape| {
                let from = strides(shape);
                let dims = (0..shape.len()).map(|d| Dim { n: shape[d], from: from[d], to: to[d] }).collect();
                let at = start;
                start += shape[axis] * to[axis] as usize;
                (dims, 0, at)
            })
            .collect();
        Movement::new(isa, size, whole.iter().product(), None, copies)
    }

    /// The input with `before[d]` and `after[d]` elements around it along each axis, all of the
    /// bytes of `value` (its first `size` in memory).
    pub fn pad(
        isa: Isa,
        size: usize,
        shape: &[usize],
        before: &[usize],
        after: &[usize],
        value: u64,
    ) -> Movement {
        let whole: Vec<usize> = (0..shape.len()).map(|d| before[d] + shape[d] + after[d]).collect();
        let (from, to) = (strides(shape), strides(&whole));
        let dims = (0..shape.len()).map(|d| Dim { n: shape[d], from: from[d], to: to[d] }).collect();
        let start = before.iter().zip(&to).map(|(&b, &s)| b * s as usize).sum();
        let fill = (whole != shape).then_some(value);
        Movement::new(isa, size, whole.iter().product(), fill, vec![(dims, 0, start)])
    }

    /// The input of `shape` broadcast to `target` by NumPy's rule.
    pub fn broadcast_to(isa: Isa, size: usize, shape: &[usize], target: &[usize]) -> Movement {
        let (from, to) = (strides(shape), strides(target));
        let lead = target.len() - shape.len();
        let dims = (0..target.len())
            .map(|d| {
                let kept = d >= lead && shape[d - lead] != 1;
                Dim { n: target[d], from: if kept { from[d - lead] } else { 0 }, to: to[d] }
            })
            .collect();
        Movement::new(isa, size, target.iter().product(), None, vec![(dims, 0, 0)])
    }

    fn new(
        isa: Isa,
        size: usize,
        output: usize,
        fill: Option<u64>,
        copies: Vec<(Vec<Dim>, usize, usize)>,
    ) -> Movement {
        let chunk = CHUNK_BYTES / size;
        let copies: Vec<Strided> =
            copies.into_iter().map(|(dims, from, to)| Strided::new(&dims, from, to, chunk)).collect();
        let pieces_per_chunk: Vec<usize> =
            copies.iter().map(|c| (chunk * c.pieces() / c.elements().max(1)).max(1)).collect();
        let phase =
            |chunks, elements: usize| PhaseSpec { chunks, scratch: 0, cost: (elements * size) as f64 * 10.0 };
        let mut phases = Vec::new();
        if fill.is_some() {
            phases.push(phase(output.div_ceil(chunk), output));
        }
        let chunks = copies.iter().zip(&pieces_per_chunk).map(|(c, &n)| c.pieces().div_ceil(n)).sum();
        phases.push(phase(chunks, copies.iter().map(Strided::elements).sum()));
        Movement { isa, size, output, fill, copies, pieces_per_chunk, phases }
    }

    /// One phase, or two where the output is filled first.
    pub fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// `inputs` (one, but for a concatenation) and `output` are valid for their shapes, aligned
    /// to the element, and apart.
    pub unsafe fn run(&self, phase: usize, chunk: usize, inputs: &[*const u8], output: *mut u8) {
        // SAFETY: passed on.
        unsafe {
            match self.size {
                1 => self.chunk::<u8>(phase, chunk, inputs, output),
                2 => self.chunk::<u16>(phase, chunk, inputs, output),
                4 => self.chunk::<u32>(phase, chunk, inputs, output),
                _ => self.chunk::<u64>(phase, chunk, inputs, output),
            }
        }
    }

    /// # Safety
    /// As `run`; `T` has the element's size.
    unsafe fn chunk<T: Copy>(&self, phase: usize, chunk: usize, inputs: &[*const u8], output: *mut u8) {
        let output = output.cast::<T>();
        if phase == 0
            && let Some(value) = self.fill
        {
            let n = CHUNK_BYTES / self.size;
            let start = chunk * n;
            // SAFETY: the chunk lies inside the output; the word begins with an element.
            unsafe {
                let out = std::slice::from_raw_parts_mut(output.add(start), n.min(self.output - start));
                out.fill((&raw const value).cast::<T>().read());
            }
            return;
        }
        let mut chunk = chunk;
        for ((copy, &n), input) in self.copies.iter().zip(&self.pieces_per_chunk).zip(inputs) {
            let chunks = copy.pieces().div_ceil(n);
            if chunk < chunks {
                for piece in chunk * n..copy.pieces().min((chunk + 1) * n) {
                    // SAFETY: passed on.
                    unsafe { copy.piece(self.isa, piece, input.cast::<T>(), output) };
                }
                return;
            }
            chunk -= chunks;
        }
    }
}
