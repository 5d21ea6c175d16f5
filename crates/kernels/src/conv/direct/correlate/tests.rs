use super::*;

/// The bits of what a convolution makes of small whole numbers, streamed or not. The output begins a cache line.
fn output(isa: Isa, shape: &ConvShape, streams: bool) -> Vec<u32> {
    let (source, result) = ([shape.h, shape.w, shape.c], [shape.oh, shape.ow, shape.co]);
    let floats = Floats { inputs: Float::F32, output: Float::F32 };
    let geometry = Geometry::new(shape, source, result, Axis::forward);
    let mut correlation = Correlation::new(isa, floats, geometry, Weights::Rows, Epilogue::default());
    correlation.result_bytes = if streams { usize::MAX } else { 0 };
    let numbers = |count: usize| -> Vec<f32> { (0..count).map(|i| (i * 7 % 23) as f32 - 11.0).collect() };
    let (x, w) = (numbers(shape.n * source.iter().product::<usize>()), numbers(shape.kernel_len()));
    let count = shape.n * result.iter().product::<usize>();
    let mut y = vec![f32::NAN; count + LINE_FLOATS];
    let first = (0..LINE_FLOATS).find(|&first| y[first..].as_ptr().addr().is_multiple_of(LINE));
    let y = &mut y[first.expect("a float begins a line")..][..count];
    for chunk in 0..correlation.chunks() {
        let at = Operands { output: y.as_mut_ptr(), ..Operands::NONE };
        // SAFETY: the operands have the sizes of the geometry.
        unsafe { correlation.run(chunk, [x.as_ptr(), w.as_ptr()], &at, None) };
    }
    y.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn what_is_streamed_is_what_would_be_stored() {
    let dense = ConvShape {
        n: 2,
        h: 9,
        w: 7,
        c: 16,
        kh: 3,
        kw: 3,
        co: 48,
        oh: 9,
        ow: 7,
        stride: [1, 1],
        dilation: [1, 1],
        pad: [1, 1],
        groups: 1,
    };
    let strided = ConvShape { oh: 5, ow: 4, stride: [2, 2], ..dense };
    // Lines are cut by the last panel, and by every pixel.
    let narrow = ConvShape { co: 24, ..dense };
    let depthwise = ConvShape { c: 96, co: 96, groups: 96, ..dense };
    for isa in Isa::ALL.into_iter().filter(|isa| isa.is_available()) {
        for shape in [dense, strided, narrow, depthwise] {
            let streamed = output(isa, &shape, true);
            assert!(!streamed.contains(&f32::NAN.to_bits()), "{isa:?} {shape:?}");
            assert_eq!(streamed, output(isa, &shape, false), "{isa:?} {shape:?}");
        }
    }
}
