//! Tiles whose number of vectors is known only when they run.

/// Calls something generic in the number of a tile's vectors, which is one of those listed.
macro_rules! with_vectors {
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
