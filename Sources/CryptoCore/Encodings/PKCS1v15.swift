/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2).
enum PKCS1v15 {
    /// 0x00 0x01 FF... 0x00 DigestInfo. A verifier compares the whole encoding: nothing is parsed, so nothing lenient.
    /// - Throws: `.tooLong` when fewer than eight padding bytes remain.
    static func encode(
        digest: [UInt8], _ function: HashFunction, into target: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        let prefix = function.digestInfoPrefix
        let tail = prefix.count + digest.count
        guard target.count >= tail + 11 else { throw .tooLong(limit: target.count - 11, actual: tail) }
        target[0] = 0
        target[1] = 1
        for index in 2..<(target.count - tail - 1) { target[index] = 0xff }
        target[target.count - tail - 1] = 0
        for index in prefix.indices { target[target.count - tail + index] = prefix[index] }
        for index in digest.indices { target[target.count - digest.count + index] = digest[index] }
    }
}
