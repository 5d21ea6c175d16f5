//! Matrix products, plain, transposed and batched, and what follows them on their way to memory.

mod form;
mod long;
mod mapped;
mod product;
mod sparse;

use crate::converted::Converted;
use crate::isa::Isa;
use crate::routine::{Floats, Operands, PhaseSpec, Prelude, Routine, Sizes, Tile, aligned_bytes, share};
pub use crate::tile::activation::{Activation, Epilogue, Gate};
use crate::tile::convert::PairRows;
use form::Form;
use fovea_core::Bf16;
use long::Long;
pub use mapped::{Mapped, MappedOperands};
use product::{Packing, Product, Sources};
use sparse::Sparse;
use std::fmt;

/// `C = epilogue(A · B)` for row-major, contiguous matrices.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct GemmSpec {
    /// Rows of C.
    pub m: usize,
    /// Columns of C.
    pub n: usize,
    /// The length that is summed over.
    pub k: usize,
    /// How many products: C is `[batch, m, n]`.
    pub batch: usize,
    /// A is `[batch?, k, m]` instead of `[batch?, m, k]`.
    pub a_transposed: bool,
    /// B is `[batch?, n, k]` instead of `[batch?, k, n]`.
    pub b_transposed: bool,
    /// Whether A has a batch axis; otherwise all products share it.
    pub a_batched: bool,
    /// Whether B has a batch axis; otherwise all products share it.
    pub b_batched: bool,
    pub epilogue: Epilogue,
    pub floats: Floats,
}

/// The operands as they lie, and the result.
impl fmt::Display for GemmSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let matrix = |batched: bool, transposed: bool, [rows, columns]: [usize; 2]| {
            let sides = if transposed { [columns, rows] } else { [rows, columns] };
            let batch = if batched { format!("{}, ", self.batch) } else { String::new() };
            let mark = if transposed { "ᵀ" } else { "" };
            format!("[{batch}{}, {}]{mark}", sides[0], sides[1])
        };
        let GemmSpec { m, n, k, a_transposed, b_transposed, a_batched, b_batched, .. } = *self;
        let (a, b) = (matrix(a_batched, a_transposed, [m, k]), matrix(b_batched, b_transposed, [k, n]));
        write!(f, "{a} by {b} to {}", matrix(a_batched || b_batched, false, [m, n]))
    }
}

impl Sizes for GemmSpec {
    fn work(&self) -> f64 {
        2.0 * (self.m * self.n) as f64 * (self.k * self.batch) as f64
    }
}

impl GemmSpec {
    /// One product of matrices as they are, `[m, k]` by `[k, n]`, and nothing after it.
    pub fn new(m: usize, n: usize, k: usize) -> GemmSpec {
        GemmSpec {
            m,
            n,
            k,
            batch: 1,
            a_transposed: false,
            b_transposed: false,
            a_batched: false,
            b_batched: false,
            epilogue: Epilogue::default(),
            floats: Floats::F32,
        }
    }

    /// Products that share B are one product with more rows.
    pub fn merged(self) -> GemmSpec {
        if self.b_batched || !self.a_batched || self.a_transposed {
            return self;
        }
        GemmSpec { m: self.m * self.batch, batch: 1, a_batched: false, ..self }
    }

    /// How many partial sums each sum is cut into, if it is.
    fn partials(&self) -> Option<usize> {
        Long::partials(&Form::choose(self)).filter(|_| self.batch == 1)
    }

    /// What the product takes and gives as it is: pairs of bf16 if matrices whose rows are summed along
    /// have whole ones.
    fn native(&self) -> Floats {
        let paired = self.k.is_multiple_of(2) || self.a_transposed && !self.b_transposed;
        if paired { self.floats } else { Floats::F32 }
    }
}

/// How a matrix product is computed.
#[derive(Clone, Copy, Debug)]
pub struct How {
    form: Form,
    packing: Packing,
    partials: Option<usize>,
    /// Whether zeros of A are left out where there are enough of them.
    sparse: bool,
}

impl How {
    /// Whether zeros of A are left out where there are enough of them: where they meet what is infinite or NaN in B,
    /// the result is not NaN then.
    pub fn leaves_zeros(&self) -> bool {
        self.sparse
    }
}

/// Which operand feeds the rows of the tiles and which the lanes, and how they get at those.
impl fmt::Display for How {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lanes = match self.packing {
            Packing::Direct => "read where they lie",
            Packing::ByChunk => "copied by each chunk",
            Packing::Whole => "copied by each chunk, once",
            Packing::First => "turned into panels first",
        };
        if let Some(partials) = self.partials {
            let lanes =
                if Long::is_direct(&self.form) { "read where they lie" } else { "copied by each chunk" };
            return write!(f, "sums cut into {partials}, lanes {lanes}");
        }
        let (rows_of, lanes_of) = if self.form.exchanged { ("B", "A") } else { ("A", "B") };
        write!(f, "rows from {rows_of}, lanes from {lanes_of} {lanes}")?;
        if self.sparse { f.write_str(", or zeros of A left out where there are enough") } else { Ok(()) }
    }
}

