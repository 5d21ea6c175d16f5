//! How strips get at their operands.

use super::plan::Cut;
use super::program::{Loop, MapProgram, Step};
use super::run::Strip;
use super::strip::{gather, splat};
use crate::isa::Isa;

/// Short lines are repeated up to this many elements.
const JOINED: usize = 128;
/// Elements that lines had better be multiples of: whole vectors.
const VECTOR: usize = 16;

/// How a strip gets at one operand.
#[derive(Debug)]
pub(super) enum Access {
    /// It is contiguous over the strip.
    Direct,
    /// It is one element over the strip.
    Splat { scratch: usize },
    /// Its elements lie at these offsets from the strip's first.
    Gather { scratch: usize, offsets: Vec<usize> },
}

#[derive(Debug)]
pub(super) struct LoadPlan {
    pub access: Access,
    /// Bytes per element.
    pub size: usize,
    /// Element strides over the outer dimensions and over the cut one.
    outer: Vec<usize>,
    stride: usize,
    /// How many elements steps read: fewer than a strip has of what is a line.
    reach: usize,
}

/// Which operands trees read line by line: what has an element for each place of the last dimension, or one alone,
/// and is the same for all others, as what belongs to a channel.
pub(super) struct Lines {
    /// For each step, whether it reads lines.
    steps: Vec<bool>,
    /// For each load, whether a line of it is all that is read.
    loads: Vec<bool>,
}

impl Lines {
    /// Of a program whose loads have these strides over its collapsed shape.
    pub fn new(program: &MapProgram, strides: &[Vec<usize>]) -> Lines {
        let is_line = |strides: &Vec<usize>| match strides.split_last() {
            Some((&last, others)) => {
                last <= usize::from(!others.is_empty()) && others.iter().all(|&stride| stride == 0)
            }
            None => true,
        };
        let constants = program.loads.len()..program.loads.len() + program.constants.len();
        let may = |arg: usize| constants.contains(&arg) || strides.get(arg).is_some_and(is_line);
        let repeated = |step: &Step| match step.f {
            Loop::Tree { lines, .. } => lines,
            Loop::Op(_) => step.args.len(),
        };
        let reads = |step: &Step| {
            let lines = &step.args[repeated(step)..];
            !lines.is_empty() && lines.iter().all(|&arg| may(arg.into()))
        };
        let steps: Vec<bool> = program.steps.iter().map(reads).collect();
        let mut loads: Vec<bool> = strides.iter().map(is_line).collect();
        let whole = program.steps.iter().zip(&steps).flat_map(|(step, &reads)| {
            let count = if reads { repeated(step) } else { step.args.len() };
            step.args[..count].iter().copied()
        });
        let whole = whole.chain(program.sums.iter().flat_map(|sums| sums.args[..sums.lines].iter().copied()));
        let kept = program.stores.iter().map(|store| store.reg);
        let kept = kept.chain(program.totals.iter().filter_map(|total| total.reg));
        for reg in whole.chain(kept) {
            if let Some(line) = loads.get_mut(usize::from(reg)) {
                *line = false;
            }
        }
        Lines { steps, loads }
    }

    /// Bytes of an element of all operands that pass by: of lines nothing does.
    pub fn passing(&self, program: &MapProgram) -> usize {
        let loads = program.loads.iter().zip(&self.loads).filter(|(_, line)| !**line);
        loads.map(|(load, _)| load.dtype.size()).sum()
    }

    /// After how many elements of a strip lines begin anew: as many as the longest has where there are none.
    pub fn period(&self, cut: &Cut, shape: &[usize], strides: &[Vec<usize>]) -> usize {
        let longest = (cut.k * cut.inner).max(1);
        let whole = cut.inside + 1 == shape.len() && cut.inside > 0 && cut.inner > 0;
        let line = |(strides, &line): (&Vec<usize>, &bool)| line && strides[cut.inside] == 1;
        if !whole || !strides.iter().zip(&self.loads).any(line) {
            return longest;
        }
        let least = JOINED.div_ceil(cut.inner);
        let join = (least..least + VECTOR).find(|join| (join * cut.inner).is_multiple_of(VECTOR));
        (join.unwrap_or(1) * cut.inner).min(longest)
    }

