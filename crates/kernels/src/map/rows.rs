//! Elementwise programs that run block by block over the rows of their shape, for operands that
//! another routine computes one block at a time.

use std::ops::Range;

use super::plan::{Cut, Map};
use super::program::MapProgram;
use super::run::Strip;
use crate::isa::Isa;

impl Map {
    /// Plans `program` over the rows of its shape, the last axis: a strip is a part of one row, whole
    /// multiples of `unit` elements but for the row's end. In one operand, rows of two elements or more
    /// do not lie side by side: that keeps them apart.
    pub(crate) fn in_rows(isa: Isa, program: MapProgram, unit: usize) -> Map {
        let columns = program.shape.last().copied();
        let map = Map::cut(isa, program, |shape, limit| Cut::in_rows(shape, limit, unit));
        assert_eq!(Some(map.cut.size), columns, "rows are not merged");
        map
    }

    /// Elements of a strip; a row's last may be shorter.
    pub(crate) fn strip_len(&self) -> usize {
        self.cut.k
    }

    /// Computes so many columns of so many rows, counted over all leading axes. Columns begin where a
    /// strip does, and end there or with the row.
    ///
    /// # Safety
    /// As [`Map::run`], but that of each input only the elements of these rows and columns need be
    /// there: its pointer is where its first element would lie.
    pub(crate) unsafe fn run_block(
        &self,
        rows: Range<usize>,
        columns: Range<usize>,
        inputs: &[*const u8],
        outputs: &[*mut u8],
        scratch: *mut u8,
    ) {
        // SAFETY: the caller's promise.
        unsafe {
            let tables = self.prepare(inputs, outputs, scratch);
            for outer in rows {
                for start in columns.clone().step_by(self.cut.k) {
                    let next = match start + self.cut.k {
                        start if start < columns.end => Strip { outer, start },
                        _ => Strip { outer: outer + 1, start: columns.start },
                    };
                    self.strip(Strip { outer, start }, next, inputs, outputs, scratch, tables);
                }
            }
        }
    }
}

impl Cut {
    /// Cuts the last axis into strips of about the same length.
    fn in_rows(shape: &[usize], limit: usize, unit: usize) -> Cut {
        let (&size, outer) = shape.split_last().unwrap_or((&1, &[]));
        let most = (limit / unit).max(1) * unit;
        let k = size.div_ceil(size.div_ceil(most).max(1)).next_multiple_of(unit).max(1);
        let pieces = size.div_ceil(k);
        let strips = outer.iter().product::<usize>() * pieces;
        Cut { outer: outer.to_vec(), inside: shape.len(), size, k, pieces, inner: 1, strips }
    }
}
