internal import CGMP
internal import CMontgomery

/// `c^d mod n` by the Chinese remainder theorem: base and exponents freshly blinded, and the result checked with the
/// public exponent before it is released.
///
/// One operation, or eight beside each other in the lanes of a vector. All scratch space is allocated once. No branch
/// and no address depends on a secret, and the primes are secrets; their sizes are public. One caller at a time:
/// instances live in a pool.
final class PrivateOperation {
    /// Numbers of one input on its way.
    private struct Lane {
        let input: Limbs
        let blinded: Limbs
        let unblinder: Limbs
        /// Per factor: the blinded exponent, and the residue it leads to.
        let exponents: [Limbs]
        let residues: [Limbs]
    }

    /// Lanes of the vector kernel.
    static let width = 8

    private let key: CRTKey
    private var kernel: Kernel { key.kernel }
    private let raise: PublicOperation
    private let blinding: Blinding
    private let lanes: [Lane]
    private let random: Limbs
    private let multiple: Limbs
    private let result: Limbs
    private let check: Limbs
    private let step: Limbs
    private let residue: Limbs
    private let product: Limbs
    private let limbScratch: Limbs
    private let vectorScratch: VectorScratch

    /// Random bits that go into every exponent: a second wall behind kernels that are constant-time already. Each bit
    /// lengthens the ladder by one, 4.7 % in all for the primes of a 2048-bit key with three.
    private static let exponentBlindingBits = UInt32.bitWidth

    private var exponentBits: Int { key.primeBits + Self.exponentBlindingBits }

    /// - Parameter lanes: 1, or ``width`` for batches on vectors.
    init(key: CRTKey, lanes count: Int = 1) {
        let kernel = key.kernel
        precondition(count == 1 || (count == Self.width && kernel == .vectors))
        self.key = key
        let size = key.modulus.count
        raise = PublicOperation(modulus: key.modulus, exponent: key.publicExponent, kernel: kernel)
        blinding = Blinding(modulus: key.modulus, arithmetic: raise.arithmetic)
        let widest = key.factors.reduce(0) { max($0, $1.prime.count) }
        lanes = (0..<count).map { _ in
            Lane(
                input: Limbs(count: size), blinded: Limbs(count: size), unblinder: Limbs(count: size),
                // One limb for the blinding, and one that a window at the top may look at.
                exponents: key.factors.map { _ in Limbs(count: widest + 2) },
                residues: key.factors.map { Limbs(count: $0.prime.count) })
        }
        random = Limbs(count: key.factors.count)
        multiple = Limbs(count: widest + 1)
        result = Limbs(count: size)
        check = Limbs(count: size)
        step = Limbs(count: widest)
        residue = Limbs(count: widest)
        product = Limbs(count: 2 * size + 2)
        var itch = raise.arithmetic.scratchLimbs
        var bytes = 0
        for factor in key.factors {
            let prime = factor.prime.count
            itch = max(itch, factor.modulus.scratchLimbs)
            itch = max(itch, gmp_sec_mul_itch(max(factor.product.count, prime), min(factor.product.count, prime)))
            switch kernel {
            case .pairs: bytes = max(bytes, mont_pairs_raise_bytes(factor.modulus.handle))
            case .limbs, .columns: itch = max(itch, mont_raise_limbs(factor.modulus.handle))
            case .vectors where count == 1: bytes = max(bytes, mont_vector_raise_bytes(factor.modulus.handle))
            case .vectors: bytes = max(bytes, mont_vector_raise8_bytes(factor.modulus.handle))
            }
        }
        limbScratch = Limbs(count: itch)
        vectorScratch = VectorScratch(byteCount: bytes)
    }

    /// - Throws: `.faultDetected` when the result does not lead back to the input; nothing is written then.
    func apply(_ bytes: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        try prepare(lanes[0], bytes)
        switch kernel {
        case .limbs, .columns: powerOnLimbs(lanes[0])
        case .pairs, .vectors: powerOnVectors(lanes[0])
        }
        try finish(lanes[0], into: output)
    }

    /// Up to ``width`` operations for little more than the price of one; lanes without an input repeat the first.
    /// - Throws: `.faultDetected` when any result does not lead back to its input; some may be written then.
    func apply(_ jobs: borrowing Span<PrivateJob>) throws(CryptoError) {
        precondition(!jobs.isEmpty && jobs.count <= lanes.count)
        for index in lanes.indices { try prepare(lanes[index], jobs[index < jobs.count ? index : 0].input) }
        powerInLanes()
        for index in jobs.indices { try finish(lanes[index], into: jobs[index].output) }
    }

    private func prepare(_ lane: Lane, _ bytes: UnsafeRawBufferPointer) throws(CryptoError) {
        lane.input.load(bigEndian: bytes)
        try blinding.prepare(raise)
        lane.blinded.words.update(from: lane.input.words, count: lane.input.count)
        blinding.blind(lane.blinded.words)
        blinding.copyUnblinder(to: lane.unblinder)
        // exponent + random * (prime - 1), one draw for all factors.
        try fillRandom(UnsafeMutableRawBufferPointer(start: random.words, count: random.count * Limbs.bytesPerLimb))
        Secret.mark(random)
        for index in key.factors.indices {
            let factor = key.factors[index]
            let count = factor.prime.count
            let draw = Limbs.Limb(UInt32(truncatingIfNeeded: random.words[index]))
            gmp_mul_1(multiple.words, factor.order.words, count, draw)
            _ = gmp_add_n(lane.exponents[index].words, multiple.words, factor.exponent.words, count + 1)
        }
    }

