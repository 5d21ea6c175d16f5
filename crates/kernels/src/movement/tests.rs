use fovea_core::DType;

use super::*;
use crate::harness::{Dice, Guarded, drive, isas};

fn moved<T: Copy>(plan: &Movement, inputs: &[&[T]], n: usize) -> Vec<T> {
    let mut out = Guarded::<T>::new(n);
    let to = out.ptr();
    let inputs: Vec<*const u8> = inputs.iter().map(|i| i.as_ptr().cast()).collect();
    drive(plan.phases(), 0, 5, |phase, chunk, _, _| {
        // SAFETY: the buffers were made for this plan.
        unsafe { plan.run(phase, chunk, &inputs, to) }
    });
    out.get()
}

fn unflatten(shape: &[usize], mut flat: usize) -> Vec<usize> {
    let mut index = vec![0; shape.len()];
    for d in (0..shape.len()).rev() {
        index[d] = flat % shape[d];
        flat /= shape[d];
    }
    index
}

fn flatten(shape: &[usize], index: &[usize]) -> usize {
    shape.iter().zip(index).fold(0, |at, (&n, &i)| at * n + i)
}

/// Elements of one size, with a way to number them.
trait Cell: Copy + PartialEq + std::fmt::Debug {
    fn of(i: usize) -> Self;
    fn bits(self) -> u64;
}

macro_rules! cells {
    ($($t:ty),*) => {
        $(impl Cell for $t {
            fn of(i: usize) -> $t {
                (i * 7 + 1) as $t
            }
            fn bits(self) -> u64 {
                u64::from(self)
            }
        })*
    };
}
cells!(u8, u32, u64);

fn transposes<T: Cell>() {
    let mut dice = Dice(1);
    let shapes: [&[usize]; 10] = [
        &[],
        &[5],
        &[0, 3],
        &[33, 70],
        &[1, 9, 1],
        &[16, 16, 16],
        &[3, 5, 7, 2],
        &[300, 401],
        &[2, 17, 1, 35, 3],
        &[64, 50, 40],
    ];
    for isa in isas() {
        for shape in shapes {
            for _ in 0..6 {
                let mut order: Vec<usize> = (0..shape.len()).collect();
                dice.shuffle(&mut order);
                let n: usize = shape.iter().product();
                let x: Vec<T> = (0..n).map(T::of).collect();
                let plan = Movement::transpose(isa, size_of::<T>(), shape, &order);
                let got = moved(&plan, &[&x], n);
                let sizes: Vec<usize> = order.iter().map(|&d| shape[d]).collect();
                for (flat, &got) in got.iter().enumerate() {
                    let mut source = vec![0; shape.len()];
                    for (d, i) in unflatten(&sizes, flat).into_iter().enumerate() {
                        source[order[d]] = i;
                    }
                    assert_eq!(got, x[flatten(shape, &source)], "{isa:?} {shape:?} {order:?}");
                }
            }
        }
    }
}

#[test]
fn transposing_every_element_size() {
    transposes::<u8>();
    transposes::<u32>();
    transposes::<u64>();
}

fn slices<T: Cell>() {
    let mut dice = Dice(2);
    let shapes: [&[usize]; 6] = [&[], &[9], &[0, 4], &[40, 50], &[7, 5, 30], &[3, 400, 300]];
    for isa in isas() {
        for shape in shapes {
            for _ in 0..10 {
                let (mut begin, mut step, mut count) = (Vec::new(), Vec::new(), Vec::new());
                for &n in shape {
                    let start = dice.below(n);
                    let by = [1isize, 1, 2, 3, -1, -2][dice.below(6)];
                    let room = if by > 0 { n - start } else { start + 1 }.min(n);
                    begin.push(start);
                    step.push(by);
                    count.push(room.div_ceil(by.unsigned_abs()).saturating_sub(dice.below(2)));
                }
                let (n, m) = (shape.iter().product(), count.iter().product());
                let x: Vec<T> = (0..n).map(T::of).collect();
                let source = |flat: usize| {
                    let index: Vec<usize> = unflatten(&count, flat)
                        .iter()
                        .zip(begin.iter().zip(&step))
                        .map(|(&i, (&b, &s))| (b as isize + i as isize * s) as usize)
                        .collect();
                    flatten(shape, &index)
                };
                let plan = Movement::slice(isa, size_of::<T>(), shape, &begin, &step, &count);
                let got = moved(&plan, &[&x], m);
                let grad = Movement::slice_grad(isa, size_of::<T>(), shape, &begin, &step, &count);
                let back = moved(&grad, &[&got], n);
                let mut want = vec![0; n];
                for (flat, &got) in got.iter().enumerate() {
                    assert_eq!(got, x[source(flat)], "{shape:?} {begin:?} {step:?} {count:?}");
                    want[source(flat)] = got.bits();
                }
                assert!(back.iter().map(|v| v.bits()).eq(want), "{shape:?} {begin:?} {step:?} {count:?}");
            }
        }
    }
}

