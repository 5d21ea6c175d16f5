//! Running a planned product: its panels made, its chunks computed tile by tile.

use super::{Packing, Part, Product};
use crate::routine::{Float, share};
use crate::tile::activation::Finish;
use crate::tile::convert::PairRows;
use crate::tile::kernel::{Ahead, Segments, TileArgs, mode};
use crate::tile::menu::{Panel, even_tiles};
use crate::tile::pack::{CopyRows, Transpose};
use fovea_core::Bf16;
use std::ops::Range;

/// The operands: scalars for the rows, what lies side by side for the lanes (or its panels), and what
/// follows the sums, from the result's first element on.
#[derive(Clone, Copy)]
pub struct Sources {
    pub rows: *const f32,
    pub lanes: *const f32,
    pub finish: Finish,
}

/// Where parts of the result go.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// Where the result's first element lies, or would lie if the whole result were there.
    pub at: *mut f32,
    /// Floats from row to row.
    pub stride: usize,
    /// Offsets of a tile's rows.
    pub rows: &'a [usize],
}

impl Product {
    /// # Safety
    /// `lanes` holds the lanes operand, `packed` has room for it in panels.
    pub unsafe fn pack(&self, chunk: usize, lanes: *const f32, packed: *mut f32) {
        let panel = self.panels.get(chunk);
        if !self.form.turned {
            let pair = PairRows {
                from: lanes.cast::<Bf16>().wrapping_add(panel.start),
                at: |row| row * self.form.lanes,
                to: packed.wrapping_add(chunk * self.panel_len()),
                to_stride: self.panels.stride(),
                rows: self.form.length,
                width: panel.width,
                panel: panel.width,
                to_panel: 0,
            };
            // SAFETY: the caller's promise.
            return unsafe { self.isa.enter(pair) };
        }
        let transpose = Transpose {
            from: lanes.wrapping_add(panel.start * self.form.k),
            from_stride: self.form.k,
            to: packed.wrapping_add(chunk * self.panel_len()),
            to_stride: self.panels.stride(),
            rows: panel.width,
            columns: self.form.k,
        };
        // SAFETY: the caller's promise.
        unsafe { self.isa.enter(transpose) };
    }

    /// Computes a chunk's part.
    ///
    /// # Safety
    /// The sources hold what the form describes, `c` has room for the result, and
    /// `scratch` is what [`Product::scratch`] asks for.
    pub unsafe fn run(&self, chunk: usize, from: Sources, c: *mut f32, scratch: *mut f32) {
        let part = self.part(chunk);
        let to = Place { at: c, stride: self.form.lanes, rows: &self.result_rows };
        let Part { rows, panels } = &part;
        // SAFETY: the caller's promise.
        unsafe {
            self.keep(panels, from, scratch);
            if self.form.exchanged {
                panels.clone().for_each(|panel| self.run_exchanged(panel, rows.clone(), from, c, scratch));
            } else if self.is_short() {
                even_tiles(rows.len(), self.menu.max_rows(self.panels.vectors()), |first, count| {
                    let first = rows.start + first;
                    let rows = first..first + count;
                    self.run_part(&Part { rows, panels: panels.clone() }, panels.start, from, to, scratch);
                });
            } else {
                self.run_part(&part, panels.start, from, to, scratch);
            }
        }
    }

    /// Copies a chunk's panels to scratch, if it copies them once.
    ///
    /// # Safety
    /// As [`Product::run`].
    pub unsafe fn keep(&self, panels: &Range<usize>, from: Sources, scratch: *mut f32) {
        if self.packing != Packing::Whole {
            return;
        }
        for index in panels.clone() {
            let panel = self.panels.get(index);
            let lanes = from.lanes.wrapping_add(panel.start);
            let to = scratch.wrapping_add((index - panels.start) * self.panel_len());
            // SAFETY: the caller's promise; `scratch` has room for the panels of a chunk.
            unsafe { self.copy(panel, self.form.k, lanes, to) };
        }
    }

    /// Computes a part of a chunk whose first panel is `kept`, panel by panel. Not for exchanged forms.
    ///
    /// # Safety
    /// As [`Product::run`], with room for the part at its place; [`Product::keep`] ran for the chunk.
    pub unsafe fn run_part(&self, part: &Part, kept: usize, from: Sources, to: Place, scratch: *mut f32) {
        for index in part.panels.clone() {
            let panel = self.panels.get(index);
            let (lanes, step) = match self.packing {
                Packing::Whole => {
                    let at = (index - kept) * self.panel_len();
                    (scratch.cast_const().wrapping_add(at), self.panels.stride())
                }
                Packing::First => (from.lanes.wrapping_add(index * self.panel_len()), self.panels.stride()),
                _ => (from.lanes.wrapping_add(panel.start), self.form.lanes),
            };
            // SAFETY: the caller's promise.
            unsafe { self.run_panel(panel, part.rows.clone(), (lanes, step), from, to, scratch) };
        }
    }

