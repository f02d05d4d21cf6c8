/// How a signature is encoded. The overlay's suites use PKCS#1 v1.5 with SHA-256; the rest serves other tools' data.
public enum SignatureScheme: Equatable, Sendable {
    case pkcs1v15(HashFunction)
    case pss(hash: HashFunction, mask: HashFunction, saltBytes: Int)

    /// RSASSA-PKCS1-v1_5 with SHA-256: what every suite signs with.
    public static let suite = SignatureScheme.pkcs1v15(.sha256)

    var hash: HashFunction {
        switch self {
        case .pkcs1v15(let hash): hash
        case .pss(let hash, _, _): hash
        }
    }
}

extension RSAPrivateKey {
    /// Signs a message, never a caller's digest (which could be of something else).
    /// - Returns: ``modulusBytes`` bytes.
    public func sign(_ message: RawSpan, _ scheme: SignatureScheme = .suite) throws(CryptoError) -> [UInt8] {
        try sign(digest: Digest.of(message, scheme.hash), scheme)
    }

    func sign(digest: [UInt8], _ scheme: SignatureScheme) throws(CryptoError) -> [UInt8] {
        var salt: [UInt8] = []
        if case .pss(_, _, let saltBytes) = scheme { salt = try randomBytes(saltBytes) }
        let size = modulusBytes
        return try withScratch(2 * size) { (scratch) throws(CryptoError) in
            let encoded = UnsafeMutableRawBufferPointer(rebasing: scratch[..<size])
            let signature = UnsafeMutableRawBufferPointer(rebasing: scratch[size...])
            switch scheme {
            case .pkcs1v15(let hash):
                try PKCS1v15.encode(digest: digest, hash, into: encoded)
            case .pss(let hash, let mask, _):
                try PSS.encode(
                    digest: digest, salt: salt, hash: hash, mask: mask, modulusBits: modulusBits, into: encoded)
            }
            let phase = Phase.begin()
            defer { phase.end("sign") }
            try apply(UnsafeRawBufferPointer(encoded), into: signature)
            return Array(signature)
        }
    }
}

extension RSAPublicKey {
    /// - Throws: `.signatureInvalid` for every kind of mismatch.
    public func verify(
        _ signature: RawSpan, of message: RawSpan, _ scheme: SignatureScheme = .suite
    ) throws(CryptoError) {
        try verify(signature, digest: Digest.of(message, scheme.hash), scheme)
    }

    func verify(_ signature: RawSpan, digest: [UInt8], _ scheme: SignatureScheme) throws(CryptoError) {
        guard signature.byteCount == modulusBytes else { throw .signatureInvalid }
        let size = modulusBytes
        let genuine = try withScratch(2 * size) { (scratch) throws(CryptoError) -> Bool in
            let recovered = UnsafeMutableRawBufferPointer(rebasing: scratch[..<size])
            let phase = Phase.begin()
            defer { phase.end("verify") }
            do throws(CryptoError) {
                try signature.withUnsafeBytes { (bytes) throws(CryptoError) in try apply(bytes, into: recovered) }
            } catch .representativeOutOfRange {
                return false
            }
            switch scheme {
            case .pkcs1v15(let hash):
                let expected = UnsafeMutableRawBufferPointer(rebasing: scratch[size...])
                try PKCS1v15.encode(digest: digest, hash, into: expected)
                return constantTimeEqual(
                    RawSpan(_unsafeBytes: UnsafeRawBufferPointer(recovered)),
                    RawSpan(_unsafeBytes: UnsafeRawBufferPointer(expected)))
            case .pss(let hash, let mask, let saltBytes):
                return try PSS.verify(
                    recovered, digest: digest, saltBytes: saltBytes, hash: hash, mask: mask, modulusBits: modulusBits)
            }
        }
        guard genuine else { throw .signatureInvalid }
    }
}

/// Lends `count` bytes of memory that is wiped afterwards.
func withScratch<R>(
    _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(CryptoError) -> R
) throws(CryptoError) -> R {
    let scratch = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
    defer {
        wipe(scratch)
        scratch.deallocate()
    }
    return try body(scratch)
}
