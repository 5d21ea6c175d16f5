use fovea_kernels::conv::*;
use fovea_kernels::gemm::*;
use fovea_kernels::isa::*;
use fovea_kernels::routine::PhaseSpec;
use std::time::Instant;

fn buf(n: usize) -> *mut f32 {
    let n = n.max(1);
    let layout = std::alloc::Layout::from_size_align(n.max(16) * 4 + 64, 64).unwrap();
    let p = unsafe { std::alloc::alloc_zeroed(layout) } as *mut f32;
    let mut s = 1u32;
    for i in 0..n {
        s = s.wrapping_mul(1664525).wrapping_add(1013904223);
        unsafe { *p.add(i) = (s >> 8) as f32 / (1 << 23) as f32 - 1.0 };
    }
    p
}
type Run = Box<dyn Fn(usize, usize, *mut u8, *mut u8)>;
struct Case {
    name: String,
    flops: f64,
    phases: Vec<PhaseSpec>,
    temp: *mut f32,
    scratch: *mut f32,
    run: Run,
    by: Vec<std::cell::Cell<f64>>,
}
fn case(name: String, flops: f64, phases: &[PhaseSpec], temp: usize, run: Run) -> Case {
    let scratch = phases.iter().map(|p| p.scratch).max().unwrap();
    Case { name, flops, phases: phases.to_vec(), temp: buf(temp / 4), scratch: buf(scratch / 4), run, by: vec![std::cell::Cell::new(f64::MAX); 3] }
}
impl Case {
    fn go(&self) -> f64 {
        let t = Instant::now();
        for (p, s) in self.phases.iter().enumerate() {
            let t = Instant::now();
            for c in 0..s.chunks {
                (self.run)(p, c, self.temp.cast(), self.scratch.cast());
            }
            let e = t.elapsed().as_secs_f64();
            let b = &self.by[p];
            if e < b.get() { b.set(e) }
        }
        t.elapsed().as_secs_f64()
    }
}
#[target_feature(enable = "avx512f")]
fn peak512(n: usize) -> f32 {
    use std::arch::x86_64::*;
    let mut a = [_mm512_set1_ps(1.0); 16];
    let b = _mm512_set1_ps(std::hint::black_box(0.999));
    let c = _mm512_set1_ps(std::hint::black_box(0.001));
    for _ in 0..n {
        for x in &mut a {
            *x = _mm512_fmadd_ps(*x, b, c);
        }
    }
    let mut s = a[0];
    for x in &a[1..] { s = _mm512_add_ps(s, *x); }
    _mm512_reduce_add_ps(s)
}
#[target_feature(enable = "avx2,fma")]
fn peak256(n: usize) -> f32 {
    use std::arch::x86_64::*;
    let mut a = [_mm256_set1_ps(1.0); 12];
    let b = _mm256_set1_ps(std::hint::black_box(0.999));
    let c = _mm256_set1_ps(std::hint::black_box(0.001));
    for _ in 0..n {
        for x in &mut a {
            *x = _mm256_fmadd_ps(*x, b, c);
        }
    }
    let mut s = a[0];
    for x in &a[1..] { s = _mm256_add_ps(s, *x); }
    _mm256_cvtss_f32(s)
}
fn peak(isa: Isa) -> f64 {
    let t = Instant::now();
    let (r, f) = if isa == Isa::Avx512 {
        (unsafe { peak512(20000) }, 16.0 * 32.0 * 20000.0)
    } else {
        (unsafe { peak256(20000) }, 12.0 * 16.0 * 20000.0)
    };
    std::hint::black_box(r);
    f / t.elapsed().as_secs_f64() / 1e9
}
fn conv(cases: &mut Vec<Case>, isa: Isa, name: &str, n: usize, h: usize, c: usize, k: usize, co: usize, pad: usize, stride: usize, first: bool) {
    let oh = (h + 2 * pad - k) / stride + 1;
    let s = ConvShape { n, h, w: h, c, kh: k, kw: k, co, oh, ow: oh, stride: [stride; 2], dilation: [1; 2], pad: [pad; 2], groups: 1 };
    let fl = 2.0 * (n * oh * oh * co) as f64 * (k * k * c) as f64;
    let (x, w, b, y) = (buf(n * h * h * c), buf(k * k * c * co), buf(co), buf(n * oh * oh * co));
    let g = buf(n * oh * oh * co);
    let f = ConvForward::new(isa, &s, Epilogue { bias: true, activation: Activation::Relu });
    cases.push(case(format!("{name} fwd"), fl, &f.phases().to_vec(), f.temp(), Box::new(move |p, c, t, sc| unsafe { f.run(p, c, x, w, b, y, t, sc) })));
    if !first {
        let f = ConvInputGrad::new(isa, &s);
        cases.push(case(format!("{name} dx"), fl, &f.phases().to_vec(), f.temp(), Box::new(move |p, c, t, sc| unsafe { f.run(p, c, g, w, x, t, sc) })));
    }
    let f = ConvKernelGrad::new(isa, &s);
    cases.push(case(format!("{name} dw"), fl, &f.phases().to_vec(), f.temp(), Box::new(move |p, c, t, sc| unsafe { f.run(p, c, x, g, w, t, sc) })));
}
fn dense(cases: &mut Vec<Case>, isa: Isa, m: usize, i: usize, o: usize) {
    let e = Epilogue::default();
    let base = GemmSpec { m, n: o, k: i, batch: 1, a_transposed: false, b_transposed: false, a_batched: false, b_batched: false, epilogue: e };
    let fl = 2.0 * (m * i * o) as f64;
    let (x, w, b, y, dx, dw) = (buf(m * i), buf(i * o), buf(o), buf(m * o), buf(m * i), buf(i * o));
    for (nm, spec, p1, p2, p3) in [
        ("fwd", GemmSpec { epilogue: Epilogue { bias: true, activation: Activation::Relu }, ..base }, x, w, y),
        ("dx", GemmSpec { m, n: i, k: o, b_transposed: true, ..base }, y, w, dx),
        ("dw", GemmSpec { m: i, n: o, k: m, a_transposed: true, ..base }, x, y, dw),
    ] {
        let f = Gemm::new(isa, spec);
        cases.push(case(format!("dense {m}x{i}x{o} {nm}"), fl, &f.phases().to_vec(), f.temp(), Box::new(move |p, c, t, sc| unsafe { f.run(p, c, p1, p2, b, p3, t, sc) })));
    }
}
fn main() {
    let isa = Isa::detect().unwrap();
    let filter = std::env::args().nth(1).unwrap_or_default();
    let rounds: usize = std::env::args().nth(2).and_then(|s| s.parse().ok()).unwrap_or(40);
    flush_denormals();
    let mut v = Vec::new();
    conv(&mut v, isa, "mnist1 28x1 5>32", 64, 28, 1, 5, 32, 0, 1, true);
    conv(&mut v, isa, "mnist2 12x32 3>64", 64, 12, 32, 3, 64, 0, 1, false);
    dense(&mut v, isa, 64, 1600, 1024);
    dense(&mut v, isa, 64, 1024, 10);
    conv(&mut v, isa, "nb1 28x1 3>32", 64, 28, 1, 3, 32, 0, 1, true);
    conv(&mut v, isa, "nb2 13x32 3>64", 64, 13, 32, 3, 64, 0, 1, false);
    conv(&mut v, isa, "nb3 5x64 3>64", 64, 5, 64, 3, 64, 0, 1, false);
    dense(&mut v, isa, 64, 576, 64);
    dense(&mut v, isa, 64, 64, 10);
    conv(&mut v, isa, "vgg1 64x3 3>64 same", 4, 64, 3, 3, 64, 1, 1, true);
    conv(&mut v, isa, "vgg 56x64 3>64 same", 2, 56, 64, 3, 64, 1, 1, false);
    conv(&mut v, isa, "vgg 14x512 3>512 same", 2, 14, 512, 3, 512, 1, 1, false);
    conv(&mut v, isa, "res 14x256 1>1024", 4, 14, 256, 1, 1024, 0, 1, false);
    conv(&mut v, isa, "res 7x512 3>512 same", 8, 7, 512, 3, 512, 1, 1, false);
    conv(&mut v, isa, "res stem 112x3 7>64 /2", 4, 112, 3, 7, 64, 3, 2, true);
    dense(&mut v, isa, 512, 512, 512);
    v.retain(|c| c.name.contains(&filter));
    let mut best = vec![f64::MAX; v.len()];
    let mut all = vec![Vec::new(); v.len()];
    let mut pk: f64 = 0.0;
    for _ in 0..rounds {
        for (i, c) in v.iter().enumerate() {
            let p = peak(isa);
            pk = pk.max(p);
            let t = (0..3).map(|_| c.go()).fold(f64::MAX, f64::min);
            best[i] = best[i].min(t);
            all[i].push(c.flops / t / 1e9 / p);
        }
    }
    println!("{} peak {pk:.0}", isa.name());
    for (i, c) in v.iter().enumerate() {
        all[i].sort_by(f64::total_cmp);
        let g = c.flops / best[i] / 1e9;
        println!("{:28} {:8.3} ms {:7.1} GF/s {:4.0}% best, median ratio {:4.0}%  chunks {:?}", c.name, best[i] * 1e3, g, 100.0 * g / pk, 100.0 * all[i][rounds / 2], c.phases.iter().zip(&c.by).map(|(p, b)| format!("{}:{:.0}us", p.chunks, b.get() * 1e6)).collect::<Vec<_>>());
    }
}
