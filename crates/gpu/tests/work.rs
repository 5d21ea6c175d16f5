//! Work on the GPU: what is uploaded, computed and copied comes back right, and nothing is allocated once
//! a loop runs.

mod common;

use common::{affine, bytes, floats, increment, of_bytes, read, run, whole};
use fovea_gpu::testing::device;
use fovea_gpu::{Range, adapters};

#[test]
fn adapters_are_sorted_and_a_device_is_one_of_them() {
    let all = adapters();
    assert!(all.is_sorted_by_key(|info| info.kind));
    let Some(device) = device() else { return };
    assert_eq!(device.info(), &all[0]);
    let limits = device.limits();
    assert!(limits.align >= 4 && limits.align.is_power_of_two());
    assert!(limits.bindings >= 8 && limits.workgroups >= 65_535 && limits.invocations >= 256);
    assert!(limits.workgroup_bytes >= 16 << 10 && limits.binding_bytes >= 128 << 20);
    assert!(limits.buffer_bytes >= limits.binding_bytes.min(256 << 20));
}

#[test]
fn what_is_uploaded_and_computed_is_downloaded() {
    let Some(device) = device() else { return };
    let n = 1000;
    let x: Vec<f32> = (0..n).map(|i| i as f32).collect();
    let (a, b) = (device.memory(n * 4).unwrap(), device.memory(n * 4).unwrap());
    let pipeline = device.pipeline(&affine(n), 2, "affine").unwrap();
    let there = device.bind(&pipeline, &[whole(&a), whole(&b)]).unwrap();
    let back = device.bind(&pipeline, &[whole(&b), whole(&a)]).unwrap();
    let mut stream = device.stream();
    stream.upload(&a, 0, &bytes(&x)).unwrap();
    let groups = [n.div_ceil(64) as u32, 1, 1];
    stream.run(&pipeline, &there, groups);
    stream.run(&pipeline, &back, groups);
    let once = stream.download(&b, 0, n * 4).unwrap();
    // An upload between runs comes between them.
    stream.upload(&b, 4, &bytes(&[7.0])).unwrap();
    stream.run(&pipeline, &there, [0, 1, 1]);
    let twice = stream.download(&a, 40, 8).unwrap();
    let nothing = stream.download(&a, 0, 0).unwrap();
    let ticket = stream.submit().unwrap();
    let expected: Vec<f32> = x.iter().map(|x| 2.0 * x + 1.0).collect();
    assert_eq!(of_bytes(&once.get(&ticket).unwrap()), expected);
    let mut two = [0; 8];
    twice.get_into(&ticket, &mut two).unwrap();
    assert_eq!(of_bytes(&two), [43.0, 47.0]);
    assert!(nothing.get(&ticket).unwrap().is_empty());
    assert!(ticket.done());
    assert_eq!(read(&device, &b)[..3], [1.0, 7.0, 5.0]);
}

#[test]
fn ranges_of_one_arena_are_bound_together() {
    let Some(device) = device() else { return };
    let align = device.limits().align;
    let n = 100;
    let at = (n * 4_usize).next_multiple_of(align);
    let arena = device.memory(at + n * 4).unwrap();
    let pipeline = device.pipeline(&affine(n), 2, "affine").unwrap();
    let (low, high) = (
        Range { memory: &arena, offset: 0, bytes: n * 4 },
        Range { memory: &arena, offset: at, bytes: n * 4 },
    );
    let up = device.bind(&pipeline, &[low, high]).unwrap();
    let down = device.bind(&pipeline, &[high, low]).unwrap();
    let mut stream = device.stream();
    stream.upload(&arena, 0, &bytes(&vec![3.0; n])).unwrap();
    for _ in 0..3 {
        stream.run(&pipeline, &up, [2, 1, 1]);
        stream.run(&pipeline, &down, [2, 1, 1]);
    }
    let download = stream.download(&arena, 0, n * 4).unwrap();
    let got = of_bytes(&download.get(&stream.submit().unwrap()).unwrap());
    assert_eq!(got, vec![255.0; n]);
}

