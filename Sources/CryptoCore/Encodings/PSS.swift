/// EMSA-PSS (RFC 8017 §9.1).
enum PSS {
    /// - Parameter target: all of the representative, `(modulusBits + 7) / 8` bytes; a byte that the encoding does
    ///   not reach is zero.
    static func encode(
        digest: [UInt8], salt: [UInt8], hash: HashFunction, mask: HashFunction, modulusBits: Int,
        into target: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        memoryZero(target)
        let bits = modulusBits - 1
        let encodedBytes = (bits + 7) / 8
        guard encodedBytes >= digest.count + salt.count + 2 else {
            throw .tooLong(limit: encodedBytes - digest.count - 2, actual: salt.count)
        }
        let encoded = UnsafeMutableRawBufferPointer(rebasing: target[(target.count - encodedBytes)...])
        let blockBytes = encodedBytes - digest.count - 1
        let block = UnsafeMutableRawBufferPointer(rebasing: encoded[..<blockBytes])
        let value = try fingerprint(digest: digest, salt: salt.span.bytes, hash)
        block[blockBytes - salt.count - 1] = 1
        for index in salt.indices { block[blockBytes - salt.count + index] = salt[index] }
        for index in value.indices { encoded[blockBytes + index] = value[index] }
        try MGF1.apply(
            seed: UnsafeRawBufferPointer(rebasing: encoded[blockBytes..<(encodedBytes - 1)]), to: block, mask)
        block[0] &= 0xff >> UInt8(8 * encodedBytes - bits)
        encoded[encodedBytes - 1] = 0xbc
    }

    /// Whether a recovered representative encodes `digest` with a salt of `saltBytes`. Unmasks in place.
    static func verify(
        _ representative: UnsafeMutableRawBufferPointer, digest: [UInt8], saltBytes: Int, hash: HashFunction,
        mask: HashFunction, modulusBits: Int
    ) throws(CryptoError) -> Bool {
        let bits = modulusBits - 1
        let encodedBytes = (bits + 7) / 8
        guard encodedBytes >= digest.count + saltBytes + 2 else { return false }
        for index in 0..<(representative.count - encodedBytes) where representative[index] != 0 { return false }
        let encoded = UnsafeMutableRawBufferPointer(rebasing: representative[(representative.count - encodedBytes)...])
        guard encoded[encodedBytes - 1] == 0xbc else { return false }
        let blockBytes = encodedBytes - digest.count - 1
        let block = UnsafeMutableRawBufferPointer(rebasing: encoded[..<blockBytes])
        let unusedBits = UInt8(8 * encodedBytes - bits)
        let keep: UInt8 = 0xff >> unusedBits
        guard block[0] & ~keep == 0 else { return false }
        let value = UnsafeRawBufferPointer(rebasing: encoded[blockBytes..<(encodedBytes - 1)])
        try MGF1.apply(seed: value, to: block, mask)
        block[0] &= keep
        let padding = blockBytes - saltBytes - 1
        for index in 0..<padding where block[index] != 0 { return false }
        guard block[padding] == 1 else { return false }
        let salt = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: block[(padding + 1)...]))
        let expected = try fingerprint(digest: digest, salt: salt, hash)
        return constantTimeEqual(expected.span.bytes, RawSpan(_unsafeBytes: value))
    }

    /// Hash of eight zero bytes, the digest and the salt.
    private static func fingerprint(
        digest: [UInt8], salt: RawSpan, _ hash: HashFunction
    ) throws(CryptoError) -> [UInt8] {
        let zeros = [UInt8](repeating: 0, count: 8)
        var state = try Digest(hash)
        try state.update(zeros.span.bytes)
        try state.update(digest.span.bytes)
        try state.update(salt)
        return try state.finish()
    }
}
