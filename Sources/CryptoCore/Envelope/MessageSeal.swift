/// `E(m, S(m))` of the paper's 4.3.1 step 4, laid out so that the payload never moves:
///
///     envelope header | LP(m) | LP(S(m)) | tag
///
/// The payload is written once, with ``prefixBytes(recipientModulusBytes:)`` reserved before it.
public struct MessageSeal: Sendable {
    package static let lengthBytes = 4
    public let envelope: SealedEnvelope

    public init(_ suite: Suite) throws(CryptoError) {
        envelope = try SealedEnvelope(suite)
    }

    /// Bytes that stand before the payload.
    public func prefixBytes(recipientModulusBytes: Int) -> Int {
        envelope.headerBytes(recipientModulusBytes: recipientModulusBytes) + Self.lengthBytes
    }

    /// Bytes that stand after the payload.
    public func suffixBytes(senderModulusBytes: Int) -> Int {
        Self.lengthBytes + senderModulusBytes + envelope.trailerBytes
    }

    /// Seals in place. `frame` is prefix, payload and suffix; only the payload needs to be filled in.
    /// - Parameter signature: S(m), which for a group is the same for every member.
    package func seal(
        _ frame: UnsafeMutableRawBufferPointer, signature: [UInt8], for recipient: RSAPublicKey
    ) throws(CryptoError) {
        let places = frameLengths(frame, signatureBytes: signature.count, for: recipient)
        UnsafeMutableRawBufferPointer(rebasing: frame[places.signature]).copyBytes(from: signature)
        try envelope.seal(frame, for: recipient, .message)
    }

    /// Seals in place, S(m) included.
    package func seal(
        _ frame: UnsafeMutableRawBufferPointer, signingWith key: RSAPrivateKey, for recipient: RSAPublicKey
    ) throws(CryptoError) {
        let places = frameLengths(frame, signatureBytes: key.modulusBytes, for: recipient)
        let payload = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(rebasing: frame[places.payload]))
        let signature = try key.sign(payload, for: .message)
        UnsafeMutableRawBufferPointer(rebasing: frame[places.signature]).copyBytes(from: signature)
        try envelope.seal(frame, for: recipient, .message)
    }

    /// Writes both lengths into a frame.
    package func frameLengths(
        _ frame: UnsafeMutableRawBufferPointer, signatureBytes: Int, for recipient: RSAPublicKey
    ) -> Places {
        let prefix = prefixBytes(recipientModulusBytes: recipient.modulusBytes)
        let suffix = suffixBytes(senderModulusBytes: signatureBytes)
        precondition(frame.count >= prefix + suffix)
        let payloadEnd = frame.count - suffix
        Self.write(payloadEnd - prefix, to: frame, at: prefix - Self.lengthBytes)
        Self.write(signatureBytes, to: frame, at: payloadEnd)
        let signature = payloadEnd + Self.lengthBytes
        return Places(payload: prefix..<payloadEnd, signature: signature..<(signature + signatureBytes))
    }

    /// Where payload and signature stand in an opened plaintext.
    /// - Throws: `.openingFailed` unless both lengths fit exactly.
    public func parse(_ plaintext: RawSpan) throws(CryptoError) -> Places {
        let count = plaintext.byteCount
        let payload = try payload(of: plaintext)
        guard let signatureCount = Self.read(plaintext, at: payload.upperBound),
            payload.upperBound + Self.lengthBytes + signatureCount == count
        else { throw .openingFailed }
        return Places(payload: payload, signature: (payload.upperBound + Self.lengthBytes)..<count)
    }

    /// Where the payload stands, by the first bytes alone.
    /// - Throws: `.openingFailed` unless there is room for it.
    package func payload(of plaintext: RawSpan) throws(CryptoError) -> Range<Int> {
        guard let count = Self.read(plaintext, at: 0), count <= plaintext.byteCount - 2 * Self.lengthBytes else {
            throw .openingFailed
        }
        return Self.lengthBytes..<(Self.lengthBytes + count)
    }

    /// Where m and S(m) stand.
    public struct Places: Sendable {
        public let payload: Range<Int>
        public let signature: Range<Int>
    }

    private static func write(_ value: Int, to bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.storeBytes(of: UInt32(value).bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    private static func read(_ bytes: RawSpan, at offset: Int) -> Int? {
        guard offset >= 0, bytes.byteCount - offset >= lengthBytes else { return nil }
        return Int(UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