#[test]
fn a_grid_has_two_axes() {
    let Some(device) = device() else { return };
    let (rows, columns) = (5, 640);
    let text = format!(
        "@group(0) @binding(0) var<storage, read_write> x: array<u32>;
         @compute @workgroup_size(64) fn main(@builtin(global_invocation_id) gid: vec3<u32>) {{
             x[gid.y * {columns}u + gid.x] = gid.y * 1000u + gid.x;
         }}"
    );
    let pipeline = device.pipeline(&text, 1, "grid").unwrap();
    let memory = device.memory(rows * columns * 4).unwrap();
    run(&device, &pipeline, &[&memory], [(columns / 64) as u32, rows as u32, 1]);
    let mut got = vec![0; memory.bytes()];
    device.read(&memory, 0, &mut got).unwrap();
    for (i, word) in got.chunks_exact(4).enumerate() {
        let expected = (i / columns * 1000 + i % columns) as u32;
        assert_eq!(word, expected.to_ne_bytes(), "{i}");
    }
}

#[test]
fn a_text_is_compiled_once() {
    let Some(device) = device() else { return };
    let one = device.pipeline(&increment(64), 1, "one").unwrap();
    let two = device.pipeline(&increment(64), 1, "two").unwrap();
    assert!(one.same(&two));
    assert_eq!(device.pipelines(), 1);
    assert!(!one.same(&device.pipeline(&increment(65), 1, "three").unwrap()));
    assert_eq!(device.pipelines(), 2);
}

