//! Trees whose operands are lines, and what they sum.

use super::*;

/// The iteration shape; the last side is that of a line.
const SHAPES: [&[usize]; 13] = [
    &[1, 9],
    &[2, 9],
    &[3, 1, 5],
    &[20_000, 3],
    &[90_000, 1],
    &[30_001, 32],
    &[2, 700, 24],
    &[90, 37, 144],
    &[5, 300],
    &[77, 1000],
    &[393, 2048],
    &[37, 4097],
    &[0, 5],
];

/// x · w + v.
struct Scale;
impl OpN<f32, f32, 1, 0, 2> for Scale {
    #[inline(always)]
    fn f([x]: [f32; 1], []: [u8; 0], [w, v]: [f32; 2], _: Veil) -> f32 {
        x * w + v
    }
}

/// x and y · (x − w).
struct Products;
impl OpN<f32, [f32; PAIR], 2, 0, 1> for Products {
    #[inline(always)]
    fn f([x, y]: [f32; 2], []: [u8; 0], [w]: [f32; 1], _: Veil) -> [f32; PAIR] {
        [x, y * (x - w)]
    }
}

/// The operands of `count` elements for each place, then lines.
struct Data {
    loads: Vec<Load>,
    values: Vec<Vec<f32>>,
}

impl Data {
    fn new(shape: &[usize], whole: usize, lines: usize, dice: &mut Dice) -> Data {
        let order: Vec<usize> = (0..shape.len()).collect();
        let all = vec![true; shape.len()];
        let last: Vec<bool> = order.iter().map(|&d| d + 1 == shape.len()).collect();
        let kept = std::iter::repeat_n(&all, whole).chain(std::iter::repeat_n(&last, lines));
        let loads: Vec<Load> = kept.map(|kept| load(shape, kept, &order)).collect();
        let values = loads.iter().map(|load| dice.floats(elements(load, shape))).collect();
        Data { loads, values }
    }

    fn value(&self, operand: usize, shape: &[usize], i: usize) -> f32 {
        self.values[operand][at(&self.loads[operand], shape, i)]
    }

    /// What the map makes of them, results and totals of these lengths.
    fn run(&self, map: &Map, lengths: &[usize], seed: u64) -> Vec<Vec<f32>> {
        let mut operands: Vec<Guarded<f32>> = self.values.iter().map(|values| Guarded::of(values)).collect();
        let inputs: Vec<*const u8> = operands.iter_mut().map(|o| o.ptr().cast_const()).collect();
        let mut results: Vec<Guarded<f32>> = lengths.iter().map(|&n| Guarded::new(n)).collect();
        let outputs: Vec<*mut u8> = results.iter_mut().map(Guarded::ptr).collect();
        drive(map.phases(), map.temp(), seed, |phase, chunk, temp, scratch| {
            // SAFETY: the buffers were made for this program.
            unsafe { map.run(phase, chunk, &inputs, &outputs, temp, scratch) }
        });
        results.iter_mut().map(Guarded::get).collect()
    }
}

#[test]
fn lines_begin_anew_at_each_place_of_the_other_sides() {
    let mut dice = Dice(11);
    for shape in SHAPES {
        // One of the operands of a line may be as long as the result, and then none is read as a line.
        for whole in [1, 2] {
            let data = Data::new(shape, whole, 3 - whole, &mut dice);
            let n: usize = shape.iter().product();
            for isa in isas() {
                let f = tree::<Scale, f32, f32, 1, 0, 2>(isa);
                let program = MapProgram {
                    shape: shape.to_vec(),
                    loads: data.loads.clone(),
                    constants: vec![],
                    steps: vec![Step { f, args: vec![0, 1, 2], out: 3, dtype: DType::F32 }],
                    stores: vec![Store { reg: 3, dtype: DType::F32 }],
                    totals: vec![],
                    sums: vec![],
                };
                let map = Map::new(isa, program);
                for (i, y) in data.run(&map, &[n], 3)[0].iter().enumerate() {
                    let [x, w, v] = [0, 1, 2].map(|operand| data.value(operand, shape, i));
                    assert_eq!(y.to_bits(), (x * w + v).to_bits(), "{isa:?} {shape:?} {whole}, {i}");
                }
            }
        }
    }
}

#[test]
fn sums_of_one_loop_agree_with_f64() {
    let mut dice = Dice(12);
    for shape in SHAPES {
        let data = Data::new(shape, 2, 1, &mut dice);
        let (n, kept) = (shape.iter().product::<usize>(), shape.last().copied().unwrap_or(1));
        let values = |i: usize| [0, 1, 2].map(|operand| f64::from(data.value(operand, shape, i)));
        let first: Vec<f64> = (0..n).map(|i| values(i)[0]).collect();
        let second: Vec<f64> = (0..n).map(values).map(|[x, y, w]| y * (x - w)).collect();
        for isa in isas() {
            let f = sums::<Products, f32, 2, 1>(isa);
            let total = |mean| Total { reg: None, dtype: DType::F32, kept, mean };
            let program = MapProgram {
                shape: shape.to_vec(),
                loads: data.loads.clone(),
                constants: vec![],
                steps: vec![],
                stores: vec![],
                totals: vec![total(true), total(false)],
                sums: vec![Sums { f, args: vec![0, 1, 2], lines: 2, totals: [1, 0] }],
            };
            let map = Map::new(isa, program);
            let got = data.run(&map, &[kept, kept], 4);
            let again = data.run(&map, &[kept, kept], 5);
            let bits = |all: &[Vec<f32>]| all.concat().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&got), bits(&again), "the order of chunks shows, {shape:?}");
            let what = format!("{isa:?} {shape:?}");
            totals::check(&what, &got[1], &first, false);
            totals::check(&what, &got[0], &second, true);
        }
    }
}
