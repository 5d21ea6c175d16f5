//! What goes wrong is an error with a code; nothing hangs and nothing crashes.

mod common;

use common::{affine, bytes, floats, increment, read, run, slow, whole};
use fovea_core::Code;
use fovea_gpu::testing::device;
use fovea_gpu::{Device, Range, adapters};
use std::process::Command;
use std::time::{Duration, Instant};

#[test]
fn a_gpu_that_is_not_there_is_no_device() {
    let error = Device::open(adapters().len()).unwrap_err();
    assert_eq!(error.code, Code::NoDevice);
    assert!(error.message.starts_with("there is no GPU "), "{error}");
    let Some(device) = device() else { return };
    assert!(error.message.contains(&device.info().name), "{error}");
}

#[test]
fn a_bad_shader_is_an_error_with_the_compilers_words() {
    let Some(device) = device() else { return };
    let typo = increment(64).replace("1.0", "1u");
    let error = device.pipeline(&typo, 1, "typo").unwrap_err();
    assert_eq!(error.code, Code::Internal);
    assert!(error.message.starts_with("compiling the shader of typo: "), "{error}");
    assert!(error.message.contains("x[gid.x] + 1u"), "{error}");
    // More operands than it is said to have.
    assert_eq!(device.pipeline(&affine(64), 1, "few").unwrap_err().code, Code::Internal);
    let error = device.pipeline("fn other() {}", 0, "no main").unwrap_err();
    assert_eq!(error.code, Code::Internal);
    // The device works as before.
    let memory = floats(&device, &[1.0; 64]);
    run(&device, &device.pipeline(&increment(64), 1, "good").unwrap(), &[&memory], [1, 1, 1]);
    assert_eq!(read(&device, &memory), [2.0; 64]);
}

/// The driver's own refusals are rare: in debug builds they are made.
#[cfg(debug_assertions)]
#[test]
fn injected_failures_come_once() {
    use fovea_gpu::fault;
    let Some(device) = device() else { return };
    fault::memory(&device, 1);
    let error = device.memory(1 << 20).unwrap_err();
    assert_eq!(error.code, Code::OutOfMemory);
    assert!(error.message.contains("1048576 bytes"), "{error}");
    device.memory(1 << 20).unwrap();
    // Freed memory is given up before an allocation fails.
    assert!(device.live().idle >= 1 << 20);
    fault::buffers(&device, 1);
    let memory = device.memory(2 << 20).unwrap();
    assert_eq!((device.live().bytes, device.live().idle), (2 << 20, 0));
    fault::buffers(&device, 2);
    assert_eq!(device.memory(1 << 20).unwrap_err().code, Code::OutOfMemory);
    fault::buffers(&device, 2);
    assert_eq!(device.read(&memory, 0, &mut [0; 4]).unwrap_err().code, Code::OutOfMemory);
    device.read(&memory, 0, &mut [0; 4]).unwrap();
    fault::pipeline(&device, 1);
    assert_eq!(device.pipeline(&increment(64), 1, "increment").unwrap_err().code, Code::Internal);
    device.pipeline(&increment(64), 1, "increment").unwrap();
}

#[test]
fn what_is_too_large_is_refused() {
    let Some(device) = device() else { return };
    let limits = device.limits();
    let error = device.memory(limits.buffer_bytes + 4).unwrap_err();
    assert_eq!(error.code, Code::OutOfMemory);
    assert_eq!(device.memory(usize::MAX).unwrap_err().code, Code::OutOfMemory);
    if let Ok(bindings) = u32::try_from(limits.bindings + 1) {
        assert_eq!(device.pipeline("", bindings, "many").unwrap_err().code, Code::Unsupported);
    }
    let pipeline = device.pipeline(&increment(64), 1, "increment").unwrap();
    let memory = device.memory(1024).unwrap();
    let bytes = limits.binding_bytes + 4;
    let error = device.bind(&pipeline, &[Range { memory: &memory, offset: 0, bytes }]).unwrap_err();
    assert_eq!(error.code, Code::Unsupported);
    assert!(error.message.contains(&bytes.to_string()), "{error}");
    let bind = device.bind(&pipeline, &[whole(&memory)]).unwrap();
    let mut stream = device.stream();
    stream.run(&pipeline, &bind, [limits.workgroups + 1, 1, 1]);
    assert!(stream.submit().unwrap_err().message.contains("workgroups"));
}

