//! The addon: what TypeScript calls.

use napi_derive::napi;

/// The version of the addon, which is that of the package.
#[napi]
pub fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
