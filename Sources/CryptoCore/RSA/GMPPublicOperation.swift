internal import CGMP

/// `base^e mod n` with kept scratch space. Constant-time in the base: in a key wrap the base is a secret.
final class GMPPublicOperation {
    private let modulus: Limbs
    private let exponent: Limbs
    private let exponentBits: UInt
    private let base: Limbs
    private let result: Limbs
    private let scratch: Limbs

    init(modulus: Limbs, exponent: Limbs) {
        self.modulus = modulus
        self.exponent = exponent
        exponentBits = UInt(exponent.bitCount)
        base = Limbs(count: modulus.count)
        result = Limbs(count: modulus.count)
        scratch = Limbs(count: gmp_sec_powm_itch(modulus.count, exponentBits, modulus.count))
    }

    func apply(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) {
        base.load(bigEndian: input)
        raise(base.words, into: result.words)
        Limbs.store(result.words, bigEndian: output)
    }

    /// Limbs in, limbs out, `modulus.count` of each.
    func raise(_ base: UnsafePointer<Limbs.Limb>, into result: UnsafeMutablePointer<Limbs.Limb>) {
        gmp_sec_powm(
            result, base, modulus.count, exponent.words, exponentBits, modulus.words, modulus.count, scratch.words)
    }
}
