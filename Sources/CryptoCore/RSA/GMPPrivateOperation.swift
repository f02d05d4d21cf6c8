internal import CGMP

/// `c^d mod n` by CRT with `mpn_sec_powm`, blinded, and checked with the public exponent before release.
///
/// All scratch space is allocated once. No branch and no address depends on a secret; the sizes of the primes are
/// treated as public. One caller at a time: instances live in a pool.
final class GMPPrivateOperation {
    private let key: GMPPrivateKey
    private let raise: GMPPublicOperation
    private let blinding: GMPBlinding
    private let input: Limbs
    private let blinded: Limbs
    private let result: Limbs
    private let check: Limbs
    /// Residue of the input or of the result so far, modulo one prime.
    private let residue: Limbs
    private let step: Limbs
    private let product: Limbs
    private let scratch: Limbs

    init(key: GMPPrivateKey) {
        self.key = key
        let size = key.modulus.count
        raise = GMPPublicOperation(modulus: key.modulus, exponent: key.publicExponent)
        blinding = GMPBlinding(modulus: key.modulus)
        input = Limbs(count: size)
        blinded = Limbs(count: size)
        result = Limbs(count: size)
        check = Limbs(count: size)
        residue = Limbs(count: size)
        step = Limbs(count: size)
        product = Limbs(count: 2 * size + 2)
        var itch = 1
        for factor in key.factors {
            let prime = factor.prime.count
            itch = max(itch, gmp_sec_powm_itch(size, UInt(factor.exponentBits), prime))
            itch = max(itch, gmp_sec_div_r_itch(size, prime))
            itch = max(itch, gmp_sec_div_r_itch(2 * prime, prime))
            itch = max(itch, gmp_sec_mul_itch(prime, prime))
            let wide = max(factor.product.count, prime)
            itch = max(itch, gmp_sec_mul_itch(wide, min(factor.product.count, prime)))
        }
        scratch = Limbs(count: itch)
    }

    /// - Throws: `.faultDetected` when the result does not lead back to the input; nothing is written then.
    func apply(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        let size = key.modulus.count
        input.load(bigEndian: bytes)
        try blinding.prepare(raise)
        blinded.words.update(from: input.words, count: size)
        blinding.blind(blinded.words)
        recombine()
        blinding.unblind(result.words)
        raise.raise(result.words, into: check.words)
        guard Limbs.equal(check, input) else { throw .faultDetected }
        Limbs.store(result.words, bigEndian: output)
    }

    /// `result = blinded^d`, by Garner's recombination of the residues (RFC 8017 §5.1.2 step 2b).
    private func recombine() {
        let size = key.modulus.count
        for index in 0..<size { result.words[index] = 0 }
        for (position, factor) in key.factors.enumerated() {
            let prime = factor.prime.count
            gmp_sec_powm(
                residue.words, blinded.words, size, factor.exponent.words, UInt(factor.exponentBits),
                factor.prime.words, prime, scratch.words)
            if position == 0 {
                result.words.update(from: residue.words, count: prime)
            } else {
                extend(by: factor)
            }
        }
    }

    /// `result += product * ((residue - result) * coefficient mod prime)`.
    private func extend(by factor: GMPPrivateKey.Factor) {
        let size = key.modulus.count
        let prime = factor.prime.count
        // step = residue - (result mod prime), kept non-negative by a masked addition of the prime.
        product.words.update(from: result.words, count: size)
        gmp_sec_div_r(product.words, size, factor.prime.words, prime, scratch.words)
        let borrow = gmp_sub_n(step.words, residue.words, product.words, prime)
        _ = gmp_cnd_add_n(borrow, step.words, step.words, factor.prime.words, prime)
        // step = step * coefficient mod prime
        let coefficient = factor.coefficient
        gmp_sec_mul(product.words, step.words, prime, coefficient.words, coefficient.count, scratch.words)
        let width = prime + coefficient.count
        gmp_sec_div_r(product.words, width, factor.prime.words, prime, scratch.words)
        step.words.update(from: product.words, count: prime)
        // result += product of the primes before * step; below the modulus, so the carry is always zero.
        let total = factor.product.count + prime
        for index in 0..<product.count { product.words[index] = 0 }
        if factor.product.count >= prime {
            gmp_sec_mul(
                product.words, factor.product.words, factor.product.count, step.words, prime, scratch.words)
        } else {
            gmp_sec_mul(
                product.words, step.words, prime, factor.product.words, factor.product.count, scratch.words)
        }
        precondition(total <= product.count)
        _ = gmp_add_n(result.words, result.words, product.words, size)
    }
}