/// Rows of pairs that a chunk makes.
const PAIRED_ROWS: usize = 16;

/// Plans a matrix product, and says how it is computed; inputs: A, B. `isa` must be available.
pub fn product(isa: Isa, spec: GemmSpec) -> (Box<dyn Routine>, How) {
    let (native, floats) = (spec.native(), spec.floats);
    let gemm = Gemm::new(isa, GemmSpec { floats: native, ..spec });
    if native == floats && sparse::suits(&gemm.spec) {
        let how = How { sparse: true, ..gemm.how() };
        let spec = gemm.spec;
        return (Box::new(Sparse::new(isa, &spec, gemm)), how);
    }
    let how = gemm.how();
    let size = |batched, size| if batched { spec.batch * size } else { size };
    let inputs = [size(spec.a_batched, spec.m * spec.k), size(spec.b_batched, spec.k * spec.n)];
    let output = spec.batch * spec.m * spec.n;
    (Converted::around(isa, Box::new(gemm), native, floats, inputs, output), how)
}

/// A planned matrix product; inputs: A, B.
pub struct Gemm {
    isa: Isa,
    spec: GemmSpec,
    form: Form,
    product: Product,
    /// How a long sum of few rows is cut; then `product` is not used.
    long: Option<Long>,
    phases: Vec<PhaseSpec>,
}

impl Gemm {
    /// Plans the product, of bf16 if its sums have whole pairs; `isa` must be available.
    fn new(isa: Isa, spec: GemmSpec) -> Gemm {
        let spec = spec.merged();
        let form = Form::choose(&spec);
        let mut gemm = Gemm::of(isa, spec, Product::new(isa, form, spec.floats));
        if let Some(partials) = spec.partials() {
            let long = Long::new(isa, form, spec.floats.output, partials);
            gemm.phases = long.phases();
            gemm.long = Some(long);
        }
        gemm
    }

    fn of(isa: Isa, spec: GemmSpec, product: Product) -> Gemm {
        let form = Form::choose(&spec);
        let mut gemm = Gemm { isa, spec, form, product, long: None, phases: Vec::new() };
        if gemm.product.packed_first().is_some() {
            let [rows, lanes] = [gemm.row_products(), gemm.packed_products()];
            let chunks = gemm.product.packing_chunks() * lanes + gemm.pairing_chunks() * rows;
            // Turning a float takes about as long as a few operations.
            let cost = 4.0 * (form.lanes * form.k * lanes + form.row_words() * rows) as f64;
            gemm.phases.push(PhaseSpec { chunks, scratch: 0, cost });
        }
        let cost = spec.work();
        let chunks = gemm.product.chunks() * spec.batch;
        gemm.phases.push(PhaseSpec { chunks, scratch: gemm.product.scratch(), cost });
        gemm
    }

    /// What was chosen from the sizes.
    pub fn how(&self) -> How {
        let partials = self.long.as_ref().map(Long::cut);
        How { form: self.form, packing: self.product.packing(), partials, sparse: false }
    }

    /// How many different lanes operands there are.
    fn packed_products(&self) -> usize {
        let batched = if self.form.exchanged { self.spec.a_batched } else { self.spec.b_batched };
        if batched { self.spec.batch } else { 1 }
    }

    /// How many different rows operands there are.
    fn row_products(&self) -> usize {
        let batched = if self.form.exchanged { self.spec.b_batched } else { self.spec.a_batched };
        if batched { self.spec.batch } else { 1 }
    }

    /// Chunks that pair a rows operand.
    fn pairing_chunks(&self) -> usize {
        if self.form.pairs_rows() { self.form.k.div_ceil(PAIRED_ROWS) } else { 0 }
    }

    /// Where product `batch` finds its operands.
    fn sources(&self, batch: usize, at: &Operands) -> Sources {
        let [a, b] = at.inputs;
        let spec = &self.spec;
        let matrix = |size: usize| spec.floats.inputs.bytes(batch * size);
        let a = if spec.a_batched { a.wrapping_byte_add(matrix(spec.m * spec.k)) } else { a };
        let b = if spec.b_batched { b.wrapping_byte_add(matrix(spec.k * spec.n)) } else { b };
        let (rows, lanes) = if self.form.exchanged { (b, a) } else { (a, b) };
        let finish = spec.epilogue.finish(at).at(batch * spec.m * spec.n);
        Sources { rows, lanes, finish }
    }

    /// Where the panels of product `batch` are if a phase packs them.
    fn packed(&self, batch: usize, temp: *mut u8) -> *mut f32 {
        let shared = if self.packed_products() > 1 { batch } else { 0 };
        temp.cast::<f32>().wrapping_add(shared * self.product.packed_first().unwrap_or(0))
    }

    /// Where the paired rows of product `batch` are if they are paired: behind all panels.
    fn paired(&self, batch: usize, temp: *mut u8) -> *mut f32 {
        let shared = if self.row_products() > 1 { batch } else { 0 };
        let panels = self.product.packed_first().unwrap_or(0) * self.packed_products();
        temp.cast::<f32>().wrapping_add(panels + shared * self.form.row_words())
    }

