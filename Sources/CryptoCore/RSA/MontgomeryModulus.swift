internal import CMontgomery

/// An odd modulus with its Montgomery constants, which are derived and used in constant time and wiped when released.
final class MontgomeryModulus: @unchecked Sendable {
    // Sendable: the constants never change after construction.
    let handle: OpaquePointer
    let limbCount: Int

    /// - Parameters:
    ///   - bits: length up to the highest set bit.
    ///   - longestBits: length of the longest modulus that is raised beside this one.
    ///   - inputBits: length of the longest number that is raised modulo this one.
    ///   - kernel: who will raise.
    init(_ modulus: Limbs, bits: Int, longestBits: Int, inputBits: Int, kernel: Kernel) {
        limbCount = modulus.count
        guard
            let handle = mont_modulus_new(modulus.words, modulus.count, bits, longestBits, inputBits, kernel.constants)
        else {
            preconditionFailure("out of memory")
        }
        self.handle = handle
    }

    deinit { mont_modulus_free(handle) }

    /// Limbs of scratch space for ``multiply(_:_:into:scratch:)`` and ``enter(_:count:into:scratch:)``.
    var scratchLimbs: Int { mont_multiply_limbs(handle) }

    /// `result = a * b / R`: with one factor in Montgomery form, the plain product.
    func multiply(
        _ a: UnsafePointer<Limbs.Limb>, _ b: UnsafePointer<Limbs.Limb>, into result: UnsafeMutablePointer<Limbs.Limb>,
        scratch: Limbs
    ) {
        mont_multiply(handle, result, a, b, scratch.words)
    }

    /// `result = value * R`: Montgomery form, reduced, of a value of any length.
    func enter(
        _ value: UnsafePointer<Limbs.Limb>, count: Int, into result: UnsafeMutablePointer<Limbs.Limb>, scratch: Limbs
    ) {
        mont_enter(handle, result, value, count, scratch.words)
    }
}

/// Memory on the boundaries of vector registers, wiped when released.
final class VectorScratch {
    let bytes: UnsafeMutableRawBufferPointer

    init(byteCount: Int) { bytes = .allocate(byteCount: max(64, byteCount), alignment: 64) }

    deinit {
        wipe(bytes)
        bytes.deallocate()
    }
}
