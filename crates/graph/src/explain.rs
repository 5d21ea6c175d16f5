//! `FOVEA_EXPLAIN=1`: as plans for the CPU are compiled, how their convolutions, products and poolings are computed,
//! and what each elementwise pass reads and writes.

use fovea_kernels::isa::Isa;
use fovea_kernels::routine::{Float, Floats, Routine, Sizes, Tile};
use std::collections::HashSet;
use std::fmt::Display;
use std::io::Write;
use std::sync::{LazyLock, Mutex, PoisonError};

/// What an op knows of a routine that it planned.
#[derive(Clone, Copy)]
pub(crate) struct Explanation<'a> {
    pub op: &'static str,
    /// What the choice was made from.
    pub sizes: &'a dyn Sizes,
    pub floats: Floats,
    /// What was chosen, and why.
    pub how: &'a dyn Display,
}

impl Explanation<'_> {
    /// With what the routine itself knows: its tile, and the chunks of its phases.
    pub fn line(&self, isa: Isa, routine: &dyn Routine) -> String {
        let Explanation { op, sizes, floats, how } = self;
        let floats = match (floats.inputs, floats.output) {
            (Float::F32, _) => "",
            (Float::Bf16, Float::Bf16) => " of bfloat16",
            (Float::Bf16, Float::F32) => " of bfloat16 to float32",
        };
        let Tile { vectors, rows } = routine.tile();
        let chunks: Vec<String> = routine.phases().iter().map(|phase| phase.chunks.to_string()).collect();
        let (isa, chunks) = (isa.name(), chunks.join(" + "));
        format!(
            "{op}{floats} {sizes}: {how}; {isa} tile {vectors} × {rows} (vectors × rows); chunks {chunks}"
        )
    }
}

/// Writes a line to stderr if the environment asks for it, unless this process wrote it before.
pub(crate) fn say(line: impl FnOnce() -> String) {
    static SAID: LazyLock<Option<Mutex<HashSet<String>>>> = LazyLock::new(|| {
        let wanted = std::env::var_os("FOVEA_EXPLAIN").is_some_and(|value| value == "1");
        wanted.then(Mutex::default)
    });
    let Some(said) = &*SAID else { return };
    let line = format!("fovea: {}\n", line());
    let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
    if !said.contains(&line) {
        // That nobody listens is no reason to fail.
        let _ = std::io::stderr().write_all(line.as_bytes());
        said.insert(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fovea_kernels::routine::{Operands, PhaseSpec};

    struct Matrix;

    impl Display for Matrix {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("[1, 2]")
        }
    }

    impl Sizes for Matrix {
        fn work(&self) -> f64 {
            4.0
        }
    }

    struct Planned([PhaseSpec; 2]);

    impl Routine for Planned {
        fn phases(&self) -> &[PhaseSpec] {
            &self.0
        }

        fn temp(&self) -> usize {
            0
        }

        fn tile(&self) -> Tile {
            Tile { vectors: 2, rows: 12 }
        }

        unsafe fn run(&self, _: usize, _: usize, _: &Operands) {}
    }

    #[test]
    fn a_line_has_the_op_its_sizes_the_choice_and_what_the_routine_planned() {
        let phases = [4, 28].map(|chunks| PhaseSpec { chunks, scratch: 0, cost: 1.0 });
        let explanation = Explanation {
            op: "conv2d",
            sizes: &Matrix,
            floats: Floats::F32,
            how: &"direct (cycles: direct 1.00e3)",
        };
        let narrow = Floats { inputs: Float::Bf16, output: Float::F32 };
        let line = Explanation { floats: narrow, ..explanation }.line(Isa::Portable, &Planned(phases));
        assert!(line.starts_with("conv2d of bfloat16 to float32 [1, 2]: direct"), "{line}");
        assert_eq!(
            explanation.line(Isa::Portable, &Planned(phases)),
            "conv2d [1, 2]: direct (cycles: direct 1.00e3); portable tile 2 × 12 (vectors × rows); chunks 4 + 28"
        );
    }
}