#[test]
fn wrong_ranges_are_refused() {
    let Some(device) = device() else { return };
    let (a, b) = (device.memory(2048).unwrap(), device.memory(2048).unwrap());
    let align = device.limits().align;
    let pipeline = device.pipeline(&affine(64), 2, "affine").unwrap();
    let ok = whole(&b);
    let ranges = [
        Range { memory: &a, offset: 0, bytes: 0 },
        Range { memory: &a, offset: 0, bytes: 6 },
        Range { memory: &a, offset: align / 2 + 1, bytes: 4 },
        Range { memory: &a, offset: 0, bytes: 2052 },
        Range { memory: &a, offset: usize::MAX & !3, bytes: 8 },
        Range { memory: &b, offset: align, bytes: 4 },
    ];
    for range in ranges {
        let error = device.bind(&pipeline, &[ok, range]).unwrap_err();
        assert_eq!(error.code, Code::Internal, "{range:?}");
    }
    assert_eq!(device.bind(&pipeline, &[ok]).unwrap_err().code, Code::Internal);
    let mut stream = device.stream();
    assert!(stream.upload(&a, 2, &[0; 4]).is_err());
    assert!(stream.upload(&a, 0, &[0; 5]).is_err());
    assert!(stream.upload(&a, 2048, &[0; 4]).is_err());
    assert!(stream.download(&a, 4, 2048).is_err());
    assert!(device.read(&a, 2048, &mut [0; 4]).is_err());
    stream.copy(&a, 0, &b, 1024, 1028);
    assert!(stream.submit().unwrap_err().message.contains("copying to"));
    let other = Device::open(0).unwrap();
    assert!(other.stream().upload(&a, 0, &[0; 4]).unwrap_err().message.contains("another device"));
}

#[test]
fn a_lost_device_fails_every_call_and_another_one_opens() {
    let Some(device) = device() else { return };
    let memory = floats(&device, &[1.0; 64]);
    let pipeline = device.pipeline(&increment(64), 1, "increment").unwrap();
    let bind = device.bind(&pipeline, &[whole(&memory)]).unwrap();
    let mut before = device.stream();
    before.run(&pipeline, &bind, [1, 1, 1]);
    let first = before.download(&memory, 0, 256).unwrap();
    let ticket = before.submit().unwrap();
    let mut open = device.stream();
    open.upload(&memory, 0, &bytes(&[3.0; 64])).unwrap();
    let second = open.download(&memory, 0, 256).unwrap();
    assert_eq!(device.lost(), None);

    device.destroy();
    device.destroy();
    assert!(device.lost().is_some());
    open.run(&pipeline, &bind, [1, 1, 1]);
    open.copy(&memory, 0, &memory, 128, 128);
    let mut stream = device.stream();
    let errors = [
        open.submit().unwrap_err(),
        ticket.wait().unwrap_err(),
        first.get(&ticket).unwrap_err(),
        device.memory(64).unwrap_err(),
        device.pipeline(&increment(64), 1, "increment").unwrap_err(),
        device.pipeline(&increment(65), 1, "increment").unwrap_err(),
        device.bind(&pipeline, &[whole(&memory)]).unwrap_err(),
        stream.upload(&memory, 0, &[0; 4]).unwrap_err(),
        stream.download(&memory, 0, 4).unwrap_err(),
        stream.submit().unwrap_err(),
        device.stream().submit().unwrap_err(),
        device.read(&memory, 0, &mut [0; 4]).unwrap_err(),
    ];
    for error in errors {
        assert_eq!(error.code, Code::NoDevice, "{error}");
        assert!(error.message.contains(&format!("the GPU {} was lost", device.info().name)), "{error}");
    }
    assert!(second.get(&ticket).is_err());
    assert!(ticket.done());
    device.trim();
    drop((memory, pipeline, bind));
    assert_eq!(device.live().buffers, 0);

    let again = Device::open(0).unwrap();
    assert_eq!(read(&again, &floats(&again, &[2.0; 3])), [2.0; 3]);
}

