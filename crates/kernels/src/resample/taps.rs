//! Which elements of a line make each element of a longer or shorter one, and with what weight.
//!
//! Places and weights are computed in `f32` and in TensorFlow's order, so that a pixel between two
//! others falls to the same side.

/// How a line is resampled.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Filter {
    /// The element that lies there.
    Nearest,
    /// A line between the two neighbours.
    Bilinear,
    /// Keys' cubic through four neighbours, a = -1/2.
    Bicubic,
    /// A windowed sinc over three neighbours on each side.
    Lanczos3,
    /// A windowed sinc over five neighbours on each side.
    Lanczos5,
}

/// For each element of a line, the elements of another one and their weights.
#[derive(Clone, PartialEq, Debug)]
pub struct Taps {
    /// Where the elements of each begin; one more than there are.
    starts: Vec<usize>,
    taps: Vec<(usize, f32)>,
}

impl Taps {
    /// What makes `to` elements of `from`, of which there is at least one. With `antialias` a filter
    /// that shrinks widens with the distance of the results.
    pub fn new(filter: Filter, antialias: bool, from: usize, to: usize) -> Taps {
        let line = |place: usize| match filter {
            Filter::Nearest => vec![(nearest(from, to, place), 1.0)],
            Filter::Bilinear if !antialias => bilinear(from, to, place),
            Filter::Bicubic if !antialias => bicubic(from, to, place),
            _ => windowed(filter, antialias, from, to, place),
        };
        Taps::collect((0..to).map(line))
    }

    /// What leads back: for each of the `from` elements, where it went.
    pub fn transposed(&self, from: usize) -> Taps {
        let mut back = vec![Vec::new(); from];
        for to in 0..self.len() {
            for &(i, weight) in self.of(to) {
                back[i].push((to, weight));
            }
        }
        Taps::collect(back.into_iter())
    }

    /// How many elements they make.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether they make none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The elements and weights of one result.
    pub fn of(&self, i: usize) -> &[(usize, f32)] {
        &self.taps[self.starts[i]..self.starts[i + 1]]
    }

    fn collect(lines: impl Iterator<Item = Vec<(usize, f32)>>) -> Taps {
        let (mut starts, mut taps) = (vec![0], Vec::new());
        for line in lines {
            taps.extend(line.into_iter().filter(|&(_, weight)| weight != 0.0));
            starts.push(taps.len());
        }
        Taps { starts, taps }
    }
}

fn scale(from: usize, to: usize) -> f32 {
    from as f32 / to as f32
}

fn nearest(from: usize, to: usize, place: usize) -> usize {
    (((place as f32 + 0.5) * scale(from, to)) as usize).min(from - 1)
}

fn bilinear(from: usize, to: usize, place: usize) -> Vec<(usize, f32)> {
    let at = (place as f32 + 0.5) * scale(from, to) - 0.5;
    let part = at - at.floor();
    let low = at.floor().max(0.0) as usize;
    let high = (at.ceil().max(0.0) as usize).min(from - 1);
    if low == high { vec![(low, 1.0)] } else { vec![(low, 1.0 - part), (high, part)] }
}

/// Weights are those at multiples of 1/1024, as in TensorFlow; what lies outside has none.
fn bicubic(from: usize, to: usize, place: usize) -> Vec<(usize, f32)> {
    const STEPS: f32 = 1024.0;
    let at = (place as f32 + 0.5) * scale(from, to) - 0.5;
    let part = ((at - at.floor()) * STEPS).round_ties_even() / STEPS;
    let taps =
        [1.0 + part, part, 1.0 - part, 2.0 - part].into_iter().enumerate().filter_map(|(k, distance)| {
            let i = at.floor() as i64 - 1 + k as i64;
            (0..from as i64).contains(&i).then(|| (i as usize, table(distance)))
        });
    normalized(taps.collect())
}

