//! How dtypes lie in a GPU's memory: the one place that knows. WGSL's storage has 32-bit words only,
//! so 8-bit integers and booleans take a word each, and 64-bit integers two. A bfloat16 lies there as the
//! float32 of its value.

use fovea_core::{Bf16, DType};

/// The type of one element in a storage buffer.
pub fn storage(dtype: DType) -> &'static str {
    match dtype {
        DType::F32 | DType::Bf16 => "f32",
        DType::I32 | DType::I8 => "i32",
        DType::U32 | DType::U8 | DType::Bool => "u32",
        // The low word, then the high one.
        DType::I64 => "vec2<u32>",
    }
}

/// Bytes of one element there.
pub fn size(dtype: DType) -> usize {
    match dtype {
        DType::I64 => 8,
        _ => 4,
    }
}

/// From the host's bytes to the device's.
pub fn widen(dtype: DType, host: &[u8], device: &mut [u8]) {
    match dtype {
        DType::U8 | DType::Bool => {
            for (to, &from) in device.chunks_exact_mut(4).zip(host) {
                to.copy_from_slice(&u32::from(from).to_ne_bytes());
            }
        }
        DType::I8 => {
            for (to, &from) in device.chunks_exact_mut(4).zip(host) {
                to.copy_from_slice(&i32::from(from as i8).to_ne_bytes());
            }
        }
        DType::Bf16 => {
            for (to, &from) in device.chunks_exact_mut(4).zip(host.as_chunks::<2>().0) {
                to.copy_from_slice(&Bf16::from_bits(u16::from_ne_bytes(from)).to_f32().to_ne_bytes());
            }
        }
        DType::F32 | DType::I32 | DType::U32 | DType::I64 => device.copy_from_slice(host),
    }
}

/// From the device's bytes to the host's.
pub fn narrow(dtype: DType, device: &[u8], host: &mut [u8]) {
    match dtype {
        DType::U8 | DType::Bool | DType::I8 => {
            for (to, from) in host.iter_mut().zip(device.chunks_exact(4)) {
                // Words are little-endian on every device WGSL runs on; the value fits its low byte.
                *to = from[0];
            }
        }
        DType::Bf16 => {
            for (to, &from) in host.chunks_exact_mut(2).zip(device.as_chunks::<4>().0) {
                to.copy_from_slice(&Bf16::from_f32(f32::from_ne_bytes(from)).to_bits().to_ne_bytes());
            }
        }
        DType::F32 | DType::I32 | DType::U32 | DType::I64 => host.copy_from_slice(device),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_widened_comes_back() {
        let host: Vec<u8> = vec![0, 1, 127, 128, 200, 255, 3, 4];
        for dtype in DType::ALL {
            let elements = host.len() / dtype.size();
            let mut device = vec![0xAA; elements * size(dtype)];
            widen(dtype, &host, &mut device);
            let mut back = vec![0; host.len()];
            narrow(dtype, &device, &mut back);
            assert_eq!(back, host, "{dtype}");
        }
        let mut device = [0; 4];
        widen(DType::I8, &[0xFF], &mut device);
        assert_eq!(i32::from_ne_bytes(device), -1);
    }
}
