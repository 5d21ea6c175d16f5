//! What the tests share.

#![allow(dead_code, reason = "each test file uses its part")]

use fovea_gpu::{Device, Memory, Pipeline, Range};

/// Adds 1 to every float of `x`, which has `n`.
pub fn increment(n: usize) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
         @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid: vec3<u32>) {{
             if (gid.x >= {n}u) {{ return; }}
             x[gid.x] = x[gid.x] + 1.0;
         }}"
    )
}

/// `y = 2x + 1` for `n` floats.
pub fn affine(n: usize) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read_write> x: array<f32>;
         @group(0) @binding(1) var<storage, read_write> y: array<f32>;
         @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid: vec3<u32>) {{
             if (gid.x >= {n}u) {{ return; }}
             y[gid.x] = 2.0 * x[gid.x] + 1.0;
         }}"
    )
}

/// Works for as long as one likes: every invocation takes `steps` steps.
pub fn slow(steps: u32) -> String {
    format!(
        "@group(0) @binding(0) var<storage, read_write> x: array<u32>;
         @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid: vec3<u32>) {{
             var v = gid.x;
             for (var i = 0u; i < {steps}u; i++) {{ v = v * 1664525u + 1013904223u; }}
             x[gid.x % 64u] = v;
         }}"
    )
}

/// The whole of a memory.
pub fn whole(memory: &Memory) -> Range<'_> {
    Range { memory, offset: 0, bytes: memory.bytes() }
}

/// Binds and runs a shader once on whole memories.
pub fn run(device: &Device, pipeline: &Pipeline, memories: &[&Memory], workgroups: [u32; 3]) {
    let ranges: Vec<Range<'_>> = memories.iter().map(|memory| whole(memory)).collect();
    let bind = device.bind(pipeline, &ranges).unwrap();
    let mut stream = device.stream();
    stream.run(pipeline, &bind, workgroups);
    stream.submit().unwrap().wait().unwrap();
}

/// A memory that holds floats.
pub fn floats(device: &Device, values: &[f32]) -> Memory {
    let memory = device.memory(values.len() * 4).unwrap();
    let mut stream = device.stream();
    stream.upload(&memory, 0, &bytes(values)).unwrap();
    stream.submit().unwrap();
    memory
}

/// The floats of a memory.
pub fn read(device: &Device, memory: &Memory) -> Vec<f32> {
    let mut into = vec![0; memory.bytes()];
    device.read(memory, 0, &mut into).unwrap();
    of_bytes(&into)
}

pub fn bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_ne_bytes()).collect()
}

pub fn of_bytes(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|word| f32::from_ne_bytes(word.try_into().unwrap())).collect()
}
