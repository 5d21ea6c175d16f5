//! Max and average pooling of images in NHWC, and their gradients.

mod average;
mod max;
mod shape;

#[cfg(test)]
mod tests;

pub use average::{AvgPool, AvgPoolGrad};
pub use max::{MaxPool, MaxPoolGrad};
pub use shape::PoolShape;
