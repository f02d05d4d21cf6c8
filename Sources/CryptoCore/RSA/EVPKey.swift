internal import CLibCrypto

/// Owns one reference to an `EVP_PKEY` holding RSA numbers.
final class EVPKey: @unchecked Sendable {
    // Sendable: libcrypto keys are immutable after construction and their reference count is atomic.
    let handle: OpaquePointer

    /// Takes over one reference.
    /// - Throws: `.invalidKey` when it is no RSA key.
    init(owning handle: OpaquePointer) throws(CryptoError) {
        guard EVP_PKEY_get_base_id(handle) == EVP_PKEY_RSA else {
            EVP_PKEY_free(handle)
            throw .invalidKey("not an RSA key")
        }
        self.handle = handle
    }

    /// A public key from its numbers: 20 times cheaper than decoding a SubjectPublicKeyInfo.
    convenience init(modulus: RawSpan, exponent: RawSpan) throws(CryptoError) {
        let builder = try made(OSSL_PARAM_BLD_new(), "OSSL_PARAM_BLD_new")
        defer { OSSL_PARAM_BLD_free(builder) }
        let n = try Self.number(modulus)
        defer { BN_free(n) }
        let e = try Self.number(exponent)
        defer { BN_free(e) }
        try check(crypto_push_public_numbers(builder, n, e), "OSSL_PARAM_BLD_push_BN")
        let parameters = try made(OSSL_PARAM_BLD_to_param(builder), "OSSL_PARAM_BLD_to_param")
        defer { OSSL_PARAM_free(parameters) }
        let context = try made(EVP_PKEY_CTX_new_from_name(nil, "RSA", nil), "EVP_PKEY_CTX_new_from_name")
        defer { EVP_PKEY_CTX_free(context) }
        try check(EVP_PKEY_fromdata_init(context), "EVP_PKEY_fromdata_init")
        var key: OpaquePointer?
        try check(EVP_PKEY_fromdata(context, &key, crypto_public_key_selection(), parameters), "EVP_PKEY_fromdata")
        try self.init(owning: made(key, "EVP_PKEY_fromdata"))
    }

    deinit { EVP_PKEY_free(handle) }

    /// One of the key's numbers, big-endian without leading zeros; nil where the key has none of that name.
    func number(_ name: String) -> SecretNumber? {
        var value: OpaquePointer?
        guard EVP_PKEY_get_bn_param(handle, name, &value) == 1, let value else {
            ERR_clear_error()
            return nil
        }
        return SecretNumber(owning: value)
    }

    private static func number(_ bytes: RawSpan) throws(CryptoError) -> OpaquePointer {
        let value = bytes.withUnsafeBytes {
            BN_bin2bn($0.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32($0.count), nil)
        }
        return try made(value, "BN_bin2bn")
    }
}

/// Owns one `BIGNUM`, cleared when released.
final class SecretNumber {
    private let value: OpaquePointer

    init(owning value: OpaquePointer) { self.value = value }

    deinit { BN_clear_free(value) }

    var bitCount: Int { Int(BN_num_bits(value)) }

    var limbs: Limbs {
        let size = max(1, (bitCount + 7) / 8)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1)
        defer {
            wipe(buffer)
            buffer.deallocate()
        }
        BN_bn2binpad(value, buffer.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(size))
        return Limbs(bigEndian: UnsafeRawBufferPointer(buffer))
    }

    /// For public numbers only.
    var bytes: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: max(1, (bitCount + 7) / 8))
        BN_bn2binpad(value, &bytes, Int32(bytes.count))
        return bytes
    }
}
