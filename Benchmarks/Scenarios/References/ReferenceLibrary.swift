internal import CryptoCore

/// Another implementation of the four RSA operations, with its keys and contexts kept.
protocol ReferenceLibrary {
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    func sign(_ message: UnsafeRawBufferPointer) throws -> [UInt8]
    func verify(_ signature: UnsafeRawBufferPointer, of message: UnsafeRawBufferPointer) throws -> Bool
    /// RSAES-OAEP with SHA-256.
    func wrap(_ contentKey: [UInt8]) throws -> [UInt8]
    func unwrap(_ wrapped: [UInt8]) throws -> [UInt8]
}

extension LeanLibcrypto: ReferenceLibrary {}

/// The libraries that this program was built with, by the names that rows carry.
enum ReferenceLibraries {
    /// Those that know a suite's keys.
    static func names(for suite: Suite) -> [String] {
        #if SwiftCrypto
            return ["libcrypto"] + (SwiftCryptoLibrary.serves(suite) ? [SwiftCryptoLibrary.name] : [])
        #else
            return ["libcrypto"]
        #endif
    }

    /// Nil where the name is none of a library.
    static func make(_ name: String, for suite: Suite, key: RSAPrivateKey) throws -> (any ReferenceLibrary)? {
        if name == "libcrypto" { return LeanLibcrypto(privateKey: try key.pkcs8(), keyBytes: suite.contentKeyBytes) }
        #if SwiftCrypto
            if name == SwiftCryptoLibrary.name { return try SwiftCryptoLibrary(privateKey: key.pkcs8()) }
        #endif
        return nil
    }

    /// A message with the promises of ours, there and back; nil where the name is none of a library.
    static func message(
        _ name: String, for suite: Suite, key: RSAPrivateKey, _ payload: [UInt8]
    ) throws -> (() throws -> UInt64)? {
        switch try make(name, for: suite, key: key) {
        case let lean as LeanLibcrypto: return FloorEnvelope(lean, payload).once
        #if SwiftCrypto
            case let library as SwiftCryptoLibrary:
                return SwiftCryptoMessage(library, keyBytes: suite.contentKeyBytes, payload).once
        #endif
        default: return nil
        }
    }
}
