internal import CGMP

/// Base blinding (Kocher 1996): the private operation sees `c * r^e`, and its result is multiplied by `r^-1`.
///
/// Both factors are squared after each use, which keeps them a matching pair unknown to any peer, and drawn afresh
/// after ``usesPerDraw`` uses.
final class GMPBlinding {
    /// OpenSSL's BN_BLINDING renews after 32 uses too.
    private static let usesPerDraw = 32

    private let modulus: Limbs
    private let blinder: Limbs
    private let unblinder: Limbs
    private let product: Limbs
    private let multiplyScratch: Limbs
    private let divideScratch: Limbs
    private let invertScratch: Limbs
    private var uses = GMPBlinding.usesPerDraw

    init(modulus: Limbs) {
        self.modulus = modulus
        let size = modulus.count
        blinder = Limbs(count: size)
        unblinder = Limbs(count: size)
        product = Limbs(count: 2 * size)
        multiplyScratch = Limbs(count: gmp_sec_mul_itch(size, size))
        divideScratch = Limbs(count: gmp_sec_div_r_itch(2 * size, size))
        invertScratch = Limbs(count: gmp_sec_invert_itch(size))
    }

    /// Makes the pair fresh for one operation.
    func prepare(_ raise: GMPPublicOperation) throws(CryptoError) {
        if uses >= Self.usesPerDraw {
            try draw(raise)
        } else {
            multiply(blinder.words, blinder.words, into: blinder.words)
            multiply(unblinder.words, unblinder.words, into: unblinder.words)
        }
        uses += 1
    }

    func blind(_ value: UnsafeMutablePointer<Limbs.Limb>) { multiply(value, blinder.words, into: value) }

    func unblind(_ value: UnsafeMutablePointer<Limbs.Limb>) { multiply(value, unblinder.words, into: value) }

    private func draw(_ raise: GMPPublicOperation) throws(CryptoError) {
        let size = modulus.count
        let secret = Limbs(count: size)
        let copy = Limbs(count: size)
        // A value without an inverse would be a multiple of a prime factor: chance below 2^-500. Two tries suffice.
        for _ in 0..<2 {
            // Twice the modulus' width before reduction: the bias of the remainder is then negligible.
            try fillRandom(UnsafeMutableRawBufferPointer(start: product.words, count: 2 * size * Limbs.bytesPerLimb))
            gmp_sec_div_r(product.words, 2 * size, modulus.words, size, divideScratch.words)
            secret.words.update(from: product.words, count: size)
            copy.words.update(from: product.words, count: size)
            let bits = UInt(2 * size * Limbs.Limb.bitWidth)
            if gmp_sec_invert(unblinder.words, copy.words, modulus.words, size, bits, invertScratch.words) != 0 {
                raise.raise(secret.words, into: blinder.words)
                uses = 0
                return
            }
        }
        throw .invalidKey("no invertible blinding value")
    }

    private func multiply(
        _ a: UnsafePointer<Limbs.Limb>, _ b: UnsafePointer<Limbs.Limb>, into result: UnsafeMutablePointer<Limbs.Limb>
    ) {
        let size = modulus.count
        gmp_sec_mul(product.words, a, size, b, size, multiplyScratch.words)
        gmp_sec_div_r(product.words, 2 * size, modulus.words, size, divideScratch.words)
        result.update(from: product.words, count: size)
    }
}
