/// The mask generation function of RFC 8017 appendix B.2.1.
package enum MGF1 {
    /// Exclusive-ors the mask for `seed` onto `target`.
    package static func apply(
        seed: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, _ function: HashFunction
    ) throws(CryptoError) {
        try DigestContext.pool.use(making: DigestContext.init) { (digest) throws(CryptoError) in
            try withScratch(function.size) { (block) throws(CryptoError) in
                for (counter, offset) in stride(from: 0, to: target.count, by: function.size).enumerated() {
                    try digest.begin(function)
                    try digest.update(seed)
                    try digest.update(length: counter)
                    try digest.finish(into: block)
                    for index in 0..<min(block.count, target.count - offset) { target[offset + index] ^= block[index] }
                }
            }
        }
    }
}
