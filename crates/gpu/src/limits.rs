//! What a device allows.

/// What a device allows, as far as plans and shaders ask.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Offsets of ranges that a shader is bound to are multiples of so many bytes.
    pub align: usize,
    /// Ranges that one shader may be bound to.
    pub bindings: usize,
    /// The most bytes of one such range.
    pub binding_bytes: usize,
    /// The most bytes of one [`Memory`](crate::Memory).
    pub buffer_bytes: usize,
    /// The most workgroups along one axis.
    pub workgroups: u32,
    /// The most invocations of a workgroup.
    pub invocations: u32,
    /// The most bytes that a workgroup shares.
    pub workgroup_bytes: usize,
}

impl Limits {
    pub(crate) fn of(limits: &wgpu::Limits) -> Limits {
        let bytes = |n: u64| usize::try_from(n).unwrap_or(usize::MAX) & !3;
        Limits {
            align: (limits.min_storage_buffer_offset_alignment as usize).max(4),
            bindings: limits.max_storage_buffers_per_shader_stage.min(limits.max_bindings_per_bind_group)
                as usize,
            binding_bytes: bytes(limits.max_storage_buffer_binding_size),
            buffer_bytes: bytes(limits.max_buffer_size),
            workgroups: limits.max_compute_workgroups_per_dimension,
            invocations: limits.max_compute_invocations_per_workgroup,
            workgroup_bytes: limits.max_compute_workgroup_storage_size as usize,
        }
    }
}
