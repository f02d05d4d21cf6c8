internal import CLibCrypto

/// AES in Galois/Counter Mode (NIST SP 800-38D) over kept contexts; keys of 16, 24 or 32 bytes.
package enum AESGCM {
    /// SP 800-38D §5.2.1.1: 96-bit nonce, the only length that skips an extra GHASH.
    package static let nonceBytes = 12
    package static let tagBytes = 16

    /// Encrypts `text` in place and writes the tag.
    package static func seal(
        _ text: UnsafeMutableRawBufferPointer, tag: UnsafeMutableRawBufferPointer, key: RawSpan,
        nonce: UnsafeRawBufferPointer, authenticating header: UnsafeRawBufferPointer, _ purpose: StaticString
    ) throws(CryptoError) {
        precondition(tag.count == tagBytes)
        let phase = Phase.begin()
        defer { phase.end("aead", bytes: text.count) }
        try AESGCMStream.pool.use(making: AESGCMStream.init) { (cipher) throws(CryptoError) in
            try cipher.begin(encrypting: true, key: key, nonce: nonce)
            try cipher.authenticate(header, purpose)
            try cipher.update(from: UnsafeRawBufferPointer(text), to: text.baseAddress)
            try cipher.finishSealing(tag)
        }
    }

    /// Decrypts `ciphertext` into `target` (which may be the same memory).
    /// - Throws: `.openingFailed` when the tag does not match; `target` is wiped first.
    package static func open(
        _ ciphertext: UnsafeRawBufferPointer, tag: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
        key: RawSpan, nonce: UnsafeRawBufferPointer, authenticating header: UnsafeRawBufferPointer,
        _ purpose: StaticString
    ) throws(CryptoError) {
        precondition(target.count == ciphertext.count)
        guard tag.count == tagBytes else { throw .openingFailed }
        let phase = Phase.begin()
        defer { phase.end("open", bytes: ciphertext.count) }
        let authentic = try AESGCMStream.pool.use(making: AESGCMStream.init) { (cipher) throws(CryptoError) in
            try cipher.begin(encrypting: false, key: key, nonce: nonce)
            try cipher.authenticate(header, purpose)
            try cipher.update(from: ciphertext, to: target.baseAddress)
            return try cipher.finishOpening(tag)
        }
        guard authentic else {
            wipe(target)
            throw .openingFailed
        }
    }
}

/// One encryption or decryption on its way; owns an `EVP_CIPHER_CTX`. One thread at a time.
package final class AESGCMStream {
    static let pool = Pool<AESGCMStream>()
    private let context: OpaquePointer

    package init() throws(CryptoError) {
        context = try made(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")
    }

    deinit { EVP_CIPHER_CTX_free(context) }

    func begin(encrypting: Bool, key: RawSpan, nonce: UnsafeRawBufferPointer) throws(CryptoError) {
        guard let cipher = FetchedAlgorithms.aesGCM(keyBytes: key.byteCount) else {
            throw .wrongLength(expected: 32, actual: key.byteCount)
        }
        guard nonce.count == AESGCM.nonceBytes else {
            throw .wrongLength(expected: AESGCM.nonceBytes, actual: nonce.count)
        }
        let status = key.withUnsafeBytes { key in
            EVP_CipherInit_ex(
                context, cipher, nil, key.baseAddress?.assumingMemoryBound(to: UInt8.self),
                nonce.baseAddress?.assumingMemoryBound(to: UInt8.self), encrypting ? 1 : 0)
        }
        try check(status, "EVP_CipherInit_ex")
    }

    func authenticate(_ header: UnsafeRawBufferPointer, _ purpose: StaticString) throws(CryptoError) {
        if header.count > 0 { try update(from: header, to: nil) }
        if purpose.utf8CodeUnitCount > 0 {
            let purposeBytes = UnsafeRawBufferPointer(start: purpose.utf8Start, count: purpose.utf8CodeUnitCount)
            try update(from: purposeBytes, to: nil)
        }
    }

    package func update(from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer?) throws(CryptoError) {
        guard source.count > 0 else { return }
        guard source.count < Int32.max else { throw .tooLong(limit: Int(Int32.max), actual: source.count) }
        var written: Int32 = 0
        let status = EVP_CipherUpdate(
            context, target?.assumingMemoryBound(to: UInt8.self), &written,
            source.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(source.count))
        try check(status, "EVP_CipherUpdate")
        if target != nil { OperationTally.countAEAD(source.count) }
    }

    package func finishSealing(_ tag: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        var written: Int32 = 0
        var nothing: UInt8 = 0
        try check(EVP_CipherFinal_ex(context, &nothing, &written), "EVP_CipherFinal_ex")
        let got = EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(tag.count), tag.baseAddress)
        try check(got, "EVP_CTRL_AEAD_GET_TAG")
    }

    /// Whether the tag matches.
    package func finishOpening(_ tag: UnsafeRawBufferPointer) throws(CryptoError) -> Bool {
        let set = EVP_CIPHER_CTX_ctrl(
            context, EVP_CTRL_AEAD_SET_TAG, Int32(tag.count), UnsafeMutableRawPointer(mutating: tag.baseAddress))
        try check(set, "EVP_CTRL_AEAD_SET_TAG")
        var written: Int32 = 0
        var nothing: UInt8 = 0
        let authentic = EVP_CipherFinal_ex(context, &nothing, &written) == 1
        ERR_clear_error()
        return authentic
    }
}
