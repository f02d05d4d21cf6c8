internal import CLibCrypto

/// The floor of a sealed message: bare libcrypto with keys and contexts kept, and nothing of ours in between.
///
/// Send is sign, wrap, GCM; receive is unwrap, GCM, verify. The bytes are those of the envelope it bounds.
final class LeanLibcrypto {
    private let key: OpaquePointer
    private let signing: OpaquePointer
    private let verifying: OpaquePointer
    private let wrapping: OpaquePointer
    private let unwrapping: OpaquePointer
    private let digest: OpaquePointer
    private let cipher: OpaquePointer
    private let keyBytes: Int
    let modulusBytes: Int

    /// - Parameter keyBytes: 16 or 32, of the content key.
    init(privateKey der: [UInt8], keyBytes: Int) {
        let key = der.withUnsafeBufferPointer { bytes -> OpaquePointer in
            var cursor = bytes.baseAddress
            return require(d2i_AutoPrivateKey(nil, &cursor, bytes.count))
        }
        self.key = key
        self.keyBytes = keyBytes
        modulusBytes = Int(EVP_PKEY_get_size(key))
        digest = require(EVP_MD_CTX_new())
        cipher = require(EVP_CIPHER_CTX_new())
        signing = require(EVP_PKEY_CTX_new(key, nil))
        require(EVP_PKEY_sign_init(signing))
        verifying = require(EVP_PKEY_CTX_new(key, nil))
        require(EVP_PKEY_verify_init(verifying))
        for context in [signing, verifying] {
            require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING))
            require(EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()))
        }
        wrapping = require(EVP_PKEY_CTX_new(key, nil))
        require(EVP_PKEY_encrypt_init(wrapping))
        unwrapping = require(EVP_PKEY_CTX_new(key, nil))
        require(EVP_PKEY_decrypt_init(unwrapping))
        for context in [wrapping, unwrapping] {
            require(EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING))
            require(EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256()))
            require(EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()))
        }
    }

    deinit {
        for context in [signing, verifying, wrapping, unwrapping] { EVP_PKEY_CTX_free(context) }
        EVP_MD_CTX_free(digest)
        EVP_CIPHER_CTX_free(cipher)
        EVP_PKEY_free(key)
    }

    struct Sealed {
        var wrapped: [UInt8]
        var nonce: [UInt8]
        var tag: [UInt8]
    }

    /// Signs the payload, appends the signature, and encrypts both in place.
    /// - Parameter frame: payload, then room for the signature.
    func seal(_ frame: UnsafeMutableRawBufferPointer, payloadBytes: Int) -> Sealed {
        let signature = sign(UnsafeRawBufferPointer(rebasing: frame[..<payloadBytes]))
        UnsafeMutableRawBufferPointer(rebasing: frame[payloadBytes...]).copyBytes(from: signature)
        var fresh = [UInt8](repeating: 0, count: keyBytes + 12)
        require(RAND_bytes(&fresh, Int32(fresh.count)))
        let contentKey = Array(fresh[..<keyBytes])
        let wrapped = wrap(contentKey)
        let nonce = Array(fresh[keyBytes...])
        var written: Int32 = 0
        require(EVP_EncryptInit_ex(cipher, gcm, nil, contentKey, nonce))
        let text = frame.baseAddress?.assumingMemoryBound(to: UInt8.self)
        require(EVP_EncryptUpdate(cipher, text, &written, text, Int32(frame.count)))
        var tag = [UInt8](repeating: 0, count: 16)
        require(EVP_EncryptFinal_ex(cipher, &tag, &written))
        require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, &tag))
        return Sealed(wrapped: wrapped, nonce: nonce, tag: tag)
    }

    /// Decrypts into `target` and verifies the signature behind the payload.
    func open(
        _ sealed: Sealed, _ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, payloadBytes: Int
    ) -> Bool {
        let contentKey = unwrap(sealed.wrapped)
        var written: Int32 = 0
        require(EVP_DecryptInit_ex(cipher, gcm, nil, contentKey, sealed.nonce))
        require(
            EVP_DecryptUpdate(
                cipher, target.baseAddress?.assumingMemoryBound(to: UInt8.self), &written,
                frame.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(frame.count)))
        var tag = sealed.tag
        require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, 16, &tag))
        var nothing: UInt8 = 0
        guard EVP_DecryptFinal_ex(cipher, &nothing, &written) == 1 else { return false }
        return verify(
            UnsafeRawBufferPointer(rebasing: target[payloadBytes...]),
            of: UnsafeRawBufferPointer(rebasing: target[..<payloadBytes]))
    }

    func sign(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        let value = hash(message)
        var signature = [UInt8](repeating: 0, count: modulusBytes)
        var count = signature.count
        require(EVP_PKEY_sign(signing, &signature, &count, value, value.count))
        return signature
    }

    func verify(_ signature: UnsafeRawBufferPointer, of message: UnsafeRawBufferPointer) -> Bool {
        let value = hash(message)
        return EVP_PKEY_verify(
            verifying, signature.baseAddress?.assumingMemoryBound(to: UInt8.self), signature.count, value, value.count)
            == 1
    }

    func wrap(_ contentKey: [UInt8]) -> [UInt8] {
        var wrapped = [UInt8](repeating: 0, count: modulusBytes)
        var count = wrapped.count
        require(EVP_PKEY_encrypt(wrapping, &wrapped, &count, contentKey, contentKey.count))
        return wrapped
    }

    func unwrap(_ wrapped: [UInt8]) -> [UInt8] {
        var contentKey = [UInt8](repeating: 0, count: modulusBytes)
        var count = contentKey.count
        require(EVP_PKEY_decrypt(unwrapping, &contentKey, &count, wrapped, wrapped.count))
        return contentKey
    }

    func hash(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        var value = [UInt8](repeating: 0, count: 32)
        require(EVP_DigestInit_ex(digest, EVP_sha256(), nil))
        require(EVP_DigestUpdate(digest, message.baseAddress, message.count))
        require(EVP_DigestFinal_ex(digest, &value, nil))
        return value
    }

    private var gcm: OpaquePointer? { keyBytes == 16 ? EVP_aes_128_gcm() : EVP_aes_256_gcm() }
}

/// Floors run with valid input only: a failing call here is a broken reference, not a result.
@inline(__always)
func require(_ status: Int32) { precondition(status == 1, "reference: libcrypto call failed") }

@inline(__always)
func require<Pointer>(_ pointer: Pointer?) -> Pointer {
    guard let pointer else { preconditionFailure("reference: allocation failed") }
    return pointer
}
