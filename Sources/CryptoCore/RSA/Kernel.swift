internal import CMontgomery

/// Which of our own kernels multiplies.
enum Kernel: Sendable {
    /// GMP's side-channel-silent limb functions.
    case limbs
    /// Columns of limbs in x86-64 instructions; GMP's functions for lengths that have none.
    case columns
    /// Two lanes of SSE2, for private operations.
    case pairs
    /// AVX-512 IFMA.
    case vectors

    /// Whose constants a modulus is prepared with.
    var constants: mont_kernel {
        switch self {
        case .limbs: mont_limbs
        case .columns: mont_columns_x64
        case .pairs: mont_sse2
        case .vectors: mont_ifma
        }
    }
}
