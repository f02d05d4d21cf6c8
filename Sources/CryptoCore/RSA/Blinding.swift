internal import CGMP

/// Base blinding (Kocher 1996): the private operation sees `c * r^e`, and its result is multiplied by `r^-1`.
///
/// Both factors are squared after each use, which keeps them a matching pair unknown to any peer, and drawn afresh
/// after ``usesPerDraw`` uses.
final class Blinding {
    /// OpenSSL's BN_BLINDING renews after 32 uses too.
    private static let usesPerDraw = 32

    private let modulus: Limbs
    private let arithmetic: MontgomeryModulus
    /// In Montgomery form, both.
    private let blinder: Limbs
    private let unblinder: Limbs
    private let secret: Limbs
    private let mask: Limbs
    private let wide: Limbs
    private let scratch: Limbs
    private var uses = Blinding.usesPerDraw

    init(modulus: Limbs, arithmetic: MontgomeryModulus) {
        self.modulus = modulus
        self.arithmetic = arithmetic
        blinder = Limbs(count: modulus.count)
        unblinder = Limbs(count: modulus.count)
        secret = Limbs(count: modulus.count)
        mask = Limbs(count: modulus.count)
        wide = Limbs(count: 2 * modulus.count)
        scratch = Limbs(count: arithmetic.scratchLimbs)
    }

    /// Makes the pair fresh for one operation.
    /// - Parameter raise: the public operation, limbs in and limbs out.
    func prepare(_ raise: PublicOperation) throws(CryptoError) {
        if uses >= Self.usesPerDraw {
            try draw(raise)
            uses = 0
        } else {
            multiply(blinder.words, blinder.words, into: blinder.words)
            multiply(unblinder.words, unblinder.words, into: unblinder.words)
        }
        uses += 1
    }

    func blind(_ value: UnsafeMutablePointer<Limbs.Limb>) { multiply(value, blinder.words, into: value) }

    /// What ``MontgomeryModulus/multiply(_:_:into:scratch:)`` takes to unblind: the pair changes before a batch ends.
    func copyUnblinder(to target: Limbs) { target.words.update(from: unblinder.words, count: unblinder.count) }

    private func draw(_ raise: PublicOperation) throws(CryptoError) {
        let size = modulus.count
        // secret = r in Montgomery form, mask = s likewise.
        try drawFactor(into: secret)
        try drawFactor(into: mask)
        // Inverting takes a time that depends on the value: r * s is inverted, which says nothing about r.
        multiply(secret.words, mask.words, into: unblinder.words)
        Secret.declassify(unblinder)
        guard gmp_invert(unblinder.words, unblinder.words, modulus.words, size) != 0 else {
            // A multiple of a prime factor: chance below 2^-500.
            throw .invalidKey("no invertible blinding value")
        }
        // (r s R)^-1, times s R, is r^-1 / R after this product; two entries make it r^-1 R.
        multiply(unblinder.words, mask.words, into: unblinder.words)
        enter(unblinder)
        enter(unblinder)
        // The plain r, raised, and back to Montgomery form.
        let one = Limbs(count: size)
        one.words[0] = 1
        multiply(secret.words, one.words, into: secret.words)
        raise.raise(secret.words, into: blinder.words)
        enter(blinder)
    }

    /// A random residue in Montgomery form, from twice the modulus' width: the bias of the remainder is negligible.
    private func drawFactor(into target: Limbs) throws(CryptoError) {
        try fillRandom(UnsafeMutableRawBufferPointer(start: wide.words, count: wide.count * Limbs.bytesPerLimb))
        Secret.mark(wide)
        arithmetic.enter(wide.words, count: wide.count, into: target.words, scratch: scratch)
    }

    private func enter(_ value: Limbs) {
        arithmetic.enter(value.words, count: value.count, into: value.words, scratch: scratch)
    }

    private func multiply(
        _ a: UnsafePointer<Limbs.Limb>, _ b: UnsafePointer<Limbs.Limb>, into result: UnsafeMutablePointer<Limbs.Limb>
    ) {
        arithmetic.multiply(a, b, into: result, scratch: scratch)
    }
}
