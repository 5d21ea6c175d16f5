//! The addon: what TypeScript calls. Converts, forwards, and turns errors into JavaScript's.

mod environment;
mod epoch;
mod error;
mod handles;
mod held;
mod plan;
mod source;
mod types;
