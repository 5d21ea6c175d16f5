use super::tiling::SIDE;
use super::{Dispatch, Limits, Operand, Product};

/// Columns of a product that is too narrow for tiles.
const NARROW: usize = 4;
/// A sum that one invocation adds up alone is at most so long.
const LONGEST: usize = 1024;

impl Product {
    /// Many short products of few columns, as the groups of a depthwise convolution are: a tile would
    /// mostly compute what nobody wants.
    pub(super) fn is_narrow(&self) -> bool {
        self.batch > 1 && self.n <= NARROW && self.k <= LONGEST
    }

    /// One invocation an element. Neighbours take neighbouring columns, then neighbouring products:
    /// the channels of a convolution, which lie together in memory.
    pub(super) fn narrow(&self, limits: &Limits) -> Dispatch {
        let Product { n, k, batch, place, .. } = self;
        let body = format!(
            "let z = i / {n}u % {batch}u;\n\
             let at = place(z, i / {row}u, i % {n}u);\n\
             let a = a_side(z, i / {row}u);\n\
             let b = b_side(z, i % {n}u);\n\
             var total = 0.0;\n\
             for (var begin = 0u; begin < {k}u; begin += {SIDE}u) {{\n\
             var sum = 0.0;\n\
             for (var k = begin; k < min(begin + {SIDE}u, {k}u); k++) {{\n\
             sum = fma(a_at(a, k), b_at(b, k), sum);\n}}\n\
             total += sum;\n}}\n\
             y0[at] = finish(total, at);",
            row = n * batch,
        );
        let items = format!(
            "{}{}fn place(z: u32, i: u32, j: u32) -> u32 {{ return {place}; }}\n",
            self.finish(),
            self.loads()
        );
        let operands = self.finishing(&[Operand::Input(0), Operand::Input(1)]);
        Dispatch::each(limits, self.elements(), operands, items, &body)
    }
}
