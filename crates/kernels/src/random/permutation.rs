use fovea_core::rng;

/// A permutation of 0 … n − 1, by Fisher and Yates: for i from n − 1 down to 1, places i and
/// ⌊word i · (i + 1) / 2³²⌋ swap, word i being word i mod 4 of block ⌊i / 4⌋ under `key`.
pub fn permutation(n: u32, key: [u32; 2]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..n).collect();
    for i in (1..n).rev() {
        let word = rng::block(key, u64::from(i / 4))[(i % 4) as usize];
        let j = (u64::from(word) * (u64::from(i) + 1)) >> 32;
        order.swap(i as usize, j as usize);
    }
    order
}
