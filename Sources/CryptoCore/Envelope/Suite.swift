/// A closed bundle of algorithms and key sizes. Single algorithms are never negotiated.
///
/// Every suite signs with RSASSA-PKCS1-v1_5 SHA-256, wraps with RSAES-OAEP SHA-256 and seals with AES-GCM. The suites
/// with more than two primes (RFC 8017 §3.2) differ in one's own private key alone: a peer sees no difference.
public enum Suite: CaseIterable, Sendable {
    /// The paper's time; insecure today and allowed only inside a benchmark.
    case rsa1024
    case rsa2048, rsa3072, rsa4096
    case rsa2048x3, rsa3072x3, rsa4096x4

    public var modulusBits: Int {
        switch self {
        case .rsa1024: 1024
        case .rsa2048, .rsa2048x3: 2048
        case .rsa3072, .rsa3072x3: 3072
        case .rsa4096, .rsa4096x4: 4096
        }
    }

    /// Prime factors of one's own modulus.
    public var primes: Int {
        switch self {
        case .rsa1024, .rsa2048, .rsa3072, .rsa4096: 2
        case .rsa2048x3, .rsa3072x3: 3
        case .rsa4096x4: 4
        }
    }

    /// What envelopes carry: the number of primes is nobody else's business.
    var number: UInt16 {
        switch self {
        case .rsa1024: 1
        case .rsa2048, .rsa2048x3: 2
        case .rsa3072, .rsa3072x3: 3
        case .rsa4096, .rsa4096x4: 4
        }
    }

    /// AES-128 with the paper's 1024-bit keys, AES-256 with the rest.
    public var contentKeyBytes: Int { self == .rsa1024 ? 16 : 32 }

    public var isSecure: Bool { self != .rsa1024 }

    public var name: String {
        switch self {
        case .rsa1024: "rsa1024"
        case .rsa2048: "rsa2048"
        case .rsa3072: "rsa3072"
        case .rsa4096: "rsa4096"
        case .rsa2048x3: "rsa2048x3"
        case .rsa3072x3: "rsa3072x3"
        case .rsa4096x4: "rsa4096x4"
        }
    }

    public init?(name: String) {
        for suite in Suite.allCases where suite.name == name {
            self = suite
            return
        }
        return nil
    }

    /// Whether a peer's key may be used: size, and an exponent that is odd and at least 65537.
    public func check(peerKey key: RSAPublicKey) throws(CryptoError) {
        guard key.modulusBits >= min(modulusBits, 2048), key.modulusBits <= 8192 else {
            throw .keySizeRefused(bits: key.modulusBits)
        }
        if let exponent = key.smallExponent, exponent < 65537 { throw .invalidKey("public exponent below 65537") }
    }

    /// Whether a key may be one's own: exactly the suite's size, and e = 65537.
    public func check(ownKey key: RSAPublicKey) throws(CryptoError) {
        guard key.modulusBits == modulusBits else { throw .keySizeRefused(bits: key.modulusBits) }
        guard key.smallExponent == 65537 else { throw .invalidKey("public exponent is not 65537") }
    }
}

/// What a signature or an envelope is for: bound into both, so that none serves another purpose.
public enum Purpose: Sendable {
    case challenge, login, message

    /// The label of S, "juxtapose paper v1 " and the purpose.
    var label: StaticString {
        switch self {
        case .challenge: "juxtapose paper v1 challenge"
        case .login: "juxtapose paper v1 login"
        case .message: "juxtapose paper v1 message"
        }
    }
}
