/// `E(m, S(m))` of the paper's 4.3.1 step 4, laid out so that the payload never moves:
///
///     envelope header | LP(m) | LP(S(m)) | tag
///
/// The payload is written once, with ``prefixBytes(recipientModulusBytes:)`` reserved before it.
public struct MessageSeal: Sendable {
    private static let lengthBytes = 4
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
        let prefix = prefixBytes(recipientModulusBytes: recipient.modulusBytes)
        let suffix = suffixBytes(senderModulusBytes: signature.count)
        precondition(frame.count >= prefix + suffix)
        let payloadEnd = frame.count - suffix
        Self.write(payloadEnd - prefix, to: frame, at: prefix - Self.lengthBytes)
        Self.write(signature.count, to: frame, at: payloadEnd)
        UnsafeMutableRawBufferPointer(
            rebasing: frame[(payloadEnd + Self.lengthBytes)..<(payloadEnd + Self.lengthBytes + signature.count)]
        ).copyBytes(from: signature)
        try envelope.seal(frame, for: recipient, .message)
    }

    /// Where payload and signature stand in an opened plaintext.
    /// - Throws: `.openingFailed` unless both lengths fit exactly.
    public func parse(_ plaintext: RawSpan) throws(CryptoError) -> (payload: Range<Int>, signature: Range<Int>) {
        let count = plaintext.byteCount
        guard let payloadCount = Self.read(plaintext, at: 0), payloadCount <= count - 2 * Self.lengthBytes else {
            throw .openingFailed
        }
        let payload = Self.lengthBytes..<(Self.lengthBytes + payloadCount)
        guard let signatureCount = Self.read(plaintext, at: payload.upperBound),
            payload.upperBound + Self.lengthBytes + signatureCount == count
        else { throw .openingFailed }
        return (payload, (payload.upperBound + Self.lengthBytes)..<count)
    }

    private static func write(_ value: Int, to bytes: UnsafeMutableRawBufferPointer, at offset: Int) {
        bytes.storeBytes(of: UInt32(value).bigEndian, toByteOffset: offset, as: UInt32.self)
    }

    private static func read(_ bytes: RawSpan, at offset: Int) -> Int? {
        guard offset >= 0, bytes.byteCount - offset >= lengthBytes else { return nil }
        return Int(UInt32(bigEndian: bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }
}