    private func powerOnLimbs(_ lane: Lane) {
        for index in key.factors.indices {
            mont_raise(
                key.factors[index].modulus.handle, lane.residues[index].words, lane.blinded.words, lane.blinded.count,
                lane.exponents[index].words, exponentBits, limbScratch.words)
        }
    }

    private func powerOnVectors(_ lane: Lane) {
        let count = key.factors.count
        withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: count) { moduli in
            withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Limbs.Limb>?.self, capacity: count) { residues in
                withUnsafeTemporaryAllocation(of: UnsafePointer<Limbs.Limb>?.self, capacity: count) { exponents in
                    for index in 0..<count {
                        moduli[index] = key.factors[index].modulus.handle
                        residues[index] = lane.residues[index].words
                        exponents[index] = UnsafePointer(lane.exponents[index].words)
                    }
                    if kernel == .pairs {
                        mont_pairs_raise(
                            count, moduli.baseAddress, residues.baseAddress, lane.blinded.words, lane.blinded.count,
                            exponents.baseAddress, exponentBits, vectorScratch.bytes.baseAddress)
                    } else {
                        mont_vector_raise(
                            count, moduli.baseAddress, residues.baseAddress, lane.blinded.words, lane.blinded.count,
                            exponents.baseAddress, exponentBits, vectorScratch.bytes.baseAddress)
                    }
                }
            }
        }
    }

    /// Factor by factor, all lanes at once.
    private func powerInLanes() {
        let width = Self.width
        withUnsafeTemporaryAllocation(of: OpaquePointer?.self, capacity: width) { moduli in
            withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<Limbs.Limb>?.self, capacity: width) { residues in
                withUnsafeTemporaryAllocation(of: UnsafePointer<Limbs.Limb>?.self, capacity: 2 * width) { sources in
                    for (position, factor) in key.factors.enumerated() {
                        for index in 0..<width {
                            moduli[index] = factor.modulus.handle
                            residues[index] = lanes[index].residues[position].words
                            sources[index] = UnsafePointer(lanes[index].blinded.words)
                            sources[width + index] = UnsafePointer(lanes[index].exponents[position].words)
                        }
                        guard let base = sources.baseAddress else { return }
                        mont_vector_raise8(
                            moduli.baseAddress, residues.baseAddress, base, key.modulus.count, base + width,
                            exponentBits, vectorScratch.bytes.baseAddress)
                    }
                }
            }
        }
    }

    /// Recombines, unblinds, checks and releases one lane's result.
    private func finish(_ lane: Lane, into output: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        recombine(lane)
        raise.arithmetic.multiply(result.words, lane.unblinder.words, into: result.words, scratch: limbScratch)
        raise.raise(result.words, into: check.words)
        guard Limbs.equal(check, lane.input) else { throw .faultDetected }
        Limbs.store(result.words, bigEndian: output)
    }

    /// `result = blinded^d`, by Garner's recombination of the residues (RFC 8017 §5.1.2 step 2b).
    private func recombine(_ lane: Lane) {
        for index in 0..<result.count { result.words[index] = 0 }
        let first = lane.residues[0]
        result.words.update(from: first.words, count: first.count)
        for position in 1..<key.factors.count { extend(by: key.factors[position], lane.residues[position]) }
    }

    /// `result += product * ((found - result) * coefficient mod prime)`.
    private func extend(by factor: CRTKey.Factor, _ found: Limbs) {
        let size = key.modulus.count
        let prime = factor.prime.count
        // Both in Montgomery form, which the product with the plain coefficient leaves again.
        factor.modulus.enter(result.words, count: size, into: residue.words, scratch: limbScratch)
        factor.modulus.enter(found.words, count: prime, into: step.words, scratch: limbScratch)
        let borrow = gmp_sub_n(step.words, step.words, residue.words, prime)
        _ = gmp_cnd_add_n(borrow, step.words, step.words, factor.prime.words, prime)
        factor.modulus.multiply(step.words, factor.coefficient.words, into: step.words, scratch: limbScratch)
        // Below the modulus, so the sum's carry is always zero.
        for index in 0..<product.count { product.words[index] = 0 }
        if factor.product.count >= prime {
            gmp_sec_mul(
                product.words, factor.product.words, factor.product.count, step.words, prime, limbScratch.words)
        } else {
            gmp_sec_mul(
                product.words, step.words, prime, factor.product.words, factor.product.count, limbScratch.words)
        }
        _ = gmp_add_n(result.words, result.words, product.words, size)
    }
}

/// One private operation of a batch: representative in, representative out, each as long as the modulus.
package struct PrivateJob {
    let input: UnsafeRawBufferPointer
    let output: UnsafeMutableRawBufferPointer

    package init(input: UnsafeRawBufferPointer, output: UnsafeMutableRawBufferPointer) {
        self.input = input
        self.output = output
    }
}
