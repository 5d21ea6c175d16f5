//! A matrix product whose result goes through an elementwise program block by block, while the block is
//! in the core's cache: the result itself never reaches memory.

use super::product::{Part, Place, Product};
use super::{Form, Gemm, GemmSpec};
use crate::isa::Isa;
use crate::map::{Map, MapProgram};
use crate::routine::{Float, Operands, PhaseSpec, Routine, aligned_bytes};

/// Floats of a block: with what is read beside it, it stays in a core's second-level cache.
const BLOCK: usize = 64 * 1024;
/// Rows of a block at the least; tiles down it, if the product's panels do not stay in the cache.
const ROWS: usize = 4;
const TILES: usize = 4;
/// Floats between the ends of two rows of a block, so that a block's columns spread over the cache.
const GAP: usize = 16;
/// Floats of a row of the result from which on it pays: strips are parts of rows.
const LEAST_ROW: usize = 128;

/// A planned matrix product and the elementwise program after it. The sums are those of [`Gemm`], bit
/// for bit.
pub struct Mapped {
    gemm: Gemm,
    map: Map,
    phases: Vec<PhaseSpec>,
    /// Which of the program's loads is the product, and how many loads there are.
    slot: usize,
    loads: usize,
    /// Rows and panels of a block, and floats from row to row.
    block_rows: usize,
    block_panels: usize,
    stride: usize,
    tile_rows: Vec<usize>,
    /// Bytes of scratch before the product's, the block and the map's.
    before: [usize; 3],
}

/// Where the operands lie.
#[derive(Clone, Copy)]
pub struct MappedOperands<'a> {
    /// A and B, of what the product was planned for.
    pub factors: [*const f32; 2],
    /// Null if there is none.
    pub bias: *const f32,
    /// The program's loads in order, but for the product.
    pub loads: &'a [*const u8],
    /// The program's stores in order.
    pub stores: &'a [*mut u8],
    /// Memory that all phases of a run share, 64-byte aligned.
    pub temp: *mut u8,
    /// Memory of the running chunk alone, 64-byte aligned.
    pub scratch: *mut u8,
}

impl Mapped {
    /// Whether a program can follow this product: blocks of the result have to be parts of its rows,
    /// not of its columns, long enough to be strips, and their sums whole f32.
    pub fn suits(spec: &GemmSpec) -> bool {
        let spec = spec.merged();
        let form = Form::choose(&spec);
        let plain =
            spec.floats.output == Float::F32 && spec.native() == spec.floats && !spec.epilogue.reads();
        plain && !form.exchanged && form.lanes >= LEAST_ROW && spec.partials().is_none()
    }

    /// Plans the product, which [suits](Mapped::suits), and `program` over its shape, of which load
    /// `slot` is the product; `isa` must be available.
    pub fn new(isa: Isa, spec: GemmSpec, program: &MapProgram, slot: usize) -> Mapped {
        assert!(Mapped::suits(&spec), "{spec} has no blocks of rows");
        let spec = spec.merged();
        let form = Form::choose(&spec);
        let product = Product::new(isa, form, spec.floats);
        let panels = *product.panels();
        // How long strips are depends on the program, not on how far apart rows of the product lie.
        let strip =
            Map::in_rows(isa, with_rows(program, slot, form.lanes + GAP), panels.stride()).strip_len();
        let together = strip / panels.stride();
        let product = product.in_rows(together);
        let tallest = product.menu().max_rows(panels.vectors());
        // As wide as the chunk, or nearly: what is read and written beside the product then lies in one
        // stretch of memory. And so tall that panels which do not stay in the cache are worth bringing.
        let least_rows = if product.is_short() { ROWS } else { TILES * tallest };
        let widest = (BLOCK / least_rows / strip).max(1) * together;
        let block_panels = product.chunk_panels().min(widest);
        let width = block_panels * panels.stride();
        let most_rows = (BLOCK / width).max(least_rows);
        let block_rows = if most_rows < tallest { most_rows } else { most_rows / tallest * tallest };
        let stride = width + GAP;
        let stride = if stride == form.lanes { stride + GAP } else { stride };
        let map = Map::in_rows(isa, with_rows(program, slot, stride), panels.stride());
        let tile_rows = product.menu().row_offsets(stride);
        let gemm = Gemm::of(isa, spec, product);
        let pointers = (program.loads.len() * size_of::<*const u8>()).next_multiple_of(64);
        let block = pointers + gemm.product.scratch();
        let registers = block + aligned_bytes(block_rows * stride);
        let mut phases = gemm.phases.clone();
        if let (Some(last), [mapped]) = (phases.last_mut(), map.phases()) {
            last.scratch = registers + mapped.scratch;
            last.cost += mapped.cost;
        }
        Mapped {
            gemm,
            map,
            phases,
            slot,
            loads: program.loads.len(),
            block_rows,
            block_panels,
            stride,
            tile_rows,
            before: [pointers, block, registers],
        }
    }

