//! Planning of an elementwise program: how the iteration is cut into strips, which operands are
//! used in place, and where every register lives.

use super::access::{Lines, LoadPlan};
use super::program::{Constant, MapProgram, Step, Store, Sums};
use super::total::{TotalPlan, strips_of_line};
use crate::isa::Isa;
use crate::routine::PhaseSpec;

/// Bytes of scratch that leave room in the first-level cache for what streams past.
const STRIP_BYTES: usize = 12 << 10;
/// Nanoseconds of work per chunk.
const CHUNK_NS: f64 = 40_000.0;
/// Bytes per nanosecond past the second-level cache, and nanoseconds per element and step.
const BYTES_PER_NS: f64 = 20.0;
const STEP_NS: f64 = 0.15;
/// Floating-point operations a core could do in a nanosecond meanwhile, for `PhaseSpec::cost`.
const FLOPS_PER_NS: f64 = 100.0;
/// The most operands a step can have.
pub(super) const MAX_ARGS: usize = 8;

/// How the iteration space is cut: a strip is `k` neighbours along one dimension, each with all
/// of the dimensions inside it, so that no strip straddles an outer index.
#[derive(Debug)]
pub(super) struct Cut {
    /// Sizes of the dimensions outside the cut one.
    pub outer: Vec<usize>,
    /// The first dimension inside the cut one; 0 if everything fits a strip and nothing is cut.
    pub inside: usize,
    /// Size of the cut dimension.
    pub size: usize,
    /// Neighbours along it in a strip.
    pub k: usize,
    /// Strips along it.
    pub pieces: usize,
    /// Elements inside one index of it.
    pub inner: usize,
    /// All strips.
    pub strips: usize,
}

/// How one result reaches memory.
#[derive(Debug)]
pub(super) struct StorePlan {
    pub reg: u16,
    /// Bytes per element.
    pub size: usize,
    /// Whether the step that computes it writes straight to the output.
    pub direct: bool,
    /// Whether the register is an operand, copied as it is.
    pub copies_load: bool,
    /// Operands that are still read when this result is ready. If the output is one of them (in
    /// place), the result waits in `fallback` until the strip's end.
    pub hazards: Vec<usize>,
    pub fallback: usize,
}

/// An elementwise program, ready to run.
#[derive(Debug)]
pub struct Map {
    pub(super) isa: Isa,
    pub(super) cut: Cut,
    pub(super) loads: Vec<LoadPlan>,
    pub(super) constants: Vec<(Constant, usize)>,
    pub(super) steps: Vec<Step>,
    /// For each step, after how many elements its operands that are lines begin anew.
    pub(super) periods: Vec<usize>,
    /// Where each step's result lives, in bytes from the scratch's beginning, if not in an output.
    pub(super) places: Vec<Option<usize>>,
    pub(super) stores: Vec<StorePlan>,
    pub(super) totals: Vec<TotalPlan>,
    pub(super) sums: Vec<Sums>,
    pub(super) strips_per_chunk: usize,
    phases: Vec<PhaseSpec>,
    temp: usize,
}

impl Map {
    /// Plans `program` for `isa`.
    pub fn new(isa: Isa, program: MapProgram) -> Map {
        Map::cut(isa, program, Cut::new)
    }

