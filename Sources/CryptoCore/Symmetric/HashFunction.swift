/// The hash functions that keys, vectors and identifiers name. Which of them may sign is a suite's decision.
public enum HashFunction: UInt8, CaseIterable, Sendable {
    case sha1, sha224, sha256, sha384, sha512, sha512_224, sha512_256

    /// Bytes of output (FIPS 180-4 table 1).
    public var size: Int {
        switch self {
        case .sha1: 20
        case .sha224, .sha512_224: 28
        case .sha256, .sha512_256: 32
        case .sha384: 48
        case .sha512: 64
        }
    }

    var evp: OpaquePointer? { FetchedAlgorithms.digest(self) }

    /// DER of DigestInfo up to the digest itself (RFC 8017 §9.2 note 1).
    var digestInfoPrefix: [UInt8] {
        switch self {
        case .sha1: [0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0x00, 0x04, 0x14]
        case .sha224: Self.sha2Prefix(algorithm: 4, size: 28)
        case .sha256: Self.sha2Prefix(algorithm: 1, size: 32)
        case .sha384: Self.sha2Prefix(algorithm: 2, size: 48)
        case .sha512: Self.sha2Prefix(algorithm: 3, size: 64)
        case .sha512_224: Self.sha2Prefix(algorithm: 5, size: 28)
        case .sha512_256: Self.sha2Prefix(algorithm: 6, size: 32)
        }
    }

    /// 2.16.840.1.101.3.4.2.`algorithm`, NULL parameters.
    private static func sha2Prefix(algorithm: UInt8, size: UInt8) -> [UInt8] {
        [
            0x30, 17 + size, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, algorithm, 0x05,
            0x00, 0x04, size,
        ]
    }
}
