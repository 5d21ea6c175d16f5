use super::{Padding, PaddingRule, Window};

/// Padding before and after one axis, by the formula of TensorFlow's documentation.
fn pads(w: &Window, axis: usize, side: usize) -> [usize; 2] {
    match w.padding {
        Padding::Explicit(pads) => pads[axis],
        Padding::Rule(PaddingRule::Valid) => [0, 0],
        Padding::Rule(PaddingRule::Same) => {
            let (stride, extent) = (w.strides[axis], (w.size[axis] - 1) * w.dilation[axis] + 1);
            let rest = if side.is_multiple_of(stride) { stride } else { side % stride };
            let total = extent.saturating_sub(rest);
            [total / 2, total - total / 2]
        }
    }
}

/// Height and width of the output: steps the window along until it leaves the padded input.
pub(crate) fn output_sides(w: &Window, input: [usize; 2]) -> [usize; 2] {
    [0, 1].map(|axis| {
        let [before, after] = pads(w, axis, input[axis]);
        let extent = (w.size[axis] - 1) * w.dilation[axis] + 1;
        (0..).take_while(|i| i * w.strides[axis] + extent <= before + input[axis] + after).count()
    })
}

/// One element under a window: positions are (height, width).
#[derive(Clone, Copy)]
pub(crate) struct Tap {
    pub out: [usize; 2],
    pub within: [usize; 2],
    pub input: [usize; 2],
}

/// Every element of the input under every window, windows in order; padding is left out.
pub(crate) fn taps(w: &Window, input: [usize; 2]) -> Vec<Tap> {
    let [oh, ow] = output_sides(w, input);
    let mut taps = Vec::new();
    for (oy, ox) in (0..oh).flat_map(|y| (0..ow).map(move |x| (y, x))) {
        for (ky, kx) in (0..w.size[0]).flat_map(|y| (0..w.size[1]).map(move |x| (y, x))) {
            let y = (oy * w.strides[0] + ky * w.dilation[0]).checked_sub(pads(w, 0, input[0])[0]);
            let x = (ox * w.strides[1] + kx * w.dilation[1]).checked_sub(pads(w, 1, input[1])[0]);
            if let (Some(y), Some(x)) = (y.filter(|&y| y < input[0]), x.filter(|&x| x < input[1])) {
                taps.push(Tap { out: [oy, ox], within: [ky, kx], input: [y, x] });
            }
        }
    }
    taps
}

/// Worked by hand from the notes on padding conventions of `tf.nn`.
#[test]
fn same_padding_is_tensorflows() {
    // side, window, stride, dilation → windows, padding before, padding after
    for (side, size, stride, dilation, out, before, after) in [
        (28, 3, 1, 1, 28, 1, 1),
        (28, 3, 2, 1, 14, 0, 1),
        (224, 7, 2, 1, 112, 2, 3),
        (5, 2, 2, 1, 3, 0, 1),
        (6, 4, 1, 1, 6, 1, 2),
        (7, 3, 1, 2, 7, 2, 2),
        (3, 1, 2, 1, 2, 0, 0),
    ] {
        let w =
            Window { size: [size; 2], strides: [stride; 2], dilation: [dilation; 2], padding: Padding::SAME };
        assert_eq!(w.outputs("same", [Some(side); 2]).expect("the window fits"), [Some(out); 2]);
        assert_eq!(w.before([side; 2]), [before; 2]);
        assert_eq!(pads(&w, 0, side), [before, after]);
        assert_eq!(output_sides(&w, [side; 2]), [out; 2]);
    }
}

#[test]
fn unknown_sides_stay_unknown() {
    let w = Window { size: [3; 2], strides: [2; 2], dilation: [1; 2], padding: Padding::SAME };
    assert_eq!(w.outputs("same", [None, Some(5)]).expect("the window fits"), [None, Some(3)]);
}

#[test]
fn what_does_not_fit_is_said() {
    let w = Window { size: [5, 3], strides: [1; 2], dilation: [2, 1], padding: Padding::VALID };
    let error = w.outputs("conv2d", [Some(8), Some(8)]).expect_err("9 rows do not fit into 8");
    assert_eq!(
        error.message,
        "conv2d: a window of 5×3 with dilation [2, 1] does not fit into an input of 8×8 with padding \"valid\""
    );
}

#[test]
fn padding_in_json() {
    for (json, padding) in [
        ("\"same\"", Padding::SAME),
        ("\"valid\"", Padding::VALID),
        ("[[1,0],[2,3]]", Padding::Explicit([[1, 0], [2, 3]])),
    ] {
        assert_eq!(serde_json::from_str::<Padding>(json).expect("it is a padding"), padding);
        assert_eq!(serde_json::to_string(&padding).expect("it can be written"), json);
    }
    assert!(serde_json::from_str::<Padding>("\"full\"").is_err());
}
