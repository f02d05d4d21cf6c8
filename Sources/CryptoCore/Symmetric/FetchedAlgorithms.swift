internal import CLibCrypto

/// Algorithms fetched from libcrypto's provider once: naming one by `EVP_sha256()` fetches it again at every use, which
/// costs a sixth of a microsecond each.
enum FetchedAlgorithms {
    // Set once by Swift's thread-safe initialisation, never freed; libcrypto's methods are immutable.
    private nonisolated(unsafe) static let digests: [OpaquePointer?] = [
        EVP_MD_fetch(nil, "SHA1", nil), EVP_MD_fetch(nil, "SHA2-224", nil), EVP_MD_fetch(nil, "SHA2-256", nil),
        EVP_MD_fetch(nil, "SHA2-384", nil), EVP_MD_fetch(nil, "SHA2-512", nil), EVP_MD_fetch(nil, "SHA2-512/224", nil),
        EVP_MD_fetch(nil, "SHA2-512/256", nil),
    ]
    private nonisolated(unsafe) static let ciphers: [OpaquePointer?] = [
        EVP_CIPHER_fetch(nil, "AES-128-GCM", nil), EVP_CIPHER_fetch(nil, "AES-192-GCM", nil),
        EVP_CIPHER_fetch(nil, "AES-256-GCM", nil),
    ]

    static func digest(_ function: HashFunction) -> OpaquePointer? { digests[Int(function.rawValue)] }

    /// Nil for a key that is not 16, 24 or 32 bytes.
    static func aesGCM(keyBytes: Int) -> OpaquePointer? {
        switch keyBytes {
        case 16: ciphers[0]
        case 24: ciphers[1]
        case 32: ciphers[2]
        default: nil
        }
    }
}
