use super::tiling::{SIDE, Tiling};
use super::*;

fn product(m: usize, n: usize, k: usize) -> Product {
    let load = || Load { order: Order::Sum, side: String::new(), value: String::new() };
    Product {
        m,
        n,
        k,
        batch: 1,
        a: load(),
        b: load(),
        place: "0u".into(),
        channels: n,
        epilogue: Epilogue::default(),
    }
}

#[test]
fn tiles_and_parts_cover_the_product() {
    for (m, n, k) in [(1, 1, 1), (37, 50, 70), (128, 10, 1600), (9, 32, 86_528), (4096, 4096, 4096)] {
        let t = Tiling::of(&product(m, n, k));
        let covers = |axis: usize, side| {
            let tile = SIDE * t.per[axis];
            t.tiles[axis] * tile >= side && (t.tiles[axis] - 1) * tile < side
        };
        assert!(covers(0, m) && covers(1, n), "{m} × {n}: {t:?}");
        assert!(t.parts * t.part >= k && (t.parts - 1) * t.part < k, "{k}: {t:?}");
        assert!(t.part.is_multiple_of(SIDE), "{t:?}");
    }
}

#[test]
fn long_sums_of_few_elements_are_cut() {
    assert_eq!(Tiling::of(&product(1024, 1024, 64)).parts, 1);
    assert_eq!(Tiling::of(&product(2048, 2048, 4096)).parts, 1);
    assert!(Tiling::of(&product(9, 32, 86_528)).parts > 8);
}
