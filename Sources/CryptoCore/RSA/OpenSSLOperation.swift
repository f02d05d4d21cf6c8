internal import CLibCrypto

/// libcrypto's raw RSA on one kept `EVP_PKEY_CTX`; padding is ours, above every engine.
final class OpenSSLOperation {
    private let context: OpaquePointer
    private let isPrivate: Bool

    /// - Parameter key: an `EVP_PKEY`; the context holds its own reference.
    init(key: OpaquePointer, isPrivate: Bool) throws(CryptoError) {
        context = try made(EVP_PKEY_CTX_new(key, nil), "EVP_PKEY_CTX_new")
        self.isPrivate = isPrivate
        if isPrivate {
            try check(EVP_PKEY_decrypt_init(context), "EVP_PKEY_decrypt_init")
        } else {
            try check(EVP_PKEY_encrypt_init(context), "EVP_PKEY_encrypt_init")
        }
        try check(EVP_PKEY_CTX_set_rsa_padding(context, RSA_NO_PADDING), "EVP_PKEY_CTX_set_rsa_padding")
    }

    deinit { EVP_PKEY_CTX_free(context) }

    /// Both buffers hold exactly the modulus' length; libcrypto blinds, and checks CRT results, by itself.
    func apply(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        var written = output.count
        let target = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        let source = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        if isPrivate {
            try check(EVP_PKEY_decrypt(context, target, &written, source, input.count), "EVP_PKEY_decrypt")
        } else {
            try check(EVP_PKEY_encrypt(context, target, &written, source, input.count), "EVP_PKEY_encrypt")
        }
        guard written == output.count else { throw .wrongLength(expected: output.count, actual: written) }
    }
}