    /// For each load how many elements of a strip of at most `longest` steps read, and for each step after how many
    /// its lines begin anew.
    pub fn reach(&self, period: usize, longest: usize) -> [Vec<usize>; 2] {
        let reach = |&line: &bool| if line { period } else { longest };
        [&self.loads, &self.steps].map(|lines| lines.iter().map(reach).collect())
    }
}

impl LoadPlan {
    /// `reach` is the number of elements that steps read; `room` reserves bytes.
    pub fn new(
        cut: &Cut,
        shape: &[usize],
        size: usize,
        strides: &[usize],
        reach: usize,
        room: &mut impl FnMut(usize) -> usize,
    ) -> LoadPlan {
        let inside = cut.inside;
        let stride = inside.checked_sub(1).map_or(0, |d| strides[d]);
        let mut contiguous = true;
        let mut run = 1;
        for d in (inside..shape.len()).rev() {
            contiguous &= strides[d] == run;
            run *= shape[d];
        }
        contiguous &= cut.k <= 1 || stride == cut.inner;
        let constant = strides[inside..].iter().all(|&s| s == 0) && (cut.k <= 1 || stride == 0);
        let access = if constant && cut.k * cut.inner != 1 {
            Access::Splat { scratch: room(size * reach) }
        } else if contiguous {
            Access::Direct
        } else {
            let mut offsets = vec![0];
            let sizes = std::iter::once(cut.k).chain(shape[inside..].iter().copied());
            let steps = std::iter::once(stride).chain(strides[inside..].iter().copied());
            for (n, s) in sizes.zip(steps) {
                offsets = offsets.iter().flat_map(|&o| (0..n).map(move |i| o + i * s)).collect();
            }
            offsets.truncate(reach);
            Access::Gather { scratch: room(size * reach), offsets }
        };
        LoadPlan { access, size, outer: strides[..cut.outer.len()].to_vec(), stride, reach }
    }

    /// Where a strip begins in the operand, in elements.
    pub fn offset(&self, outer_sizes: &[usize], strip: Strip) -> usize {
        let mut rest = strip.outer;
        let mut offset = strip.start * self.stride;
        // What is left for the first dimension is its index: no division for most programs.
        for (&n, &stride) in outer_sizes.iter().zip(&self.outer).skip(1).rev() {
            offset += rest % n * stride;
            rest /= n;
        }
        offset + rest * self.outer.first().copied().unwrap_or(0)
    }

    /// The operand's elements of a strip of `n` that begins at `base`, in place or in scratch, where
    /// those of the strip before may still stand (`source`).
    ///
    /// # Safety
    /// As [`Map::run`](super::Map::run).
    pub unsafe fn fill(
        &self,
        isa: Isa,
        base: *const u8,
        n: usize,
        scratch: *mut u8,
        source: &mut (*const u8, usize),
    ) -> *mut u8 {
        let n = n.min(self.reach);
        let stands = source.0 == base && source.1 >= n;
        // SAFETY: the layout reserves room for as many elements as steps read.
        unsafe {
            let place = match &self.access {
                Access::Direct => return base.cast_mut(),
                Access::Splat { scratch: at } => {
                    let place = scratch.add(*at);
                    if !stands {
                        splat(self.size, base, place, n);
                    }
                    place
                }
                Access::Gather { scratch: at, offsets } => {
                    let place = scratch.add(*at);
                    if !stands {
                        gather(isa, self.size, base, &offsets[..n], place);
                    }
                    place
                }
            };
            if !stands {
                *source = (base, n);
            }
            place
        }
    }
}