    /// Plans `program` with its iteration cut by `cut`, which is given the collapsed shape and the most
    /// elements of a strip.
    pub(super) fn cut(isa: Isa, program: MapProgram, cut: impl FnOnce(&[usize], usize) -> Cut) -> Map {
        let first_result = program.loads.len() + program.constants.len();
        for (i, step) in program.steps.iter().enumerate() {
            assert!(step.args.len() <= MAX_ARGS, "a step has at most {MAX_ARGS} operands");
            assert_eq!(
                usize::from(step.out),
                first_result + i,
                "registers are numbered in the order of steps"
            );
        }
        let (shape, strides) = collapse(&program);
        let (slots, slot_sizes) = assign_slots(&program, first_result);

        let lines = Lines::new(&program, &strides);
        let streamed = lines.passing(&program) + program.stores.iter().map(|s| s.dtype.size()).sum::<usize>();
        let kept: usize = slot_sizes.iter().sum::<usize>()
            + program.constants.iter().map(|c| c.dtype.size()).sum::<usize>()
            + streamed / 2;
        let limit = (STRIP_BYTES / kept.max(1) / 64 * 64).clamp(256, 2048);
        let cut = cut(&shape, limit);
        let longest = cut.k * cut.inner;
        let period = lines.period(&cut, &shape, &strides);
        let [reaches, periods] = lines.reach(period, longest);

        // The register table and what is known of filled operands come first, then the registers.
        let table =
            (first_result + program.steps.len()) * 8 + program.loads.len() * 16 + program.stores.len() * 8;
        let mut end = table.next_multiple_of(64);
        let mut room = |bytes: usize| {
            let at = end;
            // One line more than needed keeps registers from meeting at the same page offset.
            end += bytes.next_multiple_of(64) + 64;
            at
        };
        let loads = program
            .loads
            .iter()
            .zip(&strides)
            .zip(reaches)
            .map(|((load, strides), reach)| {
                LoadPlan::new(&cut, &shape, load.dtype.size(), strides, reach, &mut room)
            })
            .collect();
        let mut reserve = |size: usize| room(size * longest);
        let constants = program.constants.iter().map(|&c| (c, reserve(c.dtype.size()))).collect();
        let slot_places: Vec<usize> = slot_sizes.iter().map(|&size| reserve(size)).collect();
        let places = slots.into_iter().map(|slot| slot.map(|s| slot_places[s])).collect();
        let stores: Vec<StorePlan> = (0..program.stores.len())
            .map(|i| StorePlan::new(&program, i, first_result, &mut reserve))
            .collect();

        let elements = program.shape.iter().product::<usize>();
        let work = (program.steps.len() + program.totals.len()) as f64;
        let ns = streamed as f64 / BYTES_PER_NS + work * STEP_NS;
        let fitting = ((CHUNK_NS / ns.max(0.01) / longest.max(1) as f64) as usize).max(1);
        // Chunks end where lines do.
        let line = program.totals.iter().map(|t| strips_of_line(&cut, t.kept)).max().unwrap_or(1);
        let strips_per_chunk = fitting.next_multiple_of(line);

        let mut temp = 0;
        let mut share = |bytes: usize| {
            let at = temp;
            temp += bytes.next_multiple_of(64);
            at
        };
        let plan =
            |&total| TotalPlan::new(&cut, total, elements, strips_per_chunk, period, &mut room, &mut share);
        let totals: Vec<TotalPlan> = program.totals.iter().map(plan).collect();

        let mut phases = vec![PhaseSpec {
            chunks: cut.strips.div_ceil(strips_per_chunk),
            scratch: end.next_multiple_of(64),
            cost: elements as f64 * ns * FLOPS_PER_NS,
        }];
        phases.extend(totals.iter().filter_map(TotalPlan::phase).reduce(|a, b| PhaseSpec {
            chunks: a.chunks + b.chunks,
            scratch: a.scratch.max(b.scratch),
            cost: a.cost + b.cost,
        }));
        let steps = program.steps;
        Map {
            isa,
            cut,
            periods,
            loads,
            constants,
            steps,
            places,
            stores,
            totals,
            sums: program.sums,
            strips_per_chunk,
            phases,
            temp,
        }
    }

    /// One phase, or two where the totals of several chunks meet in the second.
    pub fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    /// Bytes for the totals of chunks.
    pub fn temp(&self) -> usize {
        self.temp
    }
}

/// The shape without its ones, neighbours merged where every operand and every total allows it, and
/// each operand's strides over it.
fn collapse(program: &MapProgram) -> (Vec<usize>, Vec<Vec<usize>>) {
    let shape = &program.shape;
    let totals = program.totals.iter().map(|total| total.strides(shape));
    let all: Vec<Vec<usize>> = program.loads.iter().map(|l| l.strides.clone()).chain(totals).collect();
    let mut sizes: Vec<usize> = Vec::new();
    let mut strides: Vec<Vec<usize>> = vec![Vec::new(); all.len()];
    for (d, &n) in shape.iter().enumerate().filter(|&(_, &n)| n != 1) {
        let merges = !sizes.is_empty()
            && all.iter().zip(&strides).all(|(given, s)| s.last() == given[d].checked_mul(n).as_ref());
        if merges {
            *sizes.last_mut().unwrap_or(&mut 1) *= n;
        } else {
            sizes.push(n);
        }
        for (given, s) in all.iter().zip(&mut strides) {
            if merges {
                s.pop();
            }
            s.push(given[d]);
        }
    }
    strides.truncate(program.loads.len());
    (sizes, strides)
}

