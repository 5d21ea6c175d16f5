use super::{ArgKind, ArgReduce};
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, Axis};

impl Checked for ArgReduce {
    fn samples() -> Vec<Sample<ArgReduce>> {
        let shapes: [(&[usize], i64); 8] = [
            (&[7], 0),
            (&[3, 5], 1),
            (&[3, 5], 0),
            (&[2, 3, 4], -2),
            (&[64, 10], -1),
            (&[4, 1, 6], 1),
            (&[2, 100, 3], 1),
            (&[5, 33], 0),
        ];
        let mut samples = Vec::new();
        for (i, (sizes, axis)) in shapes.into_iter().enumerate() {
            for kind in [ArgKind::Max, ArgKind::Min] {
                let op = ArgReduce { kind, axis };
                samples.push(Sample::exact(op.clone(), vec![Arg::float(sizes, i as u64)]));
                samples.push(Sample::exact(op, vec![Arg::ints(DType::I32, sizes, 3, i as u64)]));
            }
        }
        samples
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let axis = self.axis.rem_euclid(x[0].ndim() as i64) as usize;
        let first_best = |lane: ndarray::ArrayView1<f64>| {
            let mut best = 0;
            for (i, &v) in lane.iter().enumerate() {
                let better = match self.kind {
                    ArgKind::Max => v > lane[best],
                    ArgKind::Min => v < lane[best],
                };
                best = if better { i } else { best };
            }
            best as f64
        };
        vec![x[0].map_axis(Axis(axis), first_best)]
    }
}