    /// Runs a chunk of the phases before the last: they turn the lanes operand into panels, and pair the
    /// rows operand.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn pack(&self, chunk: usize, at: &Operands) {
        let chunks = self.product.packing_chunks();
        let Some(pairing) = chunk.checked_sub(chunks * self.packed_products()) else {
            let batch = chunk / chunks;
            let (from, packed) = (self.sources(batch, at), self.packed(batch, at.temp));
            // SAFETY: the caller's promise.
            return unsafe { self.product.pack(chunk % chunks, from.lanes, packed) };
        };
        let (batch, chunk) = (pairing / self.pairing_chunks(), pairing % self.pairing_chunks());
        let Form { rows, length, .. } = self.form;
        let steps = share(self.form.k, self.pairing_chunks(), chunk);
        let pair = PairRows {
            from: self.sources(batch, at).rows.cast::<Bf16>().wrapping_add(2 * steps.start * rows),
            at: |row| row * rows,
            to: self.paired(batch, at.temp).wrapping_add(steps.start * rows),
            to_stride: rows,
            rows: (2 * steps.end).min(length) - 2 * steps.start,
            width: rows,
            panel: rows,
            to_panel: 0,
        };
        // SAFETY: the caller's promise; the temporary memory has room for all pairs.
        unsafe { self.isa.enter(pair) }
    }

    /// Which product a chunk of the last phase is of, which of that product's chunks it is, and what
    /// its tiles read.
    fn multiplied(&self, chunk: usize, at: &Operands) -> (usize, usize, Sources) {
        let (batch, chunk) = (chunk / self.product.chunks(), chunk % self.product.chunks());
        let mut from = self.sources(batch, at);
        if self.product.packed_first().is_some() {
            from.lanes = self.packed(batch, at.temp);
        }
        if self.form.pairs_rows() {
            from.rows = self.paired(batch, at.temp);
        }
        (batch, chunk, from)
    }
}

impl Routine for Gemm {
    fn prelude(&self) -> Option<Prelude> {
        // Rows that are paired with the panels are no part of what lasts.
        let packs =
            self.long.is_none() && self.product.packed_first().is_some() && self.pairing_chunks() == 0;
        packs.then_some(Prelude { phases: 1, input: if self.form.exchanged { 0 } else { 1 } })
    }

    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        if let Some(long) = &self.long {
            return long.temp();
        }
        let panels = self.product.packed_first().unwrap_or(0) * self.packed_products();
        aligned_bytes(panels + self.form.row_words() * self.row_products())
    }

    fn tile(&self) -> Tile {
        self.long.as_ref().map_or_else(|| self.product.tile(), Long::tile)
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        if let Some(long) = &self.long {
            let (from, partials) = (self.sources(0, at), at.temp.cast());
            // SAFETY: the caller's promise.
            return unsafe {
                match phase {
                    0 => long.add_up(chunk, from, partials, at.scratch.cast()),
                    _ => long.finish(chunk, partials, from.finish, at.output, at.scratch.cast()),
                }
            };
        }
        if phase + 1 < self.phases.len() {
            // SAFETY: the caller's promise.
            return unsafe { self.pack(chunk, at) };
        }
        let (batch, chunk, from) = self.multiplied(chunk, at);
        let before = self.spec.floats.output.bytes(batch * self.spec.m * self.spec.n);
        let c = at.output.wrapping_byte_add(before);
        // SAFETY: the caller's promise.
        unsafe { self.product.run(chunk, from, c, at.scratch.cast()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_told_by_how_its_operands_lie() {
        let plain = GemmSpec::new(2, 3, 5);
        assert_eq!(plain.to_string(), "[2, 5] by [5, 3] to [2, 3]");
        let turned = GemmSpec { a_transposed: true, b_transposed: true, b_batched: true, batch: 7, ..plain };
        assert_eq!(turned.to_string(), "[5, 2]ᵀ by [7, 3, 5]ᵀ to [7, 2, 3]");
        // A transposed B of much more than A and the result: these are turned instead.
        let tall = GemmSpec { m: 4, n: 512, k: 512, b_transposed: true, ..plain };
        let how = |spec| product(Isa::Portable, spec).1.to_string();
        assert_eq!(how(plain), "rows from A, lanes from B read where they lie");
        assert_eq!(how(tall), "rows from B, lanes from A turned into panels first");
        // More weights than a cache holds, each for few rows.
        let long = GemmSpec { m: 8, n: 1024, k: 4096, ..plain };
        assert_eq!(how(long), "sums cut into 32, lanes read where they lie");
        // Rows and columns enough for lists.
        let wide = GemmSpec { m: 64, n: 512, k: 1024, ..plain };
        let zeros = "or zeros of A left out where there are enough";
        assert_eq!(how(wide), format!("rows from A, lanes from B copied by each chunk, {zeros}"));
    }
}
