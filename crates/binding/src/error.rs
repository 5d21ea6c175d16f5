use fovea_core::Error;
use napi::Status;

/// An error as TypeScript reads it: `CODE: sentence`, and ` @node` if it arose at a node.
pub fn js(error: Error) -> napi::Error {
    let node = error.node.map(|n| format!(" @{n}")).unwrap_or_default();
    napi::Error::new(Status::GenericFailure, format!("{}: {}{node}", error.code.name(), error.message))
}
