//! Which taps of the kernel reach which source positions, along one axis.

/// The taps that one output position sees: a run in the axis's tap order.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    /// The first tap's place in the tap order.
    pub first: usize,
    /// How many taps lie inside the source.
    pub count: usize,
    /// The source position under the first tap.
    pub source: usize,
}

const NOTHING: Span = Span { first: 0, count: 0, source: 0 };

/// One axis of a correlation: an order of the taps in which every output position sees
/// neighbouring taps at source positions a constant step apart.
#[derive(Clone, Debug)]
pub struct Axis {
    /// Kernel index of each tap in this order.
    pub taps: Vec<usize>,
    /// One for each output position.
    pub spans: Vec<Span>,
    /// Source positions between neighbouring taps of a span.
    pub step: usize,
}

/// [`Axis::forward`] or [`Axis::backward`].
pub type MakeAxis = fn(usize, usize, usize, usize, usize, usize) -> Axis;

impl Axis {
    /// Output `o` reads source `o · stride + k · dilation − pad` through tap `k`.
    pub fn forward(
        source: usize,
        kernel: usize,
        output: usize,
        stride: usize,
        dilation: usize,
        pad: usize,
    ) -> Axis {
        let spans = (0..output).map(|o| {
            let start = o * stride;
            let first = pad.saturating_sub(start).div_ceil(dilation);
            // Taps whose position lies before the end of the source.
            let end = (source + pad).saturating_sub(start).div_ceil(dilation).min(kernel);
            match end.checked_sub(first) {
                None | Some(0) => NOTHING,
                Some(count) => Span { first, count, source: start + first * dilation - pad },
            }
        });
        Axis { taps: (0..kernel).collect(), spans: spans.collect(), step: dilation }
    }

    /// The transpose of [`Axis::forward`] with the same arguments: here `source` positions are
    /// the outputs, and they read the forward's outputs.
    ///
    /// Taps that serve the same remainder of the stride stand together, backwards, so a span is a
    /// run in this order too.
    pub fn backward(
        source: usize,
        kernel: usize,
        output: usize,
        stride: usize,
        dilation: usize,
        pad: usize,
    ) -> Axis {
        let divisor = greatest_common_divisor(stride, dilation);
        // Taps this far apart serve the same positions.
        let apart = stride / divisor;
        let phases: Vec<Vec<usize>> = (0..apart.min(kernel))
            .map(|phase| (phase..kernel).step_by(apart).collect::<Vec<_>>())
            .map(|mut taps| {
                taps.reverse();
                taps
            })
            .collect();
        let span = |position: usize| {
            let position = position + pad;
            let mut before = 0;
            for taps in &phases {
                let reaches = |tap: usize| {
                    let at = position.checked_sub(tap * dilation)?;
                    (at % stride == 0 && at / stride < output).then_some(at / stride)
                };
                let first = taps.iter().position(|&tap| reaches(tap).is_some());
                if let Some((first, source)) = first.and_then(|f| Some((f, reaches(taps[f])?))) {
                    let count = taps[first..].iter().take_while(|&&tap| reaches(tap).is_some());
                    return Span { first: before + first, count: count.count(), source };
                }
                before += taps.len();
            }
            NOTHING
        };
        let spans = (0..source).map(span).collect();
        Axis { spans, taps: phases.concat(), step: dilation / divisor }
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All (output, tap, source) triples that an axis describes.
    fn triples(axis: &Axis) -> Vec<(usize, usize, usize)> {
        let mut triples = Vec::new();
        for (position, span) in axis.spans.iter().enumerate() {
            for t in 0..span.count {
                triples.push((position, axis.taps[span.first + t], span.source + t * axis.step));
            }
        }
        triples.sort_unstable();
        triples
    }

    #[test]
    fn both_directions_describe_exactly_the_taps_inside_the_source() {
        for source in 1..9 {
            for kernel in 1..6 {
                for stride in 1..5 {
                    for dilation in 1..5 {
                        for pad in 0..4 {
                            for output in 1..7 {
                                check(source, kernel, output, stride, dilation, pad);
                            }
                        }
                    }
                }
            }
        }
    }

    fn check(source: usize, kernel: usize, output: usize, stride: usize, dilation: usize, pad: usize) {
        let mut expected = Vec::new();
        for o in 0..output {
            for k in 0..kernel {
                if let Some(at) = (o * stride + k * dilation).checked_sub(pad)
                    && at < source
                {
                    expected.push((o, k, at));
                }
            }
        }
        let forward = Axis::forward(source, kernel, output, stride, dilation, pad);
        assert_eq!(triples(&forward), expected);
        let mut transposed: Vec<_> = expected.iter().map(|&(o, k, at)| (at, k, o)).collect();
        transposed.sort_unstable();
        let backward = Axis::backward(source, kernel, output, stride, dilation, pad);
        assert_eq!(triples(&backward), transposed);
    }
}
