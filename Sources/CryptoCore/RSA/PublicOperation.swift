internal import CMontgomery

/// `base^e mod n` with kept scratch space. Constant-time in the base: in a key wrap the base is a secret.
final class PublicOperation {
    let modulus: Limbs
    let arithmetic: MontgomeryModulus
    private let exponent: Limbs
    private let exponentBits: Int
    private let kernel: Kernel
    private let base: Limbs
    private let result: Limbs
    private let limbScratch: Limbs
    private let vectorScratch: VectorScratch

    init(modulus: Limbs, exponent: Limbs, kernel: Kernel) {
        self.modulus = modulus
        self.exponent = exponent
        exponentBits = exponent.bitCount
        arithmetic = MontgomeryModulus(
            modulus, bits: modulus.bitCount, longestBits: modulus.bitCount, inputBits: modulus.bitCount,
            kernel: kernel == .pairs ? .limbs : kernel)
        let served = kernel == .vectors && mont_vectors_serve_public(arithmetic.handle) != 0
        self.kernel = served ? .vectors : .limbs
        base = Limbs(count: modulus.count)
        result = Limbs(count: modulus.count)
        limbScratch = Limbs(count: served ? 1 : mont_raise_public_limbs(arithmetic.handle))
        vectorScratch = VectorScratch(byteCount: served ? mont_vector_raise_public_bytes(arithmetic.handle) : 0)
    }

    func apply(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        base.load(bigEndian: input)
        raise(base.words, into: result.words)
        Limbs.store(result.words, bigEndian: output)
    }

    /// Limbs in, limbs out, `modulus.count` of each.
    func raise(_ base: UnsafePointer<Limbs.Limb>, into result: UnsafeMutablePointer<Limbs.Limb>) {
        switch kernel {
        case .limbs, .columns, .pairs:
            mont_raise_public(arithmetic.handle, result, base, exponent.words, exponentBits, limbScratch.words)
        case .vectors:
            mont_vector_raise_public(
                arithmetic.handle, result, base, modulus.count, exponent.words, exponentBits,
                vectorScratch.bytes.baseAddress)
        }
    }
}
