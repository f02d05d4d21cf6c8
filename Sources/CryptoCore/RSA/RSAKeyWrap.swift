extension RSAPublicKey {
    /// RSAES-OAEP (RFC 8017 §7.1.1) of `message` into `target`, ``modulusBytes`` bytes.
    /// - Parameter seed: random, as long as the encoding's hash.
    package func encrypt(
        _ message: RawSpan, seed: RawSpan, with encoding: OAEP, into target: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        try withScratch(modulusBytes) { (encoded) throws(CryptoError) in
            let phase = Phase.begin()
            defer { phase.end("wrap") }
            try encoding.encode(message, seed: seed, into: encoded)
            try apply(UnsafeRawBufferPointer(encoded), into: target)
        }
    }
}

extension RSAPrivateKey {
    /// RSAES-OAEP decryption that reports its verdict: for vectors, never where a peer sees the difference.
    package func decrypt(_ ciphertext: RawSpan, with encoding: OAEP) throws(CryptoError) -> [UInt8] {
        guard ciphertext.byteCount == modulusBytes else { throw .openingFailed }
        return try withScratch(modulusBytes) { (encoded) throws(CryptoError) in
            do throws(CryptoError) {
                try ciphertext.withUnsafeBytes { (bytes) throws(CryptoError) in try apply(bytes, into: encoded) }
            } catch .representativeOutOfRange {
                throw .openingFailed
            }
            return try encoding.decode(encoded)
        }
    }

    /// The wrapped key, or, where the wrapping is not valid, bytes that only this key and this ciphertext determine
    /// (implicit rejection): the caller goes on, and its AEAD tag fails like any other.
    package func unwrap(
        _ wrapped: UnsafeRawBufferPointer, keyBytes: Int, with encoding: OAEP
    ) throws(CryptoError) -> SecretBytes {
        let substitute = try rejectionSecret.withBytes { (secret) throws(CryptoError) in
            try KeyDerivation.hmac(key: secret, RawSpan(_unsafeBytes: wrapped))
        }
        let key = SecretBytes(count: keyBytes)
        try withScratch(modulusBytes) { (encoded) throws(CryptoError) in
            let phase = Phase.begin()
            defer { phase.end("unwrap") }
            try apply(wrapped, into: encoded)
            try key.withMutableBytes { (target) throws(CryptoError) in
                try encoding.decode(encoded, into: target, orElse: substitute)
            }
        }
        return key
    }
}
