use super::Slice;
use crate::checked::{Arg, Checked, Sample};
use fovea_core::DType;
use ndarray::ArrayD;

impl Checked for Slice {
    fn samples() -> Vec<Sample<Slice>> {
        let sample = |arg: Arg, begin: &[i64], end: &[Option<i64>], step: &[usize]| {
            let op = Slice { begin: begin.to_vec(), end: end.to_vec(), step: step.to_vec() };
            Sample::exact(op, vec![arg])
        };
        vec![
            sample(Arg::float(&[], 1), &[], &[], &[]),
            sample(Arg::float(&[7], 1), &[2], &[Some(5)], &[1]),
            sample(Arg::float(&[7], 2), &[1], &[None], &[3]),
            sample(Arg::float(&[7], 3), &[-3], &[Some(-1)], &[1]),
            sample(Arg::float(&[7], 4), &[0], &[Some(100)], &[2]),
            sample(Arg::float(&[7], 5), &[5], &[Some(2)], &[1]),
            sample(Arg::float(&[7], 5), &[-100], &[Some(1)], &[1]),
            sample(Arg::float(&[4, 6], 6), &[0, 2], &[None, Some(5)], &[1, 1]),
            sample(Arg::float(&[4, 6], 7), &[1, 0], &[Some(3), None], &[1, 1]),
            sample(Arg::float(&[3, 6, 5, 4], 8), &[0, 1, 0, 0], &[None, Some(-1), None, None], &[1, 2, 3, 1]),
            sample(Arg::float(&[2, 5, 5, 33], 9), &[0, 1, 1, 0], &[None, Some(4), Some(4), None], &[1; 4]),
            sample(Arg::ints(DType::U8, &[4, 6], 200, 1), &[1, 1], &[None, None], &[2, 2]),
            sample(Arg::ints(DType::I64, &[4, 6], 200, 2), &[1, 1], &[None, None], &[1, 1]),
        ]
    }

    fn oracle(&self, x: &[ArrayD<f64>]) -> Vec<ArrayD<f64>> {
        let y = x[0].slice_each_axis(|axis| {
            let (i, n) = (axis.axis.index(), axis.len as isize);
            // Python's: from the end if negative, then cut to the edges.
            let place = |p: isize| if p < 0 { p + n } else { p }.clamp(0, n);
            let begin = place(self.begin[i] as isize);
            let end = self.end[i].map_or(n, |e| place(e as isize)).max(begin);
            ndarray::Slice { start: begin, end: Some(end), step: self.step[i] as isize }
        });
        vec![y.to_owned()]
    }
}
