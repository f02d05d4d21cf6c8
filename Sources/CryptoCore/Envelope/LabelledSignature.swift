/// What S signs: SHA-256 over `LP(label) | LP(x)`, where `LP` is a u32 length and the bytes. It is made from content
/// only: nobody can have the digest of something else signed.
public struct LabelledDigest: Sendable {
    let bytes: [UInt8]

    public init(of content: RawSpan, for purpose: Purpose) throws(CryptoError) {
        let phase = Phase.begin()
        defer { phase.end("digest", bytes: content.byteCount) }
        self = try DigestContext.pool.use(making: DigestContext.init) { (context) throws(CryptoError) in
            try Self.begin(context, purpose, contentBytes: content.byteCount)
            try context.update(content)
            return LabelledDigest(bytes: try context.finish(.sha256))
        }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private static func begin(
        _ context: DigestContext, _ purpose: Purpose, contentBytes: Int
    ) throws(CryptoError) {
        try context.begin(.sha256)
        try context.update(length: purpose.label.utf8CodeUnitCount)
        try context.update(purpose.label)
        try context.update(length: contentBytes)
    }

    /// The same from content that comes piece by piece.
    package struct Stream: ~Copyable {
        private let context: DigestContext
        private var missing: Int

        package init(for purpose: Purpose, contentBytes: Int) throws(CryptoError) {
            let context = try DigestContext()
            try LabelledDigest.begin(context, purpose, contentBytes: contentBytes)
            self.context = context
            missing = contentBytes
        }

        package mutating func update(_ piece: UnsafeRawBufferPointer) throws(CryptoError) {
            missing -= piece.count
            try context.update(piece)
        }

        package consuming func finish() throws(CryptoError) -> LabelledDigest {
            precondition(missing == 0)
            return LabelledDigest(bytes: try context.finish(.sha256))
        }
    }
}

/// S_SK(x) of the paper's section 4.
extension RSAPrivateKey {
    public func sign(_ content: RawSpan, for purpose: Purpose) throws(CryptoError) -> [UInt8] {
        try sign(LabelledDigest(of: content, for: purpose))
    }

    public func sign(_ digest: LabelledDigest) throws(CryptoError) -> [UInt8] {
        try sign(digest: digest.bytes, .suite)
    }
}

extension RSAPublicKey {
    /// - Throws: `.signatureInvalid`.
    public func verify(_ signature: RawSpan, of content: RawSpan, for purpose: Purpose) throws(CryptoError) {
        try verify(signature, of: LabelledDigest(of: content, for: purpose))
    }

    /// - Throws: `.signatureInvalid`.
    public func verify(_ signature: RawSpan, of digest: LabelledDigest) throws(CryptoError) {
        try verify(signature, digest: digest.bytes, .suite)
    }
}
