use super::*;
use crate::harness::{Dice, Guarded, drive, isas};
use fovea_core::DType;

fn shape(
    n: usize,
    [h, w]: [usize; 2],
    c: usize,
    k: [usize; 2],
    stride: [usize; 2],
    pad: [usize; 4],
) -> PoolShape {
    let [top, left, bottom, right] = pad;
    PoolShape {
        n,
        h,
        w,
        c,
        kh: k[0],
        kw: k[1],
        oh: (h + top + bottom - k[0]) / stride[0] + 1,
        ow: (w + left + right - k[1]) / stride[1] + 1,
        stride,
        pad: [top, left],
    }
}

fn shapes() -> Vec<PoolShape> {
    vec![
        shape(2, [24, 24], 32, [2, 2], [2, 2], [0; 4]),
        shape(1, [5, 7], 3, [2, 2], [2, 2], [0; 4]),
        shape(3, [5, 5], 1, [2, 2], [2, 2], [0, 0, 1, 1]),
        shape(2, [9, 8], 17, [3, 3], [2, 2], [1, 1, 1, 1]),
        shape(2, [9, 8], 5, [3, 2], [1, 1], [1, 0, 1, 1]),
        shape(1, [11, 11], 40, [3, 3], [3, 3], [0; 4]),
        shape(1, [10, 12], 4, [2, 2], [3, 5], [0; 4]),
        shape(2, [6, 9], 33, [4, 2], [4, 2], [0; 4]),
        shape(1, [20, 18], 2, [17, 16], [1, 1], [3, 2, 1, 4]),
        shape(1, [9, 8], 113, [5, 5], [2, 2], [0; 4]),
        shape(0, [4, 4], 3, [2, 2], [2, 2], [0; 4]),
        shape(60, [28, 28], 8, [2, 2], [2, 2], [0; 4]),
    ]
}

/// The cells of each window that lie inside the input, as (index in the window, flat input
/// index), for each output element.
fn windows(s: &PoolShape) -> Vec<Vec<(usize, usize)>> {
    let mut all = Vec::new();
    for i in 0..s.n * s.oh * s.ow * s.c {
        let (c, ox, oy) = (i % s.c, i / s.c % s.ow, i / s.c / s.ow % s.oh);
        let image = i / s.c / s.ow / s.oh;
        let mut cells = Vec::new();
        for k in 0..s.kh * s.kw {
            let y = (oy * s.stride[0] + k / s.kw).checked_sub(s.pad[0]).filter(|&y| y < s.h);
            let x = (ox * s.stride[1] + k % s.kw).checked_sub(s.pad[1]).filter(|&x| x < s.w);
            if let (Some(y), Some(x)) = (y, x) {
                cells.push((k, ((image * s.h + y) * s.w + x) * s.c + c));
            }
        }
        all.push(cells);
    }
    all
}

#[test]
fn max_pooling_and_its_gradient() {
    let mut dice = Dice(1);
    // Few different values, so that equals are common, and a NaN or an infinity here and there, or nowhere.
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
    for (isa, odds) in isas().flat_map(|isa| [(isa, 60), (isa, usize::MAX)]) {
        for s in shapes() {
            let x: Vec<f32> = (0..s.input_len())
                .map(|_| if dice.below(odds) == 0 { odd[dice.below(3)] } else { dice.below(9) as f32 - 4.0 })
                .collect();
            let g = dice.floats(s.output_len());
            let windows = windows(&s);
            let winners: Vec<(usize, usize)> = windows
                .iter()
                .map(|cells| {
                    let mut best = cells[0];
                    for &cell in cells {
                        let (v, b) = (x[cell.1], x[best.1]);
                        if v > b || (v.is_nan() && !b.is_nan()) {
                            best = cell;
                        }
                    }
                    best
                })
                .collect();
            let mut want_dx = vec![0f64; x.len()];
            for (w, &g) in winners.iter().zip(&g) {
                want_dx[w.1] += f64::from(g);
            }

            let size = s.index_dtype().size();
            let (plan, grad) = (MaxPool::new(isa, s), MaxPoolGrad::new(isa, s));
            let (mut value, mut index) = (Guarded::<f32>::new(g.len()), Guarded::<u8>::new(g.len() * size));
            let mut dx = Guarded::<f32>::new(x.len());
            let (v, i, d) = (value.ptr(), index.ptr(), dx.ptr());
            drive(&[plan.phase], 0, 1, |_, chunk, _, _| {
                // SAFETY: the buffers were made for this shape.
                unsafe { plan.run(chunk, x.as_ptr(), v.cast(), i) }
            });
            drive(&[grad.phase], 0, 2, |_, chunk, _, _| {
                // SAFETY: the buffers were made for this shape.
                unsafe { grad.run(chunk, g.as_ptr(), i, d.cast()) }
            });
            let (value, index, dx) = (value.get(), index.get(), dx.get());
            for (i, w) in winners.iter().enumerate() {
                let got = match s.index_dtype() {
                    DType::U8 => usize::from(index[i]),
                    _ => i32::from_ne_bytes(index[i * 4..][..4].try_into().unwrap()) as usize,
                };
                assert_eq!(value[i].to_bits(), x[w.1].to_bits(), "{isa:?} {s:?} at {i}");
                assert_eq!(got, w.0, "{isa:?} {s:?} at {i}");
            }
            for (i, (&got, &want)) in dx.iter().zip(&want_dx).enumerate() {
                assert!((f64::from(got) - want).abs() <= 1e-5, "{isa:?} {s:?} at {i}: {got} for {want}");
            }
        }
    }
}

#[test]
fn average_pooling_and_its_gradient() {
    let mut dice = Dice(2);
    for isa in isas() {
        for s in shapes() {
            let (x, g) = (dice.floats(s.input_len()), dice.floats(s.output_len()));
            let (plan, grad) = (AvgPool::new(isa, s), AvgPoolGrad::new(isa, s));
            let (mut out, mut dx) = (Guarded::<f32>::new(g.len()), Guarded::<f32>::new(x.len()));
            let (o, d) = (out.ptr(), dx.ptr());
            drive(&[plan.phase], 0, 1, |_, chunk, _, _| {
                // SAFETY: the buffers were made for this shape.
                unsafe { plan.run(chunk, x.as_ptr(), o.cast()) }
            });
            drive(&[grad.phase], 0, 2, |_, chunk, _, _| {
                // SAFETY: the buffers were made for this shape.
                unsafe { grad.run(chunk, g.as_ptr(), d.cast()) }
            });
            let mut want_dx = vec![0f64; x.len()];
            for (i, (cells, got)) in windows(&s).iter().zip(out.get()).enumerate() {
                let n = cells.len() as f64;
                let want = cells.iter().map(|&(_, at)| f64::from(x[at])).sum::<f64>() / n;
                assert!((f64::from(got) - want).abs() <= 2e-6, "{isa:?} {s:?} at {i}: {got} for {want}");
                for &(_, at) in cells {
                    want_dx[at] += f64::from(g[i]) / n;
                }
            }
            for (i, (got, want)) in dx.get().into_iter().zip(want_dx).enumerate() {
                assert!((f64::from(got) - want).abs() <= 2e-6, "{isa:?} {s:?} at {i}: {got} for {want}");
            }
        }
    }
}
