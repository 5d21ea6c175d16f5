//! Without detours: all three computations are the same register tile on pointers into the tensors
//! themselves, with no patch matrix and no padded copies (tiny first layers apart). Output positions
//! that see the same part of the kernel form a run; the taps that would read padding are left out
//! rather than multiplied by zero.

mod axis;
mod correlate;
mod cut;
mod depthwise;
mod forward;
mod input_grad;
mod kernel_grad;
mod kernel_rows;
mod pairs;
mod pixels;

pub use depthwise::DepthwiseKernelGrad;
pub use forward::Forward;
pub use input_grad::InputGrad;
pub use kernel_grad::KernelGrad;
