//! Both gradients of a convolution whose output goes to max pooling, from the gradient of the pooled values. Of a
//! window's outputs one alone has a gradient in each channel, its *winner*: of 2 × 2 outputs three quarters of the
//! products of a dense sum are with zeros. A winner stands at another output in
//! each channel, so that no tile of outputs and channels is left: vectors run along a row of the kernel, all
//! input channels of its taps, which lie one after another in an image with its padding, the *canvas*. For the
//! kernel, a channel's winners add what they see of the canvas to sums in registers; for the input, those that won at
//! one output add their weights, and the sums go to the canvas.

mod canvas;
mod input_grad;
mod kernel_grad;
mod lists;
mod sizes;

pub use input_grad::InputGrad;
pub use kernel_grad::KernelGrad;
pub use sizes::PooledShape;