#[test]
fn slicing_and_its_gradient() {
    slices::<u8>();
    slices::<u32>();
    slices::<u64>();
}

#[test]
fn concatenating_padding_broadcasting_copying() {
    for isa in isas() {
        for axis in 0..3 {
            let sizes = [3, 0, 200, 1];
            let shapes: Vec<Vec<usize>> = sizes
                .iter()
                .map(|&n| {
                    let mut shape = vec![40, 30, 20];
                    shape[axis] = n;
                    shape
                })
                .collect();
            let parts: Vec<Vec<u32>> = shapes
                .iter()
                .enumerate()
                .map(|(p, s)| (0..s.iter().product()).map(|i: usize| (i * 4 + p) as u32).collect())
                .collect();
            let refs: Vec<&[usize]> = shapes.iter().map(Vec::as_slice).collect();
            let plan = Movement::concat(isa, 4, &refs, axis);
            let mut whole = shapes[0].clone();
            whole[axis] = 204;
            let inputs: Vec<&[u32]> = parts.iter().map(Vec::as_slice).collect();
            let got = moved(&plan, &inputs, whole.iter().product());
            for (flat, got) in got.into_iter().enumerate() {
                let mut index = unflatten(&whole, flat);
                let mut part = 0;
                while index[axis] >= sizes[part] {
                    index[axis] -= sizes[part];
                    part += 1;
                }
                assert_eq!(got, parts[part][flatten(&shapes[part], &index)]);
            }
        }

        let (shape, before, after) = ([5, 60, 70], [0, 2, 3], [1, 0, 40]);
        let x: Vec<u64> = (0..21_000).collect();
        let whole = [6, 62, 113];
        let got = moved(&Movement::pad(isa, 8, &shape, &before, &after, 99), &[&x], 6 * 62 * 113);
        for (flat, got) in got.into_iter().enumerate() {
            let index = unflatten(&whole, flat);
            let inside: Option<Vec<usize>> =
                (0..3).map(|d| index[d].checked_sub(before[d]).filter(|&i| i < shape[d])).collect();
            assert_eq!(got, inside.map_or(99, |i| x[flatten(&shape, &i)]));
        }

        let broadcasts: [(&[usize], &[usize]); 6] = [
            (&[], &[3, 4]),
            (&[1, 7], &[5, 7]),
            (&[300, 1], &[300, 400]),
            (&[20, 1, 30], &[2, 20, 9, 30]),
            (&[4], &[0, 4]),
            (&[2, 3], &[2, 3]),
        ];
        for (shape, target) in broadcasts {
            let x: Vec<u8> = (0..shape.iter().product()).map(u8::of).collect();
            let got = moved(&Movement::broadcast_to(isa, 1, shape, target), &[&x], target.iter().product());
            for (flat, got) in got.into_iter().enumerate() {
                let index = unflatten(target, flat);
                let own: Vec<usize> = index[target.len() - shape.len()..]
                    .iter()
                    .zip(shape)
                    .map(|(&i, &n)| i.min(n - 1))
                    .collect();
                assert_eq!(got, x[flatten(shape, &own)], "{shape:?} {target:?}");
            }
        }

        let x: Vec<u32> = (0..200_001).collect();
        assert_eq!(moved(&Movement::copy(isa, 4, x.len()), &[&x], x.len()), x);
    }
}

