//! Running a planned elementwise program.

use std::ptr;

use super::access::Access;
use super::plan::{Cut, MAX_ARGS, Map};
use super::program::Sums;
use super::strip::splat;
use super::tree::PAIR;
use crate::tile::pack::Fetch;

/// Bytes of an operand's strip up to which it is fetched ahead.
const FETCHED: usize = 2048;

/// Where a running chunk keeps what its strips share, at the beginning of its scratch.
#[derive(Clone, Copy)]
pub(super) struct Tables {
    /// Where each register lies in this strip.
    registers: *mut *mut u8,
    /// For each load, what a splat or gathered operand was filled from, and how many elements.
    sources: *mut (*const u8, usize),
    /// For each store, where its result waits for the strip's end, or null.
    waiting: *mut *mut u8,
}

/// Where a strip lies: its index over the outer dimensions, and its first along the cut one.
#[derive(Clone, Copy)]
pub(super) struct Strip {
    pub outer: usize,
    pub start: usize,
}

impl Cut {
    /// The strip of a number.
    fn strip(&self, number: usize) -> Strip {
        Strip { outer: number / self.pieces, start: number % self.pieces * self.k }
    }

    /// How many elements a strip has.
    fn elements(&self, strip: Strip) -> usize {
        self.k.min(self.size - strip.start) * self.inner
    }
}

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
        let first = chunk * self.strips_per_chunk;
        let last = (first + self.strips_per_chunk).min(self.cut.strips);
        let mut strip = self.cut.strip(first);
        // SAFETY: the caller's promise.
        unsafe {
            let tables = self.prepare(inputs, outputs, scratch);
            for next in first + 1..last + 1 {
                let next = self.cut.strip(next);
                self.strip(strip, next, inputs, outputs, scratch, tables);
                strip = next;
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

    /// Fills what all strips share.
    ///
    /// # Safety
    /// As `run`.
    pub(super) unsafe fn prepare(
        &self,
        inputs: &[*const u8],
        outputs: &[*mut u8],
        scratch: *mut u8,
    ) -> Tables {
        let first_result = self.loads.len() + self.constants.len();
        // SAFETY: the scratch begins with these tables, laid out by `Map::new`; everything else
        // is what the caller promises.
        unsafe {
            let registers = scratch.cast::<*mut u8>();
            let filled = registers.add(first_result + self.steps.len());
            let sources = filled.cast::<(*const u8, usize)>();
            let waiting = sources.add(self.loads.len()).cast::<*mut u8>();
            for load in 0..self.loads.len() {
                sources.add(load).write((ptr::null(), 0));
            }
            let longest = self.cut.k * self.cut.inner;
            for (i, (constant, at)) in self.constants.iter().enumerate() {
                splat(constant.dtype.size(), (&raw const constant.bits).cast(), scratch.add(*at), longest);
                registers.add(self.loads.len() + i).write(scratch.add(*at));
            }
            for (i, place) in self.places.iter().enumerate() {
                if let Some(at) = place {
                    registers.add(first_result + i).write(scratch.add(*at));
                }
            }
            for (i, store) in self.stores.iter().enumerate() {
                let in_place = store.hazards.iter().any(|&load| inputs[load].addr() == outputs[i].addr());
                waiting.add(i).write(if in_place { scratch.add(store.fallback) } else { ptr::null_mut() });
            }
            Tables { registers, sources, waiting }
        }
    }

    /// Brings operand `load` of a strip closer, if it is contiguous: strips are too short for the
    /// hardware to see where so many operands lead, while steps do something else. Few steps are as fast
    /// as memory without.
    fn fetch(&self, strip: Strip, load: usize, inputs: &[*const u8]) {
        let plan = &self.loads[load];
        let bytes = self.cut.elements(strip) * plan.size;
        let pays = self.steps.len() > self.loads.len() && bytes <= FETCHED;
        if matches!(plan.access, Access::Direct) && pays {
            let from = inputs[load].wrapping_add(plan.offset(&self.cut.outer, strip) * plan.size);
            // SAFETY: a hint, which reads nothing.
            unsafe { self.isa.enter(Fetch { from, bytes }) };
        }
    }

    /// Where operands lie.
    ///
    /// # Safety
    /// The table has these registers.
    unsafe fn args(&self, registers: &[u16], table: *const *mut u8) -> [*const u8; MAX_ARGS] {
        let mut args = [ptr::null(); MAX_ARGS];
        for (to, &reg) in args.iter_mut().zip(registers) {
            // SAFETY: the caller's promise.
            *to = unsafe { (*table.add(usize::from(reg))).cast_const() };
        }
        args
    }

    /// Computes one strip, and brings the operands of the `next` closer meanwhile.
    ///
    /// # Safety
    /// As `run`; the tables hold what `prepare` put there.
    pub(super) unsafe fn strip(
        &self,
        strip: Strip,
        next: Strip,
        inputs: &[*const u8],
        outputs: &[*mut u8],
        scratch: *mut u8,
        tables: Tables,
    ) {
        let Tables { registers: table, sources, waiting } = tables;
        let cut = &self.cut;
        let n = cut.elements(strip);
        let at = (strip.outer * cut.size + strip.start) * cut.inner;
        // SAFETY: all pointers stay inside the buffers and the scratch layout of `Map::new`.
        unsafe {
            for (i, load) in self.loads.iter().enumerate() {
                let base = inputs[i].wrapping_add(load.offset(&cut.outer, strip) * load.size);
                table.add(i).write(load.fill(self.isa, base, n, scratch, &mut *sources.add(i)));
            }
            for (i, store) in self.stores.iter().enumerate() {
                if store.direct {
                    let wait = *waiting.add(i);
                    let to = if wait.is_null() { outputs[i].add(at * store.size) } else { wait };
                    table.add(usize::from(store.reg)).write(to);
                }
            }
            for (i, step) in self.steps.iter().enumerate() {
                if i < self.loads.len() {
                    self.fetch(next, i, inputs);
                }
                let args = self.args(&step.args, table);
                let out = *table.add(usize::from(step.out));
                step.f.run(args.as_ptr(), out, n, self.periods[i]);
            }
            // Before an operand may be overwritten.
            let number = (strip.outer * cut.pieces + strip.start / cut.k) % self.strips_per_chunk;
            for total in &self.totals {
                if let Some(reg) = total.reg {
                    let elements = (*table.add(usize::from(reg))).cast_const();
                    total.add(self.isa, number, at, elements, n, scratch);
                }
            }
            for Sums { f, args: registers, totals, .. } in &self.sums {
                let args = self.args(registers, table);
                let mut to = [ptr::null_mut(); PAIR];
                let mut period = n;
                for (to, &total) in to.iter_mut().zip(totals) {
                    let sums = self.totals[total].sums(self.isa, number, at, n, scratch);
                    (*to, period) = (sums.as_mut_ptr(), sums.len());
                }
                f(args.as_ptr(), to.as_ptr(), n, period);
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