#[test]
fn a_wait_ends_when_another_thread_loses_the_device() {
    let Some(device) = device() else { return };
    let pipeline = device.pipeline(&slow(5_000_000), 1, "slow").unwrap();
    let memory = device.memory(256).unwrap();
    let bind = device.bind(&pipeline, &[whole(&memory)]).unwrap();
    let mut stream = device.stream();
    for _ in 0..10 {
        stream.run(&pipeline, &bind, [64, 1, 1]);
    }
    let download = stream.download(&memory, 0, 256).unwrap();
    let ticket = stream.submit().unwrap();
    assert!(!ticket.done());
    let start = Instant::now();
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| download.get(&ticket));
        std::thread::sleep(Duration::from_millis(20));
        device.destroy();
        let error = waiting.join().unwrap().unwrap_err();
        assert_eq!(error.code, Code::NoDevice);
    });
    assert!(start.elapsed() < Duration::from_secs(30), "{:?}", start.elapsed());
}

/// Runs one test of this file in a process of its own, with `FOVEA_GPU_CHILD` set.
fn child(test: &str, set: &[(&str, &str)]) -> (bool, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env("FOVEA_GPU_CHILD", "1");
    let output = command.envs(set.iter().copied()).output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8_lossy(&text).into_owned())
}

fn is_child() -> bool {
    std::env::var_os("FOVEA_GPU_CHILD").is_some()
}

/// Linux finds its drivers through files; elsewhere they cannot be hidden.
#[cfg(target_os = "linux")]
#[test]
fn without_a_driver_there_are_no_adapters() {
    if is_child() {
        let start = Instant::now();
        assert_eq!(adapters(), []);
        assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
        let error = Device::open(0).unwrap_err();
        assert_eq!(error.code, Code::NoDevice);
        assert!(error.message.contains("no driver"), "{error}");
        assert!(device().is_none());
        return;
    }
    let nowhere = "/nonexistent/driver.json";
    let hidden = [("VK_DRIVER_FILES", nowhere), ("VK_ICD_FILENAMES", nowhere)];
    let (ok, text) = child("without_a_driver_there_are_no_adapters", &hidden);
    assert!(ok, "{text}");
    let line = "FOVEA-SKIPPED without_a_driver_there_are_no_adapters: no GPU adapter";
    assert!(text.lines().any(|found| found == line), "{text}");
}

#[test]
fn a_process_ends_with_work_under_way() {
    let Some(device) = device() else { return };
    if !is_child() {
        drop(device);
        let start = Instant::now();
        // A race with the driver's clean-up would not be lost every time.
        for _ in 0..10 {
            let (ok, text) = child("a_process_ends_with_work_under_way", &[]);
            assert!(ok && !text.contains("panicked"), "{text}");
        }
        assert!(start.elapsed() < Duration::from_secs(60));
        return;
    }
    let pipeline = device.pipeline(&slow(100_000), 1, "slow").unwrap();
    let memory = device.memory(256).unwrap();
    let bind = device.bind(&pipeline, &[whole(&memory)]).unwrap();
    let mut stream = device.stream();
    stream.upload(&memory, 0, &[0; 256]).unwrap();
    stream.run(&pipeline, &bind, [64, 1, 1]);
    let download = stream.download(&memory, 0, 256).unwrap();
    let ticket = stream.submit().unwrap();
    // As a JavaScript process ends: nothing is dropped, and other threads wait, compile and submit.
    let waits = ticket.clone();
    std::thread::spawn(move || waits.wait());
    let (busy, begun) = (device.clone(), std::sync::Arc::new(std::sync::Barrier::new(2)));
    let ready = begun.clone();
    std::thread::spawn(move || {
        ready.wait();
        let error = (0..).find_map(|i| train(&busy, i).err()).unwrap();
        assert_eq!(error.code, Code::NoDevice, "{error}");
    });
    begun.wait();
    std::mem::forget((device, memory, bind, pipeline, download, ticket));
    std::thread::sleep(Duration::from_millis(u64::from(std::process::id() % 8) * 4));
    std::process::exit(0);
}

/// Some work with a shader of its own.
fn train(device: &Device, i: usize) -> fovea_core::Result<()> {
    let memory = device.memory(1024)?;
    let pipeline = device.pipeline(&increment(i % 256), 1, "increment")?;
    let bind = device.bind(&pipeline, &[whole(&memory)])?;
    let mut stream = device.stream();
    stream.run(&pipeline, &bind, [4, 1, 1]);
    if i.is_multiple_of(2) { device.read(&memory, 0, &mut [0; 4]) } else { stream.submit()?.wait() }
}
