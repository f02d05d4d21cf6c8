/// The mask generation function of RFC 8017 appendix B.2.1.
enum MGF1 {
    /// Exclusive-ors the mask for `seed` onto `target`.
    static func apply(
        seed: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer, _ function: HashFunction
    ) throws(CryptoError) {
        var counter: UInt32 = 0
        var offset = 0
        while offset < target.count {
            let block = try Digest.of(function) { (digest) throws(CryptoError) in
                try digest.update(seed)
                try digest.update(length: Int(counter))
            }
            for index in 0..<min(block.count, target.count - offset) { target[offset + index] ^= block[index] }
            offset += block.count
            counter += 1
        }
    }
}
