//! What a device allows.

use fovea_core::Limits;

/// What wgpu says that an adapter allows.
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
