/// E_PK(x) of the paper's section 4, a wrapped-key encryption:
///
///     version u8 | suite u16 | OAEP-wrapped content key | nonce 12 | ciphertext | tag 16
///
/// Everything before the ciphertext, and the purpose, is authenticated with it.
public struct SealedEnvelope: Sendable {
    static let version: UInt8 = 1
    private static let prefixBytes = 3

    public let suite: Suite
    private let encoding: OAEP

    public init(_ suite: Suite) throws(CryptoError) {
        self.suite = suite
        encoding = try OAEP()
    }

    /// Bytes before the ciphertext.
    public func headerBytes(recipientModulusBytes: Int) -> Int {
        Self.prefixBytes + recipientModulusBytes + AESGCM.nonceBytes
    }

    /// Bytes after the ciphertext.
    public var trailerBytes: Int { AESGCM.tagBytes }

    /// Bytes that sealing adds.
    public func overhead(recipientModulusBytes: Int) -> Int {
        headerBytes(recipientModulusBytes: recipientModulusBytes) + trailerBytes
    }

    /// Seals in place: `frame` holds room for the header, then the plaintext, then room for the tag.
    package func seal(
        _ frame: UnsafeMutableRawBufferPointer, for recipient: RSAPublicKey, _ purpose: Purpose
    ) throws(CryptoError) {
        let headerCount = headerBytes(recipientModulusBytes: recipient.modulusBytes)
        precondition(frame.count >= headerCount + trailerBytes)
        let header = UnsafeMutableRawBufferPointer(rebasing: frame[..<headerCount])
        let wrapped = UnsafeMutableRawBufferPointer(
            rebasing: header[Self.prefixBytes..<(headerCount - AESGCM.nonceBytes)])
        let nonce = UnsafeMutableRawBufferPointer(rebasing: header[(headerCount - AESGCM.nonceBytes)...])
        header[0] = Self.version
        header[1] = UInt8(suite.number >> 8)
        header[2] = UInt8(suite.number & 0xff)
        // Content key, seed and nonce in one draw.
        let keyBytes = suite.contentKeyBytes
        let fresh = try SecretBytes(randomCount: keyBytes + encoding.hash.size + AESGCM.nonceBytes)
        try fresh.withBytes { (fresh) throws(CryptoError) in
            let key = fresh.extracting(first: keyBytes)
            let seed = fresh.extracting(keyBytes..<(keyBytes + encoding.hash.size))
            fresh.extracting(last: AESGCM.nonceBytes).withUnsafeBytes { nonce.copyMemory(from: $0) }
            try recipient.encrypt(key, seed: seed, with: encoding, into: wrapped)
            try AESGCM.seal(
                UnsafeMutableRawBufferPointer(rebasing: frame[headerCount..<(frame.count - trailerBytes)]),
                tag: UnsafeMutableRawBufferPointer(rebasing: frame[(frame.count - trailerBytes)...]), key: key,
                nonce: UnsafeRawBufferPointer(nonce), authenticating: UnsafeRawBufferPointer(header), purpose.label)
        }
    }

    /// How many bytes of plaintext an envelope of this size holds.
    /// - Throws: `.openingFailed` when it is too short to be one.
    public func plaintextBytes(envelopeBytes: Int, recipient: RSAPrivateKey) throws(CryptoError) -> Int {
        let count = envelopeBytes - overhead(recipientModulusBytes: recipient.modulusBytes)
        guard count >= 0 else { throw .openingFailed }
        return count
    }

    /// Opens into `target`, which has room for exactly the plaintext.
    /// - Throws: `.openingFailed` for every kind of mismatch: version, suite, wrapping, tag.
    package func open(
        _ envelope: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, with recipient: RSAPrivateKey,
        _ purpose: Purpose
    ) throws(CryptoError) {
        let headerCount = headerBytes(recipientModulusBytes: recipient.modulusBytes)
        guard envelope.count == headerCount + target.count + trailerBytes else { throw .openingFailed }
        let version = envelope[0]
        let suiteNumber = UInt16(envelope[1]) << 8 | UInt16(envelope[2])
        guard version == Self.version, suiteNumber == suite.number else { throw .openingFailed }
        let key: SecretBytes
        do throws(CryptoError) {
            key = try recipient.unwrap(
                UnsafeRawBufferPointer(rebasing: envelope[Self.prefixBytes..<(headerCount - AESGCM.nonceBytes)]),
                keyBytes: suite.contentKeyBytes, with: encoding)
        } catch .representativeOutOfRange {
            throw .openingFailed
        }
        try key.withBytes { (key) throws(CryptoError) in
            try AESGCM.open(
                UnsafeRawBufferPointer(rebasing: envelope[headerCount..<(envelope.count - trailerBytes)]),
                tag: UnsafeRawBufferPointer(rebasing: envelope[(envelope.count - trailerBytes)...]), into: target,
                key: key,
                nonce: UnsafeRawBufferPointer(rebasing: envelope[(headerCount - AESGCM.nonceBytes)..<headerCount]),
                authenticating: UnsafeRawBufferPointer(rebasing: envelope[..<headerCount]), purpose.label)
        }
    }
}

extension SealedEnvelope {
    /// Seals a copy of `plaintext`: for small requests. Payloads are sealed in place by ``MessageSeal``.
    public func seal(
        _ plaintext: borrowing SecretBytes, for recipient: RSAPublicKey, _ purpose: Purpose
    ) throws(CryptoError) -> [UInt8] {
        let headerCount = headerBytes(recipientModulusBytes: recipient.modulusBytes)
        return try withScratch(headerCount + plaintext.count + trailerBytes) { (frame) throws(CryptoError) in
            plaintext.withBytes { bytes in
                bytes.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(rebasing: frame[headerCount..<(headerCount + $0.count)])
                        .copyMemory(from: $0)
                }
            }
            try seal(frame, for: recipient, purpose)
            return Array(frame)
        }
    }

    /// - Throws: `.openingFailed`.
    public func open(
        _ envelope: RawSpan, with recipient: RSAPrivateKey, _ purpose: Purpose
    ) throws(CryptoError) -> SecretBytes {
        let plaintext = SecretBytes(
            count: try plaintextBytes(envelopeBytes: envelope.byteCount, recipient: recipient))
        try plaintext.withMutableBytes { (target) throws(CryptoError) in
            try envelope.withUnsafeBytes { (bytes) throws(CryptoError) in
                try open(bytes, into: target, with: recipient, purpose)
            }
        }
        return plaintext
    }
}
