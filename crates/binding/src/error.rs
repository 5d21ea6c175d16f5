use fovea_core::Error;
use napi::Status;

/// An error as TypeScript reads it: `CODE: sentence`, and ` @node` if it arose at a node.
pub fn js(error: Error) -> napi::Error {
    let node = error.node.map(|n| format!(" @{n}")).unwrap_or_default();
    napi::Error::new(Status::GenericFailure, format!("{}: {}{node}", error.code.name(), error.message))
}

/// A number of JavaScript that must be a whole number of 32 bits: Node would cut others to size.
pub fn whole(what: &str, n: f64) -> napi::Result<u32> {
    if n >= 0.0 && n.fract() == 0.0 && n <= f64::from(u32::MAX) {
        return Ok(n as u32);
    }
    let most = u32::MAX;
    Err(js(Error::argument(format!("{what} must be a whole number from 0 to {most}, received {n}"))))
}