/// Keys' cubic in the form that TensorFlow's table is made with.
fn table(x: f32) -> f32 {
    const A: f32 = -0.5;
    if x <= 1.0 {
        ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0
    } else {
        ((A * x - 5.0 * A) * x + 8.0 * A) * x - 4.0 * A
    }
}

fn windowed(filter: Filter, antialias: bool, from: usize, to: usize, place: usize) -> Vec<(usize, f32)> {
    // The distance of the results is the reciprocal of the scale, not the quotient itself.
    let step = 1.0 / (to as f32 / from as f32);
    let width = if antialias { step.max(1.0) } else { 1.0 };
    let at = (place as f32 + 0.5) * step;
    let reach = radius(filter) * width;
    let last = from as f32 - 1.0;
    let first = (at - reach - 0.5).ceil().clamp(0.0, last) as usize;
    let end = (at + reach - 0.5).floor().clamp(0.0, last) as usize;
    let weight = |i: usize| kernel(filter, ((i as f32 + 0.5 - at) * (1.0 / width)).abs());
    normalized((first..=end).map(|i| (i, weight(i))).collect())
}

/// Weights that sum to 1.
fn normalized(taps: Vec<(usize, f32)>) -> Vec<(usize, f32)> {
    let sum: f32 = taps.iter().map(|&(_, weight)| weight).sum();
    taps.into_iter().map(|(i, weight)| (i, weight * (1.0 / sum))).collect()
}

fn radius(filter: Filter) -> f32 {
    match filter {
        Filter::Nearest => 0.5,
        Filter::Bilinear => 1.0,
        Filter::Bicubic => 2.0,
        Filter::Lanczos3 => 3.0,
        Filter::Lanczos5 => 5.0,
    }
}

fn kernel(filter: Filter, x: f32) -> f32 {
    match filter {
        Filter::Nearest => 1.0,
        Filter::Bilinear => (1.0 - x).max(0.0),
        Filter::Bicubic => match x {
            x if x >= 2.0 => 0.0,
            x if x >= 1.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            _ => ((1.5 * x - 2.5) * x) * x + 1.0,
        },
        Filter::Lanczos3 | Filter::Lanczos5 => {
            let r = f64::from(radius(filter));
            let x = f64::from(x);
            let angle = std::f64::consts::PI * x;
            match x {
                x if x > r => 0.0,
                x if x <= 1e-3 => 1.0,
                _ => (r * sin(angle) * sin(angle / r) / (angle * angle)) as f32,
            }
        }
    }
}

/// The sine of a number that is not large, the same on every machine: libm's differs.
fn sin(x: f64) -> f64 {
    let turns = (x / std::f64::consts::PI).round();
    let x = x - turns * std::f64::consts::PI;
    let mut term = x;
    let mut sum = x;
    for k in 1..12 {
        let k = f64::from(2 * k);
        term *= -x * x / (k * (k + 1.0));
        sum += term;
    }
    if turns % 2.0 == 0.0 { sum } else { -sum }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_sum_to_one_and_lead_back() {
        for filter in [Filter::Nearest, Filter::Bilinear, Filter::Bicubic, Filter::Lanczos3, Filter::Lanczos5]
        {
            for (from, to, antialias) in
                [(7, 3, false), (7, 3, true), (3, 8, false), (5, 5, true), (1, 4, false)]
            {
                let taps = Taps::new(filter, antialias, from, to);
                let back = taps.transposed(from);
                assert_eq!((taps.len(), back.len()), (to, from));
                for i in 0..to {
                    let sum: f32 = taps.of(i).iter().map(|&(_, weight)| weight).sum();
                    assert!((sum - 1.0).abs() < 1e-6, "{filter:?} {from} to {to}: {sum}");
                    assert!(taps.of(i).iter().all(|&(from, weight)| back.of(from).contains(&(i, weight))));
                }
            }
        }
    }

    #[test]
    fn sine() {
        for i in 0..400 {
            let x = f64::from(i) * 0.05;
            assert!((sin(x) - x.sin()).abs() < 1e-14, "{x}");
        }
    }
}
