//! Running a planned elementwise program.

use std::ptr;

use super::plan::{Access, LoadPlan, MAX_ARGS, Map};
use super::strip::{gather, splat};
use crate::isa::Isa;

impl Map {
    /// Computes the strips of one chunk; in the second phase, some of the totals.
    ///
    /// # Safety
    /// `inputs` and `outputs` are as the program's loads and stores say: valid, aligned to their
    /// elements, and not overlapping, except that an output may equal an input of its element
    /// size that is contiguous over the iteration shape, and a total may lie over any. `temp` and `scratch` are 64-byte aligned
    /// and have the bytes that the map and its phase say.
    pub unsafe fn run(
        &self,
        phase: usize,
        chunk: usize,
        inputs: &[*const u8],
        outputs: &[*mut u8],
        temp: *mut u8,
        scratch: *mut u8,
    ) {
        let (outputs, sums) = outputs.split_at(self.stores.len());
        if phase == 1 {
            // SAFETY: the first phase is complete; the rest is promised.
            return unsafe { self.combine(chunk, sums, temp, scratch) };
        }
        let first_result = self.loads.len() + self.constants.len();
        // SAFETY: the scratch begins with these tables, laid out by `Map::new`; everything else
        // is what the caller promises.
        unsafe {
            let table = scratch.cast::<*mut u8>();
            let filled = table.add(first_result + self.steps.len());
            let sources = filled.cast::<(*const u8, usize)>();
            let waiting = sources.add(self.loads.len()).cast::<*mut u8>();
            for load in 0..self.loads.len() {
                sources.add(load).write((ptr::null(), 0));
            }
            let longest = self.cut.k * self.cut.inner;
            for (i, (constant, at)) in self.constants.iter().enumerate() {
                splat(constant.dtype.size(), (&raw const constant.bits).cast(), scratch.add(*at), longest);
                table.add(self.loads.len() + i).write(scratch.add(*at));
            }
            for (i, place) in self.places.iter().enumerate() {
                if let Some(at) = place {
                    table.add(first_result + i).write(scratch.add(*at));
                }
            }
            for (i, store) in self.stores.iter().enumerate() {
                let in_place = store.hazards.iter().any(|&load| inputs[load].addr() == outputs[i].addr());
                waiting.add(i).write(if in_place { scratch.add(store.fallback) } else { ptr::null_mut() });
            }
            let first = chunk * self.strips_per_chunk;
            let last = (first + self.strips_per_chunk).min(self.cut.strips);
            for strip in first..last {
                self.strip(strip, inputs, outputs, scratch, table, sources, waiting);
            }
            for (total, &to) in self.totals.iter().zip(sums) {
                total.finish(self.isa, chunk, last - first, to, temp, scratch);
            }
        }
    }

    /// Lets totals of chunks meet.
    ///
    /// # Safety
    /// As `run`, whose first phase is complete.
    unsafe fn combine(&self, mut chunk: usize, sums: &[*mut u8], temp: *mut u8, scratch: *mut u8) {
        for (total, &to) in self.totals.iter().zip(sums) {
            let chunks = total.phase().map_or(0, |phase| phase.chunks);
            if chunk < chunks {
                // SAFETY: passed on.
                return unsafe { total.combine(self.isa, chunk, to, temp, scratch) };
            }
            chunk -= chunks;
        }
    }

    /// Computes one strip.
    ///
    /// # Safety
    /// As `run`; the tables hold what `run` put there.
    #[allow(clippy::too_many_arguments)]
    unsafe fn strip(
        &self,
        strip: usize,
        inputs: &[*const u8],
        outputs: &[*mut u8],
        scratch: *mut u8,
        table: *mut *mut u8,
        sources: *mut (*const u8, usize),
        waiting: *const *mut u8,
    ) {
        let cut = &self.cut;
        let (outer, piece) = (strip / cut.pieces, strip % cut.pieces);
        let start = piece * cut.k;
        let n = cut.k.min(cut.size - start) * cut.inner;
        let at = (outer * cut.size + start) * cut.inner;
        // SAFETY: all pointers stay inside the buffers and the scratch layout of `Map::new`.
        unsafe {
            for (i, load) in self.loads.iter().enumerate() {
                let base = inputs[i].add(load.offset(&cut.outer, outer, start) * load.size);
                table.add(i).write(load.fill(self.isa, base, n, scratch, &mut *sources.add(i)));
            }
            for (i, store) in self.stores.iter().enumerate() {
                if store.direct {
                    let wait = *waiting.add(i);
                    let to = if wait.is_null() { outputs[i].add(at * store.size) } else { wait };
                    table.add(usize::from(store.reg)).write(to);
                }
            }
            for step in &self.steps {
                let mut args = [ptr::null(); MAX_ARGS];
                for (to, &reg) in args.iter_mut().zip(&step.args) {
                    *to = (*table.add(usize::from(reg))).cast_const();
                }
                (step.f)(args.as_ptr(), *table.add(usize::from(step.out)), n);
            }
            // Before an operand may be overwritten.
            for total in &self.totals {
                let elements = (*table.add(usize::from(total.reg))).cast_const().cast();
                total.add(self.isa, strip % self.strips_per_chunk, at, elements, n, scratch);
            }
            // Copied operands first, into their waiting place if another output overwrites them.
            for (i, store) in self.stores.iter().enumerate().filter(|(_, s)| s.copies_load) {
                let wait = *waiting.add(i);
                let to = if wait.is_null() { outputs[i].add(at * store.size) } else { wait };
                ptr::copy(*table.add(usize::from(store.reg)), to, n * store.size);
            }
            for (i, store) in self.stores.iter().enumerate() {
                let wait = *waiting.add(i);
                let late = !store.direct && !store.copies_load;
                if late || !wait.is_null() {
                    let from = if late { *table.add(usize::from(store.reg)) } else { wait };
                    ptr::copy_nonoverlapping(from, outputs[i].add(at * store.size), n * store.size);
                }
            }
        }
    }
}

impl LoadPlan {
    /// Where the strip begins in the operand, in elements.
    fn offset(&self, outer_sizes: &[usize], outer: usize, start: usize) -> usize {
        let mut rest = outer;
        let mut offset = start * self.stride;
        for (&n, &stride) in outer_sizes.iter().zip(&self.outer).rev() {
            offset += rest % n * stride;
            rest /= n;
        }
        offset
    }

    /// The operand's `n` elements of a strip that begins at `base`, in place or in scratch, where
    /// those of the strip before may still stand (`source`).
    ///
    /// # Safety
    /// As [`Map::run`].
    unsafe fn fill(
        &self,
        isa: Isa,
        base: *const u8,
        n: usize,
        scratch: *mut u8,
        source: &mut (*const u8, usize),
    ) -> *mut u8 {
        let stands = *source == (base, n) || (source.0 == base && source.1 > n);
        // SAFETY: the layout reserves room for the longest strip at each place.
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
