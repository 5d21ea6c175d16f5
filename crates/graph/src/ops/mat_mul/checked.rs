use super::MatMul;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::TensorType;
use ndarray::{ArrayD, Ix2};

impl Checked for MatMul {
    fn samples() -> Vec<Sample<MatMul>> {
        let mut samples = Vec::new();
        // Batches of a and of b, then m, k, n.
        let cases: [(&[usize], &[usize], [usize; 3]); 12] = [
            (&[], &[], [3, 4, 2]),
            (&[], &[], [1, 1, 1]),
            (&[], &[], [1, 7, 5]),
            (&[], &[], [5, 3, 1]),
            (&[2], &[2], [3, 2, 4]),
            (&[2, 3], &[2, 3], [2, 3, 2]),
            (&[4], &[], [2, 3, 5]),
            (&[], &[3], [4, 2, 3]),
            (&[1], &[], [3, 2, 2]),
            (&[2, 2], &[], [1, 4, 3]),
            // Wide enough for whole register tiles and their ragged ends.
            (&[], &[], [37, 70, 50]),
            (&[2], &[2], [33, 17, 40]),
        ];
        for (batch_a, batch_b, [m, k, n]) in cases {
            for (transpose_a, transpose_b) in [(false, false), (true, false), (false, true), (true, true)] {
                let sizes = |batch: &[usize], [rows, columns]: [usize; 2], transposed: bool| {
                    [batch, &if transposed { [columns, rows] } else { [rows, columns] }].concat()
                };
                let a = Arg::float(&sizes(batch_a, [m, k], transpose_a), 14);
                let b = Arg::float(&sizes(batch_b, [k, n], transpose_b), 15);
                samples.push(Sample::new(MatMul { transpose_a, transpose_b }, vec![a, b]));
            }
        }
        // Nothing to sum over, and nothing to compute.
        for [m, k, n] in [[2, 0, 3], [0, 2, 3], [2, 3, 0]] {
            let op = MatMul { transpose_a: false, transpose_b: false };
            samples.push(Sample::new(op, vec![Arg::float(&[m, k], 1), Arg::float(&[k, n], 2)]));
        }
        samples
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let split = |x: &ArrayD<f64>| {
            let (batch, matrix) = x.shape().split_at(x.ndim() - 2);
            (batch.to_vec(), [matrix[0], matrix[1]])
        };
        let ((batch_a, matrix_a), (batch_b, matrix_b)) = (split(&x[0]), split(&x[1]));
        let batch = if batch_a.is_empty() { batch_b } else { batch_a };
        let stack = |x: &ArrayD<f64>, matrix: [usize; 2], transposed: bool| {
            let repeated =
                x.broadcast([&batch[..], &matrix].concat()).expect("one matrix, or one for each").to_owned();
            let count: usize = batch.iter().product();
            let stacked =
                repeated.into_shape_with_order((count, matrix[0], matrix[1])).expect("the same elements");
            let matrices =
                stacked.outer_iter().map(|m| if transposed { m.t().to_owned() } else { m.to_owned() });
            matrices.collect::<Vec<ndarray::Array<f64, Ix2>>>()
        };
        let a = stack(&x[0], matrix_a, self.transpose_a);
        let b = stack(&x[1], matrix_b, self.transpose_b);
        let m = if self.transpose_a { matrix_a[1] } else { matrix_a[0] };
        let n = if self.transpose_b { matrix_b[0] } else { matrix_b[1] };
        let data = a.iter().zip(&b).flat_map(|(a, b)| a.dot(b)).collect();
        vec![ArrayD::from_shape_vec([&batch[..], &[m, n]].concat(), data).expect("m × n elements for each")]
    }
}

#[test]
fn the_batch_may_be_unknown() {
    use crate::operator::Operator;
    use fovea_core::{DType, Shape};
    let op = MatMul { transpose_a: false, transpose_b: false };
    let a = TensorType::new(DType::F32, Shape::new(vec![None, Some(3)]));
    let y = op.infer(&[a.clone(), TensorType::f32(&[3, 4])]).expect("the inner sides agree");
    assert_eq!(y[0].shape, Shape::new(vec![None, Some(4)]));
    let error = op.infer(&[a, TensorType::f32(&[2, 4])]).expect_err("3 is not 2");
    assert_eq!(
        error.message,
        "matmul: the inner sides differ: expected [..., m, k] and [..., k, n], received [null, 3] and [2, 4]"
    );
}
