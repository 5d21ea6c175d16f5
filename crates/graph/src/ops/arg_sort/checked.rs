use super::ArgSort;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::{ArrayD, Axis};

impl Checked for ArgSort {
    fn samples() -> Vec<Sample<ArgSort>> {
        let shapes: [(&[usize], i64); 8] = [
            (&[7], 0),
            (&[1], 0),
            (&[3, 5], 1),
            (&[3, 5], 0),
            (&[2, 3, 4], -2),
            (&[4, 1, 6], 1),
            (&[0, 3], 1),
            (&[5, 300], -1),
        ];
        let mut samples = Vec::new();
        for (i, (sizes, axis)) in shapes.into_iter().enumerate() {
            for descending in [false, true] {
                let op = ArgSort { axis, descending };
                samples.push(Sample::exact(op.clone(), vec![Arg::float(sizes, i as u64)]));
                // With many equal elements.
                samples.push(Sample::exact(op, vec![Arg::ints(DType::I32, sizes, 3, i as u64)]));
            }
        }
        for dtype in [DType::U8, DType::I8, DType::U32, DType::I64, DType::Bool] {
            let op = ArgSort { axis: 0, descending: true };
            samples.push(Sample::exact(op, vec![Arg::ints(dtype, &[6, 2], 2, 4)]));
        }
        samples
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let axis = self.axis.rem_euclid(x[0].ndim() as i64) as usize;
        let mut y = ArrayD::zeros(x[0].shape());
        for (from, mut to) in x[0].lanes(Axis(axis)).into_iter().zip(y.lanes_mut(Axis(axis))) {
            let mut places: Vec<usize> = (0..from.len()).collect();
            places.sort_by(|&a, &b| {
                if self.descending { from[b].total_cmp(&from[a]) } else { from[a].total_cmp(&from[b]) }
            });
            to.iter_mut().zip(places).for_each(|(t, place)| *t = place as f64);
        }
        vec![y]
    }
}
