//! Tiles whose number of vectors is known only when they run.

/// Most vectors in a row of a tile that takes one product after another, as a list names them: so many sums, which stay
/// in registers, hide how long each takes.
pub const MOST_VECTORS: usize = 8;

/// Calls something generic in the number of a tile's vectors, which is one of those listed; if none are, at most
/// [`MOST_VECTORS`].
macro_rules! with_vectors {
    ($count:expr, $vectors:ident => $call:expr) => {
        with_vectors!($count, $vectors of 1 2 3 4 5 6 7 to $crate::tile::vectors::MOST_VECTORS => $call)
    };
    ($count:expr, $vectors:ident of $($fewer:literal)* to $most:expr => $call:expr) => {
        match $count {
            $($fewer => {
                const $vectors: usize = $fewer;
                $call
            })*
            _ => {
                const $vectors: usize = $most;
                $call
            }
        }
    };
}
pub(crate) use with_vectors;
