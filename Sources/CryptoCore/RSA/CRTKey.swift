internal import CMontgomery

/// The private key's numbers for the Chinese remainder theorem (RFC 8017 §3.2), with two to five primes.
///
/// Factors are kept in the order of recombination: the result starts modulo `factors[0]` and each further factor
/// extends it (Garner). For two primes that is q, then p with qInv, as RFC 8017 §5.1.2 computes.
final class CRTKey: Sendable {
    struct Factor: Sendable {
        let prime: Limbs
        /// One below the prime: any multiple of it added to the exponent changes nothing but the steps taken.
        let order: Limbs
        /// One limb longer than the prime: its length says nothing about its value, and the blinding fits.
        let exponent: Limbs
        /// Inverse of `product` modulo `prime`, as long as the prime; unused in the first factor.
        let coefficient: Limbs
        /// Product of the primes before this one.
        let product: Limbs
        let modulus: MontgomeryModulus
    }

    let modulus: Limbs
    let publicExponent: Limbs
    let factors: [Factor]
    /// Length of the longest prime.
    let primeBits: Int

    /// The kernel that the constants were prepared for, or GMP's functions where it has no shape for these primes.
    let kernel: Kernel

    /// - Parameter kernel: who is to raise; see ``kernel``.
    /// - Throws: `.invalidKey` unless the numbers are odd, in range, and multiply to the modulus.
    init(
        modulus: Limbs, publicExponent: Limbs, primes: [Limbs], exponents: [Limbs], coefficients: [Limbs],
        kernel: Kernel
    )
        throws(CryptoError)
    {
        guard primes.count >= 2, exponents.count == primes.count, coefficients.count == primes.count - 1 else {
            throw .invalidKey("number of CRT values")
        }
        // RFC order is p, q, r3...; recombination order is q, p, r3...
        let order = [1, 0] + Array(2..<primes.count)
        let bits = modulus.bitCount
        let longest = primes.reduce(0) { max($0, $1.bitCount) }
        var products = [Limbs(count: 1)]
        products[0].words[0] = 1
        for index in order {
            guard primes[index].isOdd, primes[index].bitCount > 1 else { throw .invalidKey("prime") }
            products.append(Limbs.product(products[products.count - 1], primes[index]).trimmed())
        }
        guard Limbs.equal(products.removeLast(), modulus) else {
            throw .invalidKey("the primes do not multiply to the modulus")
        }
        var factors: [Factor] = []
        for (position, index) in order.enumerated() {
            let prime = primes[index].trimmed()
            guard let exponent = exponents[index].resized(to: prime.count + 1) else {
                throw .invalidKey("CRT exponent")
            }
            let inverse = position == 0 ? Limbs(count: 1) : coefficients[max(0, index - 1)]
            guard let coefficient = inverse.resized(to: prime.count) else { throw .invalidKey("CRT coefficient") }
            // The length was looked at, and is public; from here on nothing else is.
            let length = prime.bitCount
            for secret in [prime, exponent, coefficient, products[position]] { Secret.mark(secret) }
            let predecessor = Limbs(count: prime.count)
            predecessor.words.update(from: prime.words, count: prime.count)
            predecessor.words[0] &= ~1
            factors.append(
                Factor(
                    prime: prime, order: predecessor, exponent: exponent, coefficient: coefficient,
                    product: products[position],
                    modulus: MontgomeryModulus(
                        prime, bits: length, longestBits: longest, inputBits: bits, kernel: kernel)))
        }
        self.modulus = modulus.trimmed()
        self.publicExponent = publicExponent.trimmed()
        self.factors = factors
        primeBits = longest
        let first = factors[0].modulus.handle
        switch kernel {
        case .limbs, .columns: self.kernel = kernel
        case .pairs: self.kernel = mont_pairs_serve(first) != 0 ? .pairs : .limbs
        case .vectors: self.kernel = mont_vectors_serve(first) != 0 ? .vectors : .limbs
        }
    }
}
