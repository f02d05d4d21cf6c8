internal import CGMP

/// The private key as GMP wants it: factors with their CRT exponents and coefficients (RFC 8017 §3.2).
///
/// Factors are kept in the order of recombination: the result starts modulo `factors[0]` and each further factor
/// extends it (Garner). For two primes that is q, then p with qInv, as RFC 8017 §5.1.2 computes.
final class GMPPrivateKey: Sendable {
    struct Factor: Sendable {
        let prime: Limbs
        let exponent: Limbs
        let exponentBits: Int
        /// Inverse of `product` modulo `prime`; unused in the first factor.
        let coefficient: Limbs
        /// Product of the primes before this one.
        let product: Limbs
    }

    let modulus: Limbs
    let publicExponent: Limbs
    let factors: [Factor]

    /// - Throws: `.invalidKey` unless the numbers are odd, in range, and multiply to the modulus.
    init(modulus: Limbs, publicExponent: Limbs, primes: [Limbs], exponents: [Limbs], coefficients: [Limbs])
        throws(CryptoError)
    {
        guard primes.count >= 2, exponents.count == primes.count, coefficients.count == primes.count - 1 else {
            throw .invalidKey("number of CRT values")
        }
        // RFC order is p, q, r3...; recombination order is q, p, r3...
        let order = [1, 0] + Array(2..<primes.count)
        var factors: [Factor] = []
        var product = Limbs(count: 1)
        product.words[0] = 1
        for (position, index) in order.enumerated() {
            let prime = primes[index].trimmed()
            let exponent = exponents[index].trimmed()
            guard prime.isOdd, prime.bitCount > 1, exponent.bitCount > 0, exponent.bitCount <= prime.bitCount else {
                throw .invalidKey("prime or CRT exponent")
            }
            let coefficient = position == 0 ? Limbs(count: 1) : coefficients[max(0, index - 1)].trimmed()
            guard position == 0 || (coefficient.bitCount > 0 && coefficient.bitCount <= prime.bitCount) else {
                throw .invalidKey("CRT coefficient")
            }
            factors.append(
                Factor(
                    prime: prime, exponent: exponent, exponentBits: prime.bitCount, coefficient: coefficient,
                    product: product))
            product = Limbs.product(product, prime).trimmed()
        }
        guard Limbs.equal(product, modulus) else { throw .invalidKey("the primes do not multiply to the modulus") }
        self.modulus = modulus.trimmed()
        self.publicExponent = publicExponent.trimmed()
        self.factors = factors.map { factor in
            // The exponent is padded to the prime's size: the ladder's length then says nothing about its value.
            let padded = Limbs(count: factor.prime.count)
            padded.words.update(from: factor.exponent.words, count: factor.exponent.count)
            return Factor(
                prime: factor.prime, exponent: padded, exponentBits: factor.exponentBits,
                coefficient: factor.coefficient, product: factor.product)
        }
    }
}
