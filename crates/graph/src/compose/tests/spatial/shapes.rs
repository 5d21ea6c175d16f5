//! Shapes with unknown sides, and what is said of shapes that do not fit.

use super::*;

fn inferred(op: impl Into<Composite>, x: &[&[Dim]]) -> Result<Shape> {
    let types: Vec<TensorType> =
        x.iter().map(|d| TensorType::new(DType::F32, Shape::new(d.to_vec()))).collect();
    Ok(op.into().infer(&types)?.remove(0).shape)
}

#[test]
fn unknown_sides_stay_unknown() {
    let kernel = [2, 3, 3, 4, 5].map(Some);
    let conv = Conv { strides: vec![1, 2, 2], dilation: vec![1; 3], groups: 1, padding: SAME };
    let shape = inferred(conv, &[&[None, None, Some(5), None, Some(4)], &kernel]).unwrap();
    assert_eq!(shape.dims(), [None, None, Some(3), None, Some(5)]);

    let sequence = Conv { strides: vec![2], dilation: vec![1], groups: 1, padding: VALID };
    let shape = inferred(sequence, &[&[None, None, Some(3)], &[Some(2), Some(3), Some(6)]]).unwrap();
    assert_eq!(shape.dims(), [None, None, Some(6)]);

    let turned = ConvTranspose {
        strides: vec![2, 2],
        dilation: vec![1; 2],
        padding: PaddingRule::Same,
        output_padding: None,
    };
    let shape = inferred(turned, &[&[None, None, Some(3), Some(4)], &[3, 3, 5, 4].map(Some)]).unwrap();
    assert_eq!(shape.dims(), [None, None, Some(6), Some(5)]);

    let pool = MaxPool { pool_size: vec![2; 3], strides: vec![2; 3], padding: VALID };
    let shape = inferred(pool, &[&[None, Some(5), None, Some(4), Some(1)]]).unwrap();
    assert_eq!(shape.dims(), [None, Some(2), None, Some(2), Some(1)]);

    let adaptive = AdaptiveAveragePool { output_size: vec![3, 2] };
    let shape = inferred(adaptive, &[&[None, None, None, Some(7)]]).unwrap();
    assert_eq!(shape.dims(), [None, Some(3), Some(2), Some(7)]);
}

#[test]
fn what_does_not_fit_is_said() {
    let conv = |groups| Conv { strides: vec![1; 3], dilation: vec![2, 1, 1], groups, padding: VALID };
    let error = |op: Composite, x: &[&[Dim]]| inferred(op, x).expect_err("it does not fit").message;
    let volume = [None, Some(4), Some(2), None, Some(4)];
    assert_eq!(
        error(conv(1).into(), &[&volume, &[2, 3, 1, 4, 5].map(Some)]),
        "conv: a window of 2×3×1 with dilation [2, 1, 1] does not fit into an input of 4×2×null with padding \
         \"valid\""
    );
    assert_eq!(
        error(conv(2).into(), &[&volume, &[1, 1, 1, 3, 6].map(Some)]),
        "conv: the channels of the input and of the kernel differ: expected an input [batch, …, 6] for a kernel \
         [1, 1, 1, 3, 6] and groups: 2, received shape [null, 4, 2, null, 4]"
    );
    assert_eq!(
        error(conv(1).into(), &[&[None, Some(4), Some(4)], &[2, 3, 1, 4, 5].map(Some)]),
        "conv: expected window size for each of 1 axes of an input of shape [null, 4, 4], received 3"
    );
    let turned = ConvTranspose {
        strides: vec![2],
        dilation: vec![1],
        padding: PaddingRule::Same,
        output_padding: Some(vec![0]),
    };
    assert_eq!(
        error(turned.into(), &[&[None, Some(5), Some(3)], &[2, 4, 3].map(Some)]),
        "convTranspose: no convolution with a window of 2, stride 2 and padding \"same\" makes 5 of 8, which output \
         padding 0 asks for"
    );
    let pool = AveragePool { pool_size: vec![3], strides: vec![1], padding: VALID };
    assert_eq!(
        error(pool.into(), &[&[None, Some(2), Some(3)]]),
        "averagePool: a window of 3 does not fit into an input of 2 with padding \"valid\""
    );
}
