//! The addon: what TypeScript calls. Converts, forwards, and turns errors into JavaScript's.

// Under test napi registers nothing, so nothing seems to be used.
#![cfg_attr(test, allow(dead_code))]

mod device;
mod environment;
mod epoch;
mod error;
mod handles;
mod held;
mod operands;
mod plan;
mod source;
mod types;