#[test]
fn copies_go_between_memories_and_within_one() {
    let Some(device) = device() else { return };
    let a = floats(&device, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    let b = floats(&device, &[9.0; 6]);
    let mut stream = device.stream();
    stream.copy(&a, 4, &b, 8, 12);
    stream.copy(&a, 0, &a, 4, 16);
    stream.copy(&a, 0, &a, 0, 24);
    stream.copy(&a, 24, &b, 24, 0);
    stream.submit().unwrap();
    assert_eq!(read(&device, &b), [9.0, 9.0, 1.0, 2.0, 3.0, 9.0]);
    assert_eq!(read(&device, &a), [0.0, 0.0, 1.0, 2.0, 3.0, 5.0]);
}

#[test]
fn long_uploads_and_reads_go_in_parts() {
    let Some(device) = device() else { return };
    let n = (70 << 20) / 4;
    let x: Vec<f32> = (0..n).map(|i| (i % 8191) as f32).collect();
    let memory = floats(&device, &x);
    assert!(read(&device, &memory) == x);
}

#[test]
fn freed_memory_is_used_again_but_not_under_an_open_stream() {
    let Some(device) = device() else { return };
    let first = device.memory(1000).unwrap();
    let id = first.id();
    let shared = first.clone();
    drop(first);
    assert_ne!(device.memory(1000).unwrap().id(), id, "a clone holds it");
    device.trim();
    drop(shared);
    assert_eq!(device.memory(1001).unwrap().id(), id, "the same class, the same number");

    let memory = floats(&device, &[1.0; 250]);
    assert_eq!(memory.id(), id);
    let pipeline = device.pipeline(&increment(250), 1, "increment").unwrap();
    let bind = device.bind(&pipeline, &[whole(&memory)]).unwrap();
    let mut early = device.stream();
    early.run(&pipeline, &bind, [4, 1, 1]);
    let download = early.download(&memory, 0, 1000).unwrap();
    drop(memory);
    let other = floats(&device, &[5.0; 250]);
    assert_ne!(other.id(), id, "the open stream names it");
    let got = download.get(&early.submit().unwrap()).unwrap();
    assert_eq!(of_bytes(&got), vec![2.0; 250]);
    assert_eq!(device.memory(1000).unwrap().id(), id);

    // What a stream names does not go back to the driver before it is submitted; then it does, though the
    // bind is still there, and the bind is of no use.
    let memory = device.memory(1000).unwrap();
    let mut stream = device.stream();
    stream.run(&pipeline, &bind, [4, 1, 1]);
    drop((memory, other));
    device.trim();
    assert_eq!(device.live().buffers, 2);
    stream.submit().unwrap();
    device.trim();
    assert_eq!(device.live().buffers, 0);
    let mut stream = device.stream();
    stream.run(&pipeline, &bind, [4, 1, 1]);
    assert_eq!(stream.submit().unwrap_err().code, fovea_core::Code::Internal);
    assert_eq!(read(&device, &floats(&device, &[3.0])), [3.0]);
}

#[test]
fn a_steady_state_allocates_nothing() {
    let Some(device) = device() else { return };
    let n = 10_000;
    let pipeline = device.pipeline(&affine(n), 2, "affine").unwrap();
    let mut before = device.live();
    for round in 0..100 {
        let (x, y) = (device.memory(n * 4).unwrap(), device.memory(n * 4).unwrap());
        let bind = device.bind(&pipeline, &[whole(&x), whole(&y)]).unwrap();
        let mut stream = device.stream();
        stream.upload(&x, 0, &bytes(&vec![round as f32; n])).unwrap();
        stream.run(&pipeline, &bind, [n.div_ceil(64) as u32, 1, 1]);
        stream.copy(&y, 0, &y, 4, 4);
        let download = stream.download(&y, 0, 8).unwrap();
        let got = download.get(&stream.submit().unwrap()).unwrap();
        assert_eq!(of_bytes(&got), [2.0 * round as f32 + 1.0; 2]);
        drop((x, y));
        if round == 2 {
            before = device.live();
        }
    }
    assert_eq!(device.live(), before);
    assert!(before.buffers > 0 && before.idle > 0);
    device.trim();
    assert_eq!(device.live().buffers, 0);
}

#[test]
fn other_threads_read_and_work() {
    let Some(device) = device() else { return };
    let shared = floats(&device, &[4.0; 64]);
    let pipeline = device.pipeline(&increment(64), 1, "increment").unwrap();
    std::thread::scope(|scope| {
        for i in 0..4 {
            let (device, shared, pipeline) = (&device, &shared, &pipeline);
            scope.spawn(move || {
                for _ in 0..20 {
                    let mine = floats(device, &[i as f32; 64]);
                    run(device, pipeline, &[&mine], [1, 1, 1]);
                    assert_eq!(read(device, &mine), [i as f32 + 1.0; 64]);
                    assert_eq!(read(device, shared), [4.0; 64]);
                }
            });
        }
    });
}

#[test]
fn downloads_and_streams_may_be_given_up() {
    let Some(device) = device() else { return };
    let memory = floats(&device, &[1.0, 2.0]);
    let mut stream = device.stream();
    let kept = stream.download(&memory, 0, 8).unwrap();
    drop(stream.download(&memory, 0, 4).unwrap());
    let ticket = stream.submit().unwrap();
    drop(stream_with_upload(&device, &memory));
    assert_eq!(of_bytes(&kept.get(&ticket).unwrap()), [1.0, 2.0]);
    // A download of a stream that never ran is an error, not a wait.
    let mut stream = device.stream();
    let download = stream.download(&memory, 0, 8).unwrap();
    drop(stream);
    assert!(download.get(&ticket).unwrap_err().message.contains("never submitted"));
    assert_eq!(read(&device, &memory), [1.0, 2.0]);
}

fn stream_with_upload(device: &fovea_gpu::Device, memory: &fovea_gpu::Memory) -> fovea_gpu::Stream {
    let mut stream = device.stream();
    stream.upload(memory, 0, &bytes(&[8.0, 9.0])).unwrap();
    stream
}
