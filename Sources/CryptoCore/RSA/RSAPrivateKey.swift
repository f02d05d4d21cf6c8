internal import CLibCrypto

/// SK: an RSA private key with two or more primes, parsed once, wiped when released.
public final class RSAPrivateKey: Sendable {
    public let publicKey: RSAPublicKey
    let evp: EVPKey
    private let gmp: GMPPrivateKey
    private let gmpPool = Pool<GMPPrivateOperation>()
    private let openSSLPool = Pool<OpenSSLOperation>()
    /// Keys the pseudo-random answers of implicit rejection; never leaves this object.
    let rejectionSecret: SecretBytes

    public var engine: RSAEngine { publicKey.engine }
    public var modulusBytes: Int { publicKey.modulusBytes }
    public var modulusBits: Int { publicKey.modulusBits }

    /// - Throws: `.invalidKey` where the CRT values are missing or inconsistent.
    init(_ evp: EVPKey, engines: EngineTable) throws(CryptoError) {
        self.evp = evp
        publicKey = try RSAPublicKey(evp, engines: engines)
        var primes: [Limbs] = []
        var exponents: [Limbs] = []
        var coefficients: [Limbs] = []
        // RFC 8017 bounds nothing; libcrypto stops at five primes, and so do we.
        for index in 1...5 {
            guard let prime = evp.number("rsa-factor\(index)") else { break }
            guard let exponent = evp.number("rsa-exponent\(index)") else { throw .invalidKey("missing CRT exponent") }
            primes.append(prime.limbs)
            exponents.append(exponent.limbs)
            if index > 1 {
                guard let coefficient = evp.number("rsa-coefficient\(index - 1)") else {
                    throw .invalidKey("missing CRT coefficient")
                }
                coefficients.append(coefficient.limbs)
            }
        }
        guard let n = evp.number("n"), let e = evp.number("e") else { throw .invalidKey("no modulus or exponent") }
        gmp = try GMPPrivateKey(
            modulus: n.limbs, publicExponent: e.limbs, primes: primes, exponents: exponents,
            coefficients: coefficients)
        rejectionSecret = try SecretBytes(randomCount: 32)
    }

    /// A new two-prime key with e = 65537, through libcrypto.
    public static func generate(bits: Int, engines: EngineTable) throws(CryptoError) -> RSAPrivateKey {
        guard (1024...8192).contains(bits) else { throw .keySizeRefused(bits: bits) }
        let context = try made(EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil), "EVP_PKEY_CTX_new_id")
        defer { EVP_PKEY_CTX_free(context) }
        try check(EVP_PKEY_keygen_init(context), "EVP_PKEY_keygen_init")
        try check(EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)), "EVP_PKEY_CTX_set_rsa_keygen_bits")
        var key: OpaquePointer?
        try check(EVP_PKEY_generate(context, &key), "EVP_PKEY_generate")
        return try RSAPrivateKey(EVPKey(owning: made(key, "EVP_PKEY_generate")), engines: engines)
    }

    /// The raw operation `input^d mod n` (RSADP and RSASP1 of RFC 8017). Both sides are ``modulusBytes`` long.
    /// - Throws: `.representativeOutOfRange`, `.faultDetected`.
    package func apply(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CryptoError)
    {
        try publicKey.checkRange(input)
        guard output.count == modulusBytes else { throw .wrongLength(expected: modulusBytes, actual: output.count) }
        OperationTally.countPrivate()
        switch engine {
        case .gmp:
            try gmpPool.use(
                making: { () throws(CryptoError) in GMPPrivateOperation(key: self.gmp) },
                { (operation) throws(CryptoError) in try operation.apply(input, into: output) })
        case .openSSL:
            try openSSLPool.use(
                making: { () throws(CryptoError) in try OpenSSLOperation(key: self.evp.handle, isPrivate: true) },
                { (operation) throws(CryptoError) in try operation.apply(input, into: output) })
        }
    }

    /// The same key on other engines; the numbers are shared.
    public func bound(to engines: EngineTable) throws(CryptoError) -> RSAPrivateKey {
        guard EVP_PKEY_up_ref(evp.handle) == 1 else { throw .fromOpenSSL("EVP_PKEY_up_ref") }
        return try RSAPrivateKey(EVPKey(owning: evp.handle), engines: engines)
    }
}
