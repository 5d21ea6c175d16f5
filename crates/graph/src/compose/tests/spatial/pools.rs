//! Pools, against what the windows hold.

use super::*;

/// Calls `f` with each output's position and the values of its window.
fn windows_of(x: &ArrayD<f64>, spans: &[Vec<(usize, usize)>], mut f: impl FnMut(&[usize], Vec<f64>)) {
    let all = |ranges: &[(usize, usize)]| {
        ranges.iter().fold(vec![vec![]], |found: Vec<Vec<usize>>, &(begin, end)| {
            found.iter().flat_map(|f| (begin..end).map(move |i| [&f[..], &[i]].concat())).collect()
        })
    };
    for out in all(&spans.iter().map(|s| (0, s.len())).collect::<Vec<_>>()) {
        let window: Vec<(usize, usize)> = out.iter().zip(spans).map(|(&o, s)| s[o]).collect();
        for n in 0..x.shape()[0] {
            for c in 0..x.shape()[x.ndim() - 1] {
                let values = all(&window).iter().map(|place| x[&at(n, place, c)[..]]).collect();
                f(&at(n, &out, c), values);
            }
        }
    }
}

fn pooled(x: &ArrayD<f64>, spans: &[Vec<(usize, usize)>], of: impl Fn(&[f64]) -> f64) -> ArrayD<f64> {
    let counts: Vec<usize> = spans.iter().map(Vec::len).collect();
    let mut y = ArrayD::zeros(at(x.shape()[0], &counts, x.shape()[x.ndim() - 1]));
    windows_of(x, spans, |place, values| y[place] = of(&values));
    y
}

fn greatest(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::NEG_INFINITY, f64::max)
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn pools_take_boxes() {
    for (i, (lines, padding)) in [
        (vec![line(7, 2, 2, 1)], VALID),
        (vec![line(7, 3, 2, 1)], SAME),
        (vec![line(3, 5, 1, 1)], SAME),
        (vec![line(5, 3, 2, 1), line(4, 2, 3, 1)], SAME),
        (vec![line(4, 2, 2, 1), line(5, 3, 1, 1), line(3, 1, 2, 1)], VALID),
        (vec![line(5, 3, 2, 1), line(4, 2, 3, 1), line(3, 4, 1, 1)], SAME),
        (vec![line(1, 2, 1, 1), line(2, 1, 1, 1), line(6, 4, 3, 1)], SAME),
        (vec![line(4, 1, 1, 1), line(3, 2, 1, 1), line(4, 2, 2, 1)], VALID),
    ]
    .into_iter()
    .enumerate()
    {
        let x = Arg::float(&at(2, &of(&lines, |l| l.side), 3), i as u64);
        let span = |(axis, line): (usize, &Line)| {
            let met = line.meetings(&padding, axis);
            let of = |o| met.iter().filter(move |m| m[0] == o).map(|m| m[2]);
            (0..met.last().unwrap()[0] + 1)
                .map(|o| (of(o).min().unwrap(), of(o).max().unwrap() + 1))
                .collect()
        };
        let spans: Vec<Vec<(usize, usize)>> = lines.iter().enumerate().map(span).collect();
        let (pool_size, strides) = (of(&lines, |l| l.window), of(&lines, |l| l.stride));
        let most =
            MaxPool { pool_size: pool_size.clone(), strides: strides.clone(), padding: padding.clone() };
        let average = AveragePool { pool_size, strides, padding };
        assert_close(&value(most.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, greatest), 0.0);
        assert_close(&value(average.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, mean), 1e-12);
        check(most, std::slice::from_ref(&x));
        check(average, &[x]);
    }
}

#[test]
fn adaptive_pools_share_the_axes_evenly() {
    for (i, (inner, outputs)) in [
        (vec![6], vec![3]),
        (vec![7], vec![3]),
        (vec![10], vec![7]),
        (vec![3], vec![5]),
        (vec![1], vec![4]),
        (vec![5], vec![5]),
        (vec![7, 5], vec![2, 3]),
        (vec![4, 9], vec![4, 1]),
        (vec![5, 4, 7], vec![2, 3, 4]),
        (vec![2, 6, 3], vec![3, 4, 1]),
    ]
    .into_iter()
    .enumerate()
    {
        let x = Arg::float(&at(2, &inner, 2), i as u64);
        let span = |(&n, &outputs): (&usize, &usize)| {
            let share = n as f64 / outputs as f64;
            let edge = |i: usize| i as f64 * share;
            let whole = |v: f64| (v * 1e9).round() / 1e9;
            (0..outputs)
                .map(|i| (whole(edge(i)).floor() as usize, whole(edge(i + 1)).ceil() as usize))
                .collect()
        };
        let spans: Vec<Vec<(usize, usize)>> = inner.iter().zip(&outputs).map(span).collect();
        let most = AdaptiveMaxPool { output_size: outputs.clone() };
        let average = AdaptiveAveragePool { output_size: outputs };
        assert_close(&value(most.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, greatest), 0.0);
        assert_close(&value(average.clone(), std::slice::from_ref(&x)), pooled(&x.data, &spans, mean), 1e-12);
        check(most, std::slice::from_ref(&x));
        check(average, &[x]);
    }
}
