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

    /// Where the ciphertext stands in an envelope of so many bytes.
    package func ciphertext(envelopeBytes: Int, recipientModulusBytes: Int) -> Range<Int> {
        headerBytes(recipientModulusBytes: recipientModulusBytes)..<(envelopeBytes - trailerBytes)
    }

    /// Seals in place: `frame` holds room for the header, then the plaintext, then room for the tag.
    package func seal(
        _ frame: UnsafeMutableRawBufferPointer, for recipient: RSAPublicKey, _ purpose: Purpose
    ) throws(CryptoError) {
        let text = ciphertext(envelopeBytes: frame.count, recipientModulusBytes: recipient.modulusBytes)
        try writeHeader(frame, for: recipient) { (key, nonce, header) throws(CryptoError) in
            try AESGCM.seal(
                UnsafeMutableRawBufferPointer(rebasing: frame[text]),
                tag: UnsafeMutableRawBufferPointer(rebasing: frame[text.upperBound...]), key: key, nonce: nonce,
                authenticating: header, purpose.label)
        }
    }

    /// Writes the header of `frame` and returns what encrypts its text, piece by piece.
    package func beginSealing(
        _ frame: UnsafeMutableRawBufferPointer, for recipient: RSAPublicKey, _ purpose: Purpose
    ) throws(CryptoError) -> AESGCMStream {
        let stream = try AESGCMStream()
        try writeHeader(frame, for: recipient) { (key, nonce, header) throws(CryptoError) in
            try stream.begin(encrypting: true, key: key, nonce: nonce)
            try stream.authenticate(header, purpose.label)
        }
        return stream
    }

    /// Writes the header around a fresh content key, and lends that, the nonce and the header.
    private func writeHeader(
        _ frame: UnsafeMutableRawBufferPointer, for recipient: RSAPublicKey,
        _ body: (RawSpan, UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(CryptoError) -> Void
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
            try body(key, UnsafeRawBufferPointer(nonce), UnsafeRawBufferPointer(header))
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
        try readHeader(envelope, plaintextBytes: target.count, with: recipient) {
            (key, nonce, header) throws(CryptoError) in
            let text = ciphertext(envelopeBytes: envelope.count, recipientModulusBytes: recipient.modulusBytes)
            try AESGCM.open(
                UnsafeRawBufferPointer(rebasing: envelope[text]),
                tag: UnsafeRawBufferPointer(rebasing: envelope[text.upperBound...]), into: target, key: key,
                nonce: nonce, authenticating: header, purpose.label)
        }
    }

    /// Reads the header of an envelope and returns what decrypts its text, piece by piece.
    /// - Throws: `.openingFailed`.
    package func beginOpening(
        _ envelope: UnsafeRawBufferPointer, plaintextBytes: Int, with recipient: RSAPrivateKey, _ purpose: Purpose
    ) throws(CryptoError) -> AESGCMStream {
        let stream = try AESGCMStream()
        try readHeader(envelope, plaintextBytes: plaintextBytes, with: recipient) {
            (key, nonce, header) throws(CryptoError) in
            try stream.begin(encrypting: false, key: key, nonce: nonce)
            try stream.authenticate(header, purpose.label)
        }
        return stream
    }

    /// Unwraps the content key and lends it, the nonce and the header.
    private func readHeader(
        _ envelope: UnsafeRawBufferPointer, plaintextBytes: Int, with recipient: RSAPrivateKey,
        _ body: (RawSpan, UnsafeRawBufferPointer, UnsafeRawBufferPointer) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        let headerCount = headerBytes(recipientModulusBytes: recipient.modulusBytes)
        guard envelope.count == headerCount + plaintextBytes + trailerBytes else { throw .openingFailed }
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
            try body(
                key, UnsafeRawBufferPointer(rebasing: envelope[(headerCount - AESGCM.nonceBytes)..<headerCount]),
                UnsafeRawBufferPointer(rebasing: envelope[..<headerCount]))
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
