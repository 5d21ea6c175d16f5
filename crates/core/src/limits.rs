/// What a GPU allows, as far as memory, plans and shaders ask. The crate that opens it fills this in, the
/// crate that writes shaders reads it, and neither needs to know the other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Limits {
    /// Offsets of ranges that a shader is bound to are multiples of so many bytes.
    pub align: usize,
    /// Ranges that one shader may be bound to.
    pub bindings: usize,
    /// The most bytes of one such range.
    pub binding_bytes: usize,
    /// The most bytes of one buffer.
    pub buffer_bytes: usize,
    /// The most workgroups along one axis.
    pub workgroups: u32,
    /// The most invocations of a workgroup.
    pub invocations: u32,
    /// The most bytes that a workgroup shares.
    pub workgroup_bytes: usize,
}

impl Limits {
    /// What every WebGPU device has.
    pub const BASELINE: Limits = Limits {
        align: 256,
        bindings: 8,
        binding_bytes: 128 << 20,
        buffer_bytes: 256 << 20,
        workgroups: 65_535,
        invocations: 256,
        workgroup_bytes: 16 << 10,
    };
}
