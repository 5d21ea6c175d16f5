use std::fmt;

/// The `code` of a `FoveaError`, as users see it in TypeScript.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Code {
    ShapeMismatch,
    BadArgument,
    BadFile,
    Unsupported,
    NoDevice,
    OutOfMemory,
    NotBuilt,
    NotCompiled,
    Busy,
    Disposed,
    Aborted,
    NotFinite,
    Io,
    Internal,
}

impl Code {
    pub const fn name(self) -> &'static str {
        match self {
            Code::ShapeMismatch => "SHAPE_MISMATCH",
            Code::BadArgument => "BAD_ARGUMENT",
            Code::BadFile => "BAD_FILE",
            Code::Unsupported => "UNSUPPORTED",
            Code::NoDevice => "NO_DEVICE",
            Code::OutOfMemory => "OUT_OF_MEMORY",
            Code::NotBuilt => "NOT_BUILT",
            Code::NotCompiled => "NOT_COMPILED",
            Code::Busy => "BUSY",
            Code::Disposed => "DISPOSED",
            Code::Aborted => "ABORTED",
            Code::NotFinite => "NOT_FINITE",
            Code::Io => "IO",
            Code::Internal => "INTERNAL",
        }
    }
}

/// An error with a code and one sentence: what was wanted, what came, what to do.
#[derive(Clone, Debug)]
pub struct Error {
    pub code: Code,
    pub message: String,
    /// The node of the caller's graph it belongs to, if it arose in a plan: TypeScript maps it to
    /// a layer and to the user's line.
    pub node: Option<u32>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub fn new(code: Code, message: impl Into<String>) -> Error {
        Error { code, message: message.into(), node: None }
    }

    pub fn shape(message: impl Into<String>) -> Error {
        Error::new(Code::ShapeMismatch, message)
    }

    pub fn argument(message: impl Into<String>) -> Error {
        Error::new(Code::BadArgument, message)
    }

    pub fn unsupported(message: impl Into<String>) -> Error {
        Error::new(Code::Unsupported, message)
    }

    /// What training stops with.
    pub fn not_finite(loss: f32) -> Error {
        Error::new(Code::NotFinite, format!("the loss is {loss}"))
    }

    pub fn internal(message: impl Into<String>) -> Error {
        Error::new(Code::Internal, message)
    }

    pub fn at(mut self, node: u32) -> Error {
        self.node.get_or_insert(node);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.message)
    }
}

impl std::error::Error for Error {}
