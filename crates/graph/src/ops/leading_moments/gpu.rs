//! Moments on a GPU: a mean, and then the mean of the squared deviations from it.

use super::LeadingMoments;
use crate::gpu::{Dispatch, Operand, Program, Shade};
use crate::ops::ReduceKind;
use crate::ops::reduce::gpu::{Fold, Way};
use fovea_core::DType;

impl LeadingMoments {
    pub(super) fn shade(&self, cx: &Shade) -> Option<Program> {
        let leading: Vec<usize> = (0..self.axes).collect();
        let fold = Fold::new(&cx.inputs[0].sizes(), &leading);
        let way = Way::of(ReduceKind::Mean, DType::F32)?;
        let [mean, variance] = [Operand::Output(0), Operand::Output(1)];
        if fold.n == 0 {
            return Some(Program::default());
        }
        if fold.length == 0 {
            let body = "y0[i] = div_f32(0.0, 0.0);\ny1[i] = div_f32(0.0, 0.0);";
            let each = Dispatch::each(&cx.limits, fold.n, vec![mean, variance], String::new(), body);
            return Some(each.into());
        }
        let x = format!("x0[{} + {}]", fold.base, fold.offset);
        let store = |y: &str| format!("{y}[o] = div_f32(value, {}f);", fold.length as f32);
        let mut first = way.program(&cx.limits, &fold, &x, &store("y0"), &[Operand::Input(0)], mean);
        let square = format!("({x} - y0[o]) * ({x} - y0[o])");
        let reads = [Operand::Input(0), mean];
        let second = way.program(&cx.limits, &fold, &square, &store("y1"), &reads, variance);
        first.dispatches.extend(second.dispatches);
        Some(first)
    }
}