#[test]
fn gathering_and_its_gradient() {
    let mut dice = Dice(3);
    let shapes: [(&[usize], usize); 5] =
        [(&[7], 0), (&[4, 9, 5], 1), (&[50, 3000], 0), (&[300, 40], 1), (&[0, 3], 1)];
    for isa in isas() {
        for (shape, axis) in shapes {
            for m in [0, 1, 70] {
                let n: usize = shape.iter().product();
                let (outer, size) = (shape[..axis].iter().product::<usize>(), shape[axis]);
                let inner = n / (outer * size).max(1);
                let indices: Vec<i32> =
                    (0..m).map(|_| dice.below(size + 2) as i32 - i32::from(dice.below(20) == 0)).collect();
                let x = dice.floats(n);
                let g = dice.floats(outer * m * inner);
                let (gather, scatter) = (
                    Gather::new(4, shape, axis, DType::I32, m),
                    ScatterAdd::new(isa, shape, axis, DType::I32, m),
                );
                let (mut out, mut dx) = (Guarded::<f32>::new(g.len()), Guarded::<f32>::new(n));
                let (o, d, i) = (out.ptr(), dx.ptr(), indices.as_ptr().cast::<u8>());
                drive(&[gather.phase], 0, 1, |_, chunk, _, _| {
                    // SAFETY: the buffers were made for this plan.
                    unsafe { gather.run(chunk, x.as_ptr().cast(), i, o) }
                });
                drive(&[scatter.phase], 0, 1, |_, chunk, _, _| {
                    // SAFETY: the buffers were made for this plan.
                    unsafe { scatter.run(chunk, g.as_ptr(), i, d.cast()) }
                });
                let mut want = vec![0f32; n];
                for (flat, got) in out.get().into_iter().enumerate() {
                    let (o, at, k) = (flat / inner / m, indices[flat / inner % m], flat % inner);
                    let source = usize::try_from(at)
                        .ok()
                        .filter(|&at| at < size)
                        .map(|at| (o * size + at) * inner + k);
                    assert_eq!(got, source.map_or(0.0, |s| x[s]));
                    if let Some(s) = source {
                        want[s] += g[flat];
                    }
                }
                assert_eq!(dx.get(), want, "{shape:?} {axis} {m}");
            }
        }
    }
}

#[test]
fn one_hot_rows() {
    let indices: Vec<i64> = vec![0, 3, -1, 9, 10, 5];
    let plan =
        OneHot::new(4, DType::I64, indices.len(), 10, u64::from(2f32.to_bits()), u64::from(0.5f32.to_bits()));
    let mut out = Guarded::<f32>::new(60);
    let to = out.ptr();
    drive(&[plan.phase], 0, 1, |_, chunk, _, _| {
        // SAFETY: the buffers were made for this plan.
        unsafe { plan.run(chunk, indices.as_ptr().cast(), to) }
    });
    for (i, got) in out.get().into_iter().enumerate() {
        assert_eq!(got, if indices[i / 10] == (i % 10) as i64 { 2.0 } else { 0.5 });
    }
}

#[test]
fn indices_are_checked_against_their_range() {
    let check = |dtype, indices: *const u8, n, limit| {
        // SAFETY: the arrays below have as many elements.
        unsafe { first_out_of_range(dtype, indices, n, limit) }
    };
    assert_eq!(check(DType::I32, [0i32, 4, 2].as_ptr().cast(), 3, 5), None);
    assert_eq!(check(DType::I32, [0i32, 5, -2].as_ptr().cast(), 3, 5), Some((1, 5)));
    assert_eq!(check(DType::I64, [1i64, 2, i64::MIN].as_ptr().cast(), 3, 5), Some((2, i64::MIN)));
    assert_eq!(check(DType::U32, [u32::MAX].as_ptr().cast(), 1, 5), Some((0, 4_294_967_295)));
    assert_eq!(check(DType::U8, [4u8, 7].as_ptr(), 2, 5), Some((1, 7)));
    assert_eq!(check(DType::I8, [4i8, -7].as_ptr().cast(), 2, 5), Some((1, -7)));
}