    /// What a tile of `panel` is given, before it is told its rows.
    fn args(&self, panel: Panel, c_rows: &[usize]) -> TileArgs {
        TileArgs {
            a: std::ptr::null(),
            rows: self.source_rows.as_ptr(),
            next: std::ptr::null(),
            b: std::ptr::null(),
            c: std::ptr::null_mut(),
            result: self.output,
            c_rows: c_rows.as_ptr(),
            k: self.form.k,
            a_step: self.form.row_step,
            b_step: self.panels.stride(),
            inner: Segments::ONE,
            outer: Segments::ONE,
            tail: panel.tail,
            accumulate: false,
            finish: Finish::NONE,
            ahead: Ahead::PANEL,
            streams: false,
        }
    }

    /// Copies so many steps of a panel from where they lie in the lanes operand.
    ///
    /// # Safety
    /// They can be read, and `to` has room for them.
    unsafe fn copy(&self, panel: Panel, steps: usize, from: *const f32, to: *mut f32) {
        let copy = CopyRows {
            from,
            from_stride: self.form.lanes,
            to,
            to_stride: self.panels.stride(),
            rows: steps,
            width: panel.width,
        };
        // SAFETY: the caller's promise.
        unsafe { self.isa.enter(copy) };
    }

    /// So many rows of a panel of the result, the sum in steps of a cache's size; the panel's lanes lie
    /// at a pointer, and so many floats further for each step.
    ///
    /// # Safety
    /// As [`Product::run_part`].
    unsafe fn run_panel(
        &self,
        panel: Panel,
        rows: Range<usize>,
        (lanes, lane_step): (*const f32, usize),
        from: Sources,
        to: Place,
        scratch: *mut f32,
    ) {
        let form = &self.form;
        let mode = if form.row_stride == 1 { mode::SPLAT_UNIT } else { mode::SPLAT };
        let mut args = self.args(panel, to.rows);
        let blocks = form.k.div_ceil(self.steps()).max(1);
        for block in 0..blocks {
            let steps = share(form.k, blocks, block);
            args.k = steps.len();
            args.accumulate = block > 0;
            (args.b, args.b_step) = (lanes.wrapping_add(steps.start * lane_step), lane_step);
            if self.packing == Packing::ByChunk {
                // SAFETY: the caller's promise; `scratch` has room for so many steps.
                unsafe { self.copy(panel, steps.len(), args.b, scratch) };
                (args.b, args.b_step) = (scratch, self.panels.stride());
            }
            let last = block + 1 == blocks;
            let source = from.rows.wrapping_add(steps.start * form.row_step);
            even_tiles(rows.len(), self.menu.max_rows(panel.vectors), |first, count| {
                let first = rows.start + first;
                args.a = source.wrapping_add(first * form.row_stride);
                args.c = to.at.wrapping_byte_add(self.output.bytes(first * to.stride + panel.start));
                if last {
                    args.finish = from.finish.at(first * to.stride).at_lane(panel.start);
                }
                // SAFETY: the caller's promise.
                unsafe { self.menu.run(mode, panel.vectors, count, &args) };
            });
        }
    }

    /// So many rows of a panel of the turned result, tile by tile through `scratch`.
    ///
    /// # Safety
    /// As [`Product::run`].
    unsafe fn run_exchanged(
        &self,
        index: usize,
        rows: Range<usize>,
        from: Sources,
        c: *mut f32,
        scratch: *mut f32,
    ) {
        let form = &self.form;
        let panel = self.panels.get(index);
        let mut args = self.args(panel, &self.result_rows);
        (args.b, args.b_step) = match self.packing {
            Packing::First => (from.lanes.wrapping_add(index * self.panel_len()), self.panels.stride()),
            _ => (from.lanes.wrapping_add(panel.start), form.lanes),
        };
        (args.c, args.result) = (scratch, Float::F32);
        even_tiles(rows.len(), self.menu.max_rows(panel.vectors), |first, count| {
            let first = rows.start + first;
            args.a = from.rows.wrapping_add(first * form.row_stride);
            // SAFETY: the caller's promise.
            unsafe { self.menu.run(mode::SPLAT, panel.vectors, count, &args) };
            for lane in 0..panel.width {
                for row in 0..count {
                    let column = first + row;
                    // SAFETY: the caller's promise; the tile has been written.
                    unsafe {
                        let value = *scratch.wrapping_add(row * self.panels.stride() + lane);
                        let at = (panel.start + lane) * form.rows + column;
                        let value = from.finish.number(value, column, at);
                        match self.output {
                            Float::F32 => *c.wrapping_add(at) = value,
                            Float::Bf16 => *c.cast::<Bf16>().wrapping_add(at) = Bf16::from_f32(value),
                        }
                    }
                }
            }
        });
    }
}
