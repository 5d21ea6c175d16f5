//! Compiled shaders.

use crate::device::{Device, Inner};
use crate::lock;
use fovea_core::{Error, Result};
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};

/// A shader that was compiled for a device.
#[derive(Clone)]
pub struct Pipeline(pub(crate) Arc<Compiled>);

pub(crate) struct Compiled {
    pub raw: wgpu::ComputePipeline,
    pub layout: wgpu::BindGroupLayout,
    pub bindings: u32,
    pub label: String,
}

impl fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pipeline {} with {} bindings", self.0.label, self.0.bindings)
    }
}

impl Pipeline {
    /// How many ranges it is bound to.
    pub fn bindings(&self) -> u32 {
        self.0.bindings
    }

    /// Whether both are the same compiled shader.
    pub fn same(&self, other: &Pipeline) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// So many compiled shaders are kept, those in use apart.
const KEPT: usize = 1024;

/// The shaders that were compiled, by text and number of bindings, and the layouts, by number of bindings.
#[derive(Default)]
pub(crate) struct Cache {
    compiled: Mutex<HashMap<(String, u32), Pipeline>>,
    layouts: Mutex<HashMap<u32, (wgpu::BindGroupLayout, wgpu::PipelineLayout)>>,
}

impl Device {
    /// Compiles the `main` of a WGSL text, or finds it compiled. Its bindings are `@group(0)
    /// @binding(0..bindings) var<storage, read_write>`. The text's loops must end: they are not counted.
    pub fn pipeline(&self, wgsl: &str, bindings: u32, label: &str) -> Result<Pipeline> {
        let device = &self.0;
        device.health.alive()?;
        let key = (wgsl.to_string(), bindings);
        if let Some(pipeline) = lock(&device.pipelines.compiled).get(&key) {
            return Ok(pipeline.clone());
        }
        #[cfg(debug_assertions)]
        device.faults.pipeline(label)?;
        // Compiled out of the lock: others may compile meanwhile, and the first to end wins.
        let pipeline = Pipeline(Arc::new(device.compile(wgsl, bindings, label)?));
        let mut compiled = lock(&device.pipelines.compiled);
        if compiled.len() >= KEPT {
            compiled.retain(|_, Pipeline(one)| Arc::strong_count(one) > 1);
        }
        Ok(compiled.entry(key).or_insert(pipeline).clone())
    }

    /// How many shaders are kept compiled.
    pub fn pipelines(&self) -> usize {
        lock(&self.0.pipelines.compiled).len()
    }
}

impl Inner {
    fn compile(&self, wgsl: &str, bindings: u32, label: &str) -> Result<Compiled> {
        let most = self.limits.bindings;
        if bindings as usize > most {
            let text = format!("{label}: {bindings} operands; the GPU {} takes {most}", self.info.name);
            return Err(Error::unsupported(text));
        }
        let (layout, whole) = self.layout(bindings)?;
        let raw = self.guarded(&format!("compiling the shader of {label}"), || {
            let source = wgpu::ShaderSource::Wgsl(wgsl.into());
            let described = wgpu::ShaderModuleDescriptor { label: Some(label), source };
            // A counter in every loop keeps compilers from unrolling, and costs more than it saves: the
            // loops of generated text run to constants. Bounds and divisors stay checked.
            let checks = wgpu::ShaderRuntimeChecks {
                force_loop_bounding: false,
                ..wgpu::ShaderRuntimeChecks::checked()
            };
            // SAFETY: the caller promises that every loop of the text ends; all else is checked.
            let module = unsafe { self.wgpu.create_shader_module_trusted(described, checks) };
            self.wgpu.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(label),
                layout: Some(&whole),
                module: &module,
                entry_point: Some("main"),
                compilation_options: Default::default(),
                cache: None,
            })
        })?;
        Ok(Compiled { raw, layout, bindings, label: label.to_string() })
    }

    fn layout(&self, bindings: u32) -> Result<(wgpu::BindGroupLayout, wgpu::PipelineLayout)> {
        if let Some(layout) = lock(&self.pipelines.layouts).get(&bindings) {
            return Ok(layout.clone());
        }
        let entries: Vec<wgpu::BindGroupLayoutEntry> = (0..bindings)
            .map(|binding| wgpu::BindGroupLayoutEntry {
                binding,
                visibility: wgpu::ShaderStages::COMPUTE,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Storage { read_only: false },
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            })
            .collect();
        let layout = self.guarded("describing bindings", || {
            let described = wgpu::BindGroupLayoutDescriptor { label: None, entries: &entries };
            let group = self.wgpu.create_bind_group_layout(&described);
            let whole = self.wgpu.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                label: None,
                bind_group_layouts: &[Some(&group)],
                immediate_size: 0,
            });
            (group, whole)
        })?;
        Ok(lock(&self.pipelines.layouts).entry(bindings).or_insert(layout).clone())
    }
}
