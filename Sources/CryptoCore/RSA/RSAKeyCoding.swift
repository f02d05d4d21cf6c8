internal import CLibCrypto

/// Keys as bytes: SubjectPublicKeyInfo (RFC 5280 §4.1) and PKCS#8 (RFC 5958), DER and PEM.
extension RSAPublicKey {
    /// - Throws: `.malformed` for anything but one DER SubjectPublicKeyInfo with nothing after it.
    public convenience init(spki: RawSpan, engines: EngineTable) throws(CryptoError) {
        let (modulus, exponent) = try SubjectPublicKeyInfo.parse(spki)
        try self.init(modulus: modulus.span.bytes, exponent: exponent.span.bytes, engines: engines)
    }

    public convenience init(pem: RawSpan, engines: EngineTable) throws(CryptoError) {
        let bio = try MemoryBIO(pem)
        try self.init(
            EVPKey(owning: made(PEM_read_bio_PUBKEY(bio.handle, nil, noPassword, nil), "PEM_read_bio_PUBKEY")),
            engines: engines)
    }

    /// DER SubjectPublicKeyInfo: what peer ids are derived from.
    public var spki: [UInt8] { SubjectPublicKeyInfo.compose(modulus: modulus, exponent: exponent) }

    public func pem() -> [UInt8] { Array(PEM.encode(spki, label: "PUBLIC KEY").utf8) }
}

extension RSAPrivateKey {
    /// From PKCS#8 or PKCS#1 DER, otherPrimeInfos included.
    public convenience init(der: RawSpan, engines: EngineTable) throws(CryptoError) {
        // Not d2i_AutoPrivateKey: to find out what it has, it copies the key into memory that it frees unwiped.
        let key = der.withUnsafeBytes { bytes -> OpaquePointer? in
            let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
            var cursor = start
            if let info = d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, bytes.count) {
                defer { PKCS8_PRIV_KEY_INFO_free(info) }
                return EVP_PKCS82PKEY(info)
            }
            ERR_clear_error()
            cursor = start
            return d2i_PrivateKey(EVP_PKEY_RSA, nil, &cursor, bytes.count)
        }
        try self.init(EVPKey(owning: made(key, "d2i_PrivateKey")), engines: engines)
    }

    /// From an unencrypted PEM; an encrypted one is refused rather than prompted for.
    public convenience init(pem: RawSpan, engines: EngineTable) throws(CryptoError) {
        let bio = try MemoryBIO(pem)
        let key = PEM_read_bio_PrivateKey(bio.handle, nil, noPassword, nil)
        try self.init(EVPKey(owning: made(key, "PEM_read_bio_PrivateKey")), engines: engines)
    }

    /// PKCS#8 PrivateKeyInfo, unencrypted: for key files with mode 0600.
    public func pkcs8() throws(CryptoError) -> [UInt8] {
        let info = try made(EVP_PKEY2PKCS8(evp.handle), "EVP_PKEY2PKCS8")
        defer { PKCS8_PRIV_KEY_INFO_free(info) }
        return try encoded("i2d_PKCS8_PRIV_KEY_INFO") { i2d_PKCS8_PRIV_KEY_INFO(info, $0) }
    }

    public func pem() throws(CryptoError) -> [UInt8] {
        let bio = try MemoryBIO()
        let status = PEM_write_bio_PKCS8PrivateKey(bio.handle, evp.handle, nil, nil, 0, nil, nil)
        try check(status, "PEM_write_bio_PKCS8PrivateKey")
        return bio.contents
    }
}

/// Answers libcrypto's question for a password with "there is none".
let noPassword: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = {
    _, _, _, _ in -1
}
