//! Matrix products, plain, transposed and batched, with bias and activation.

mod form;
mod long;
mod mapped;
mod product;

use crate::isa::Isa;
use crate::routine::{Operands, PhaseSpec, Routine, Sizes, Tile, aligned_bytes};
pub use crate::tile::activation::Activation;
use form::Form;
use long::Long;
pub use mapped::{Mapped, MappedOperands};
use product::{Packing, Product, Sources};
use std::fmt;

/// What happens to a result on its way to memory: `activation(sum + bias)`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Epilogue {
    /// Whether a bias is added along the last axis of the output.
    pub bias: bool,
    pub activation: Activation,
}

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
}

/// How a matrix product is computed.
#[derive(Clone, Copy, Debug)]
pub struct How {
    form: Form,
    packing: Packing,
    partials: Option<usize>,
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
            return write!(f, "sums cut into {partials}, both operands copied by each chunk");
        }
        let (rows_of, lanes_of) = if self.form.exchanged { ("B", "A") } else { ("A", "B") };
        write!(f, "rows from {rows_of}, lanes from {lanes_of} {lanes}")
    }
}

/// A planned matrix product; inputs: A, B.
pub struct Gemm {
    spec: GemmSpec,
    form: Form,
    product: Product,
    /// How a long sum of few rows is cut; then `product` is not used.
    long: Option<Long>,
    phases: Vec<PhaseSpec>,
}

impl Gemm {
    /// Plans the product; `isa` must be available.
    pub fn new(isa: Isa, spec: GemmSpec) -> Gemm {
        let spec = spec.merged();
        let form = Form::choose(&spec);
        let mut gemm = Gemm::of(spec, Product::new(isa, form, spec.epilogue));
        if let Some(partials) = spec.partials() {
            let long = Long::new(isa, form, spec.epilogue, partials);
            gemm.phases = long.phases();
            gemm.long = Some(long);
        }
        gemm
    }

    fn of(spec: GemmSpec, product: Product) -> Gemm {
        let form = Form::choose(&spec);
        let mut gemm = Gemm { spec, form, product, long: None, phases: Vec::new() };
        if gemm.product.packed_first().is_some() {
            let products = gemm.packed_products();
            let chunks = gemm.product.packing_chunks() * products;
            // Turning a float takes about as long as a few operations.
            let cost = 4.0 * (form.lanes * form.k * products) as f64;
            gemm.phases.push(PhaseSpec { chunks, scratch: 0, cost });
        }
        let cost = spec.work();
        let chunks = gemm.product.chunks() * spec.batch;
        gemm.phases.push(PhaseSpec { chunks, scratch: gemm.product.scratch(), cost });
        gemm
    }

    /// What was chosen from the sizes.
    pub fn how(&self) -> How {
        How { form: self.form, packing: self.product.packing(), partials: self.long.as_ref().map(Long::cut) }
    }

    /// How many different lanes operands there are.
    fn packed_products(&self) -> usize {
        let batched = if self.form.exchanged { self.spec.a_batched } else { self.spec.b_batched };
        if batched { self.spec.batch } else { 1 }
    }

    /// Where product `batch` finds its operands, and where its panels are if a phase packs them.
    fn sources(&self, batch: usize, at: &Operands) -> (Sources, *mut f32) {
        let Operands { inputs: [a, b], bias, temp, .. } = *at;
        let spec = &self.spec;
        let a = if spec.a_batched { a.wrapping_add(batch * spec.m * spec.k) } else { a };
        let b = if spec.b_batched { b.wrapping_add(batch * spec.k * spec.n) } else { b };
        let (rows, lanes) = if self.form.exchanged { (b, a) } else { (a, b) };
        let shared = if self.packed_products() > 1 { batch } else { 0 };
        let packed = temp.cast::<f32>().wrapping_add(shared * self.product.packed_first().unwrap_or(0));
        (Sources { rows, lanes, bias }, packed)
    }

    /// Runs a chunk of the phases before the last: they turn the lanes operand into panels.
    ///
    /// # Safety
    /// As [`Routine::run`].
    unsafe fn pack(&self, chunk: usize, at: &Operands) {
        let chunks = self.product.packing_chunks();
        let (from, packed) = self.sources(chunk / chunks, at);
        // SAFETY: the caller's promise.
        unsafe { self.product.pack(chunk % chunks, from.lanes, packed) };
    }

    /// Which product a chunk of the last phase is of, which of that product's chunks it is, and what
    /// its tiles read.
    fn multiplied(&self, chunk: usize, at: &Operands) -> (usize, usize, Sources) {
        let (batch, chunk) = (chunk / self.product.chunks(), chunk % self.product.chunks());
        let (mut from, packed) = self.sources(batch, at);
        if self.product.packed_first().is_some() {
            from.lanes = packed;
        }
        (batch, chunk, from)
    }
}

impl Routine for Gemm {
    fn phases(&self) -> &[PhaseSpec] {
        &self.phases
    }

    fn temp(&self) -> usize {
        if let Some(long) = &self.long {
            return long.temp();
        }
        aligned_bytes(self.product.packed_first().unwrap_or(0) * self.packed_products())
    }

    fn tile(&self) -> Tile {
        self.long.as_ref().map_or_else(|| self.product.tile(), Long::tile)
    }

    unsafe fn run(&self, phase: usize, chunk: usize, at: &Operands) {
        if let Some(long) = &self.long {
            let (from, partials) = (self.sources(0, at).0, at.temp.cast());
            // SAFETY: the caller's promise.
            return unsafe {
                match phase {
                    0 => long.add_up(chunk, from, partials, at.scratch.cast()),
                    _ => long.finish(chunk, partials, from.bias, at.output),
                }
            };
        }
        if phase + 1 < self.phases.len() {
            // SAFETY: the caller's promise.
            return unsafe { self.pack(chunk, at) };
        }
        let (batch, chunk, from) = self.multiplied(chunk, at);
        let c = at.output.wrapping_add(batch * self.spec.m * self.spec.n);
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
        let how = |spec| Gemm::new(Isa::Portable, spec).how().to_string();
        assert_eq!(how(plain), "rows from A, lanes from B read where they lie");
        assert_eq!(how(tall), "rows from B, lanes from A turned into panels first");
        // More weights than a cache holds, each for few rows.
        let long = GemmSpec { m: 8, n: 1024, k: 4096, ..plain };
        assert_eq!(how(long), "sums cut into 32, both operands copied by each chunk");
    }
}