    /// The phases, in order.
    pub fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    /// Bytes that all phases of a run share.
    pub fn temp(&self) -> usize {
        self.gemm.temp()
    }

    /// The product before the program.
    pub fn product(&self) -> &Gemm {
        &self.gemm
    }

    /// Runs one chunk.
    ///
    /// # Safety
    /// As [`Routine::run`] and [`Map::run`]; besides, no store overlaps a factor or the bias.
    pub unsafe fn run(&self, phase: usize, chunk: usize, at: &MappedOperands) {
        let MappedOperands { factors, bias, loads, stores, temp, scratch } = *at;
        let operands = Operands { inputs: factors, bias, temp, scratch, ..Operands::NONE };
        if phase + 1 < self.phases.len() {
            // SAFETY: the caller's promise.
            return unsafe { self.gemm.pack(chunk, &operands) };
        }
        let (batch, chunk, from) = self.gemm.multiplied(chunk, &operands);
        let product = &self.gemm.product;
        let [own, block, registers] = self.before.map(|bytes| scratch.wrapping_add(bytes));
        let (own, block) = (own.cast::<f32>(), block.cast::<f32>());
        let inputs: *mut *const u8 = scratch.cast();
        // SAFETY: the scratch begins with room for all loads.
        let inputs = unsafe {
            let (before, after) = loads.split_at(self.slot);
            inputs.copy_from_nonoverlapping(before.as_ptr(), before.len());
            inputs.add(self.slot).write(std::ptr::null());
            inputs.add(self.slot + 1).copy_from_nonoverlapping(after.as_ptr(), after.len());
            std::slice::from_raw_parts_mut(inputs, self.loads)
        };
        let Part { rows, panels } = product.part(chunk);
        // SAFETY: the caller's promise.
        unsafe { product.keep(&panels, from, own) };
        for first_row in rows.clone().step_by(self.block_rows) {
            for first_panel in panels.clone().step_by(self.block_panels) {
                let part = Part {
                    rows: first_row..(first_row + self.block_rows).min(rows.end),
                    panels: first_panel..(first_panel + self.block_panels).min(panels.end),
                };
                let columns = product.columns(&part.panels);
                // Where the whole result would begin.
                let at = block.wrapping_sub(first_row * self.stride + columns.start);
                let to = Place { at, stride: self.stride, rows: &self.tile_rows };
                let above = batch * self.gemm.spec.m;
                inputs[self.slot] = at.wrapping_sub(above * self.stride).cast();
                let map_rows = above + part.rows.start..above + part.rows.end;
                // SAFETY: the caller's promise; the block has room for the part, whose columns begin
                // and end with strips, as chunks and blocks are whole groups of panels.
                unsafe {
                    product.run_part(&part, panels.start, from, to, own);
                    self.map.run_block(map_rows, columns, inputs, stores, registers);
                }
            }
        }
    }
}

/// The program with the rows of the product `stride` floats apart.
fn with_rows(program: &MapProgram, slot: usize, stride: usize) -> MapProgram {
    let mut program = program.clone();
    let shape = &program.shape;
    let strides = &mut program.loads[slot].strides;
    let mut between = stride;
    for axis in (0..shape.len().saturating_sub(1)).rev() {
        strides[axis] = between;
        between *= shape[axis];
    }
    program
}
