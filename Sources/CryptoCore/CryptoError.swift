/// Why an algorithm refused. The numbers help whoever reads the log; a peer is never told them.
public enum CryptoError: Error, Equatable, Sendable {
    case wrongLength(expected: Int, actual: Int)
    case tooLong(limit: Int, actual: Int)
    /// The key is malformed or inconsistent; the word says which part.
    case invalidKey(StaticReason)
    case keySizeRefused(bits: Int)
    /// The number is not below the modulus (RFC 8017 §5.1, §5.2).
    case representativeOutOfRange
    case signatureInvalid
    /// Decryption, padding and tag failures alike: telling them apart would be an oracle.
    case openingFailed
    /// The result of a private operation did not check with the public exponent and was withheld.
    case faultDetected
    case malformed(StaticReason)
    case certificate(CertificateDefect)
    /// A libcrypto call failed; `code` comes from `ERR_get_error`.
    case openSSL(operation: StaticReason, code: UInt)
}

/// A reason fixed at compile time: comparable, and free of allocation.
public struct StaticReason: Equatable, Sendable, ExpressibleByStringLiteral {
    public let text: StaticString

    public init(stringLiteral text: StaticString) {
        self.text = text
    }

    public static func == (left: StaticReason, right: StaticReason) -> Bool {
        guard left.text.utf8CodeUnitCount == right.text.utf8CodeUnitCount else { return false }
        for index in 0..<left.text.utf8CodeUnitCount where left.text.utf8Start[index] != right.text.utf8Start[index] {
            return false
        }
        return true
    }
}

/// What is wrong with a certificate or with its place in a chain.
public enum CertificateDefect: Equatable, Sendable {
    case notYetValid, expired, revoked
    case wrongIssuer, signatureInvalid, algorithmRefused
    case notAuthority, pathTooLong, keyUsageRefused, unknownCriticalExtension
    case wrongRole, missingField
    case revocationListStale
}