/// Registers of the steps whose results are not stored: the slot of each, and the element size of
/// each slot. A slot is free again after the last step that reads it.
fn assign_slots(program: &MapProgram, first_result: usize) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut last_use: Vec<usize> = (0..program.steps.len()).collect();
    // Totals are taken when all steps are done.
    let summed = program.totals.iter().filter_map(|total| total.reg);
    for reg in summed.chain(program.sums.iter().flat_map(|sums| sums.args.iter().copied())) {
        if let Some(last) = usize::from(reg).checked_sub(first_result).and_then(|step| last_use.get_mut(step))
        {
            *last = usize::MAX;
        }
    }
    for (i, step) in program.steps.iter().enumerate() {
        for &arg in step.args.iter().filter(|&&arg| usize::from(arg) >= first_result) {
            let last = &mut last_use[usize::from(arg) - first_result];
            *last = (*last).max(i);
        }
    }
    let mut slots = vec![None; program.steps.len()];
    let mut sizes: Vec<usize> = Vec::new();
    let mut free: Vec<usize> = Vec::new();
    for (i, step) in program.steps.iter().enumerate() {
        if !program.stores.iter().any(|s| s.reg == step.out) {
            let size = step.dtype.size();
            let slot = match free.iter().rposition(|&s| sizes[s] == size) {
                Some(at) => free.remove(at),
                None => {
                    sizes.push(size);
                    sizes.len() - 1
                }
            };
            slots[i] = Some(slot);
        }
        // Only now: a result must not overwrite the operands it is computed from.
        free.extend((0..=i).filter(|&j| last_use[j] == i).filter_map(|j| slots[j]));
    }
    (slots, sizes)
}

impl Cut {
    fn new(shape: &[usize], limit: usize) -> Cut {
        let mut inner = 1;
        let mut rank = shape.len();
        while rank > 0 && inner * shape[rank - 1] <= limit {
            rank -= 1;
            inner *= shape[rank];
        }
        let (size, outer) = match rank {
            0 => (1, Vec::new()),
            _ => (shape[rank - 1], shape[..rank - 1].to_vec()),
        };
        let even = size.div_ceil(size.div_ceil((limit / inner.max(1)).max(1)).max(1));
        // Whole vectors, so that only the last strip of a line has a ragged end.
        let k = if inner == 1 { even.next_multiple_of(16).min(size) } else { even }.max(1);
        let pieces = size.div_ceil(k);
        let strips = if inner == 0 { 0 } else { outer.iter().product::<usize>() * pieces };
        Cut { outer, inside: rank, size, k, pieces, inner, strips }
    }
}

impl StorePlan {
    fn new(
        program: &MapProgram,
        index: usize,
        first_result: usize,
        reserve: &mut impl FnMut(usize) -> usize,
    ) -> StorePlan {
        let Store { reg, dtype } = program.stores[index];
        let first = program.stores.iter().position(|s| s.reg == reg) == Some(index);
        let step = usize::from(reg).checked_sub(first_result);
        let copies_load = usize::from(reg) < program.loads.len();
        let direct = first && step.is_some();
        let read_late = |load: usize| {
            let stored = program.stores.iter().any(|s| usize::from(s.reg) == load && s.reg != reg)
                || program.totals.iter().any(|t| t.reg.map(usize::from) == Some(load))
                || program.sums.iter().any(|s| s.args.iter().any(|&a| usize::from(a) == load));
            let from = step.unwrap_or(program.steps.len());
            stored || program.steps[from..].iter().any(|s| s.args.iter().any(|&a| usize::from(a) == load))
        };
        let hazards: Vec<usize> = if direct || copies_load {
            (0..program.loads.len()).filter(|&load| read_late(load)).collect()
        } else {
            Vec::new()
        };
        let fallback = if hazards.is_empty() { 0 } else { reserve(dtype.size()) };
        StorePlan { reg, size: dtype.size(), direct, copies_load, hazards, fallback }
    }
}
