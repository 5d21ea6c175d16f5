//! What made a loss not finite, in the words of every device.

use fovea_core::Error;
use fovea_graph::graph::LeafKind;
use fovea_graph::lower::Phase;

/// The first value of a run that was not finite.
#[derive(Clone, Copy)]
pub(crate) enum Culprit {
    /// What leaf `index` was given.
    Leaf { index: usize, kind: LeafKind },
    /// The result of a phase, which belongs to node `origin`.
    Result { phase: &'static str, origin: u32 },
}

impl Culprit {
    pub fn result<W>(phase: &Phase<W>) -> Culprit {
        Culprit::Result { phase: phase.name, origin: phase.origin }
    }

    /// The error that says what the loss is, and where that began.
    pub fn blamed(self, error: Error) -> Error {
        let (why, node) = match self {
            Culprit::Leaf { index, kind } => {
                let what = match kind {
                    LeafKind::Input => "input",
                    LeafKind::Variable => "variable",
                };
                (format!("{what} {index} holds values that are not finite"), error.node)
            }
            Culprit::Result { phase, origin } => {
                (format!("the result of {phase} is the first that is not finite"), Some(origin))
            }
        };
        Error { message: format!("{}: {why}", error.message), node, ..error }
    }
}
