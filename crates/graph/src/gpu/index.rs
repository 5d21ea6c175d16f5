//! Index arithmetic in WGSL, with sizes and strides as constants.

/// The place of element number `i` (an expression of u32) of a tensor of sides `sizes`, row-major, in
/// memory with these strides from `offset` on. A stride of 0 repeats.
pub fn place(i: &str, sizes: &[usize], strides: &[usize], offset: usize) -> String {
    // Sides of 1 say nothing; neighbours whose strides fit together are one longer side.
    let mut sides: Vec<(usize, usize)> = Vec::new();
    for (&size, &stride) in sizes.iter().zip(strides).filter(|(size, _)| **size != 1) {
        match sides.last_mut() {
            Some(last) if last.1 == stride * size => *last = (last.0 * size, stride),
            _ => sides.push((size, stride)),
        }
    }
    let mut terms = Vec::new();
    let mut below = 1;
    for (at, &(size, stride)) in sides.iter().enumerate().rev() {
        if stride != 0 {
            let whole = if below == 1 { i.to_string() } else { format!("{i} / {below}u") };
            let coordinate = if at == 0 { whole } else { format!("({whole}) % {size}u") };
            terms.push(if stride == 1 { coordinate } else { format!("({coordinate}) * {stride}u") });
        }
        below *= size;
    }
    if offset != 0 || terms.is_empty() {
        terms.push(format!("{offset}u"));
    }
    terms.join(" + ")
}

/// The coordinate along axis `axis` of element number `i` of a tensor of sides `sizes`.
pub fn coordinate(i: &str, sizes: &[usize], axis: usize) -> String {
    let below: usize = sizes[axis + 1..].iter().product();
    format!("({i} / {below}u) % {}u", sizes[axis])
}

/// The strides of a row-major tensor of these sides.
pub fn strides(sizes: &[usize]) -> Vec<usize> {
    let mut strides = vec![1; sizes.len()];
    for i in (1..sizes.len()).rev() {
        strides[i - 1] = strides[i] * sizes[i];
    }
    strides
}

/// The strides of a tensor of these sides seen as one of the sides `to`, to which it broadcasts.
pub fn broadcast(sizes: &[usize], to: &[usize]) -> Vec<usize> {
    let extra = to.len() - sizes.len();
    let repeated = |(&size, stride): (&usize, usize)| if size == 1 { 0 } else { stride };
    let own = sizes.iter().zip(strides(sizes)).map(repeated);
    std::iter::repeat_n(0, extra).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_that_fit_together_are_one() {
        assert_eq!(place("i", &[2, 3, 4], &strides(&[2, 3, 4]), 0), "i");
        assert_eq!(place("i", &[], &[], 0), "0u");
        assert_eq!(place("i", &[4, 3], &broadcast(&[3], &[4, 3]), 0), "(i) % 3u");
        assert_eq!(place("i", &[4, 3], &broadcast(&[4, 1], &[4, 3]), 0), "i / 3u");
        assert_eq!(place("i", &[2, 3], &[1, 2], 5), "((i) % 3u) * 2u + i / 3u + 5u");
        assert_eq!(place("i", &[4, 5], &broadcast(&[1, 1], &[4, 5]), 0), "0u");
    }
}
