internal import CLibCrypto
internal import Harness
internal import Metrology

/// The modern alternative with the same promises: an Ed25519 signature over the payload, an ephemeral X25519 agreement,
/// HKDF-SHA256 and AES-256-GCM, on libcrypto with long-term keys kept.
final class CurveMessage {
    private let signer: OpaquePointer
    private let recipient: OpaquePointer
    private let payload: [UInt8]
    private let cipher: OpaquePointer
    private let generator: OpaquePointer
    private var plaintext: [UInt8]
    private static let signatureBytes = 64

    init(_ payload: [UInt8]) {
        self.payload = payload
        signer = Self.generate("ED25519")
        recipient = Self.generate("X25519")
        cipher = require(EVP_CIPHER_CTX_new())
        generator = require(EVP_PKEY_CTX_new(recipient, nil))
        require(EVP_PKEY_keygen_init(generator))
        plaintext = [UInt8](repeating: 0, count: payload.count + Self.signatureBytes)
    }

    deinit {
        EVP_PKEY_CTX_free(generator)
        EVP_CIPHER_CTX_free(cipher)
        EVP_PKEY_free(signer)
        EVP_PKEY_free(recipient)
    }

    private struct Sealed {
        var ephemeral: OpaquePointer
        var nonce: [UInt8]
        var tag: [UInt8]
    }

    func once() throws -> UInt64 {
        let (nanoseconds, isGenuine) = timed { open(seal()) }
        guard isGenuine, plaintext.starts(with: payload) else {
            throw Failure(.wrongResult, "curve25519: the payload changed")
        }
        return nanoseconds
    }

    private func seal() -> Sealed {
        plaintext.replaceSubrange(..<payload.count, with: payload)
        let context = require(EVP_MD_CTX_new())
        defer { EVP_MD_CTX_free(context) }
        require(EVP_DigestSignInit(context, nil, nil, nil, signer))
        var signature = [UInt8](repeating: 0, count: Self.signatureBytes)
        var count = signature.count
        require(EVP_DigestSign(context, &signature, &count, payload, payload.count))
        plaintext.replaceSubrange(payload.count..., with: signature)
        var ephemeral: OpaquePointer?
        require(EVP_PKEY_generate(generator, &ephemeral))
        var nonce = [UInt8](repeating: 0, count: 12)
        require(RAND_bytes(&nonce, 12))
        let key = derive(require(ephemeral), recipient)
        var written: Int32 = 0
        var tag = [UInt8](repeating: 0, count: 16)
        require(EVP_EncryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, nonce))
        plaintext.withUnsafeMutableBufferPointer {
            require(EVP_EncryptUpdate(cipher, $0.baseAddress, &written, $0.baseAddress, Int32($0.count)))
        }
        require(EVP_EncryptFinal_ex(cipher, &tag, &written))
        require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, 16, &tag))
        return Sealed(ephemeral: require(ephemeral), nonce: nonce, tag: tag)
    }

    private func open(_ sealed: Sealed) -> Bool {
        defer { EVP_PKEY_free(sealed.ephemeral) }
        let key = derive(recipient, sealed.ephemeral)
        var written: Int32 = 0
        require(EVP_DecryptInit_ex(cipher, EVP_aes_256_gcm(), nil, key, sealed.nonce))
        plaintext.withUnsafeMutableBufferPointer {
            require(EVP_DecryptUpdate(cipher, $0.baseAddress, &written, $0.baseAddress, Int32($0.count)))
        }
        var tag = sealed.tag
        require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, 16, &tag))
        var nothing: UInt8 = 0
        guard EVP_DecryptFinal_ex(cipher, &nothing, &written) == 1 else { return false }
        let context = require(EVP_MD_CTX_new())
        defer { EVP_MD_CTX_free(context) }
        require(EVP_DigestVerifyInit(context, nil, nil, nil, signer))
        return plaintext.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return false }
            return EVP_DigestVerify(context, start + payload.count, Self.signatureBytes, start, payload.count) == 1
        }
    }

    private func derive(_ own: OpaquePointer, _ peer: OpaquePointer) -> [UInt8] {
        let agreement = require(EVP_PKEY_CTX_new(own, nil))
        defer { EVP_PKEY_CTX_free(agreement) }
        require(EVP_PKEY_derive_init(agreement))
        require(EVP_PKEY_derive_set_peer(agreement, peer))
        var secret = [UInt8](repeating: 0, count: 32)
        var count = secret.count
        require(EVP_PKEY_derive(agreement, &secret, &count))
        let expansion = require(EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, nil))
        defer { EVP_PKEY_CTX_free(expansion) }
        require(EVP_PKEY_derive_init(expansion))
        require(EVP_PKEY_CTX_set_hkdf_md(expansion, EVP_sha256()))
        require(EVP_PKEY_CTX_set1_hkdf_key(expansion, secret, 32))
        require(EVP_PKEY_CTX_add1_hkdf_info(expansion, "reference", 9))
        var key = [UInt8](repeating: 0, count: 32)
        require(EVP_PKEY_derive(expansion, &key, &count))
        return key
    }

    private static func generate(_ name: String) -> OpaquePointer {
        let context = require(EVP_PKEY_CTX_new_from_name(nil, name, nil))
        defer { EVP_PKEY_CTX_free(context) }
        require(EVP_PKEY_keygen_init(context))
        var key: OpaquePointer?
        require(EVP_PKEY_generate(context, &key))
        return require(key)
    }
}
