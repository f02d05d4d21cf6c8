internal import CLibCrypto

/// SK: an RSA private key with two or more primes, parsed once, wiped when released.
public final class RSAPrivateKey: Sendable {
    public let publicKey: RSAPublicKey
    let evp: EVPKey
    private let numbers: CRTKey
    private let pool = Pool<PrivateOperation>()
    private let batchPool = Pool<PrivateOperation>()
    private let openSSLPool = Pool<OpenSSLOperation>()
    /// Keys the pseudo-random answers of implicit rejection; never leaves this object.
    let rejectionSecret: SecretBytes

    public let engine: RSAEngine
    /// Takes single operations in this key's place; nil where they run at once.
    private let turn: Turn?
    package typealias Turn = @Sendable (PrivateJob) throws(CryptoError) -> Void

    public var modulusBytes: Int { publicKey.modulusBytes }
    public var modulusBits: Int { publicKey.modulusBits }

    /// - Throws: `.invalidKey` where the CRT values are missing or inconsistent.
    init(_ evp: EVPKey, engines: EngineTable, turn: Turn? = nil) throws(CryptoError) {
        self.evp = evp
        self.turn = turn
        publicKey = try RSAPublicKey(evp, engines: engines)
        engine = engines.private
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
        numbers = try CRTKey(
            modulus: n.limbs, publicExponent: e.limbs, primes: primes, exponents: exponents,
            coefficients: coefficients, kernel: engine.kernel ?? .limbs)
        rejectionSecret = try SecretBytes(randomCount: 32)
    }

    /// Prime factors of the modulus.
    public var primes: Int { numbers.factors.count }

    /// A new key of a suite's shape.
    public static func generate(for suite: Suite, engines: EngineTable) throws(CryptoError) -> RSAPrivateKey {
        try generate(bits: suite.modulusBits, primes: suite.primes, engines: engines)
    }

    /// A new key with e = 65537, through libcrypto.
    /// - Parameter primes: two, or up to five where their length keeps factoring by curves hopeless: libcrypto's bounds.
    public static func generate(bits: Int, primes: Int = 2, engines: EngineTable) throws(CryptoError) -> RSAPrivateKey {
        guard (1024...8192).contains(bits) else { throw .keySizeRefused(bits: bits) }
        guard (2...5).contains(primes) else { throw .invalidKey("number of primes") }
        let context = try made(EVP_PKEY_CTX_new_id(EVP_PKEY_RSA, nil), "EVP_PKEY_CTX_new_id")
        defer { EVP_PKEY_CTX_free(context) }
        try check(EVP_PKEY_keygen_init(context), "EVP_PKEY_keygen_init")
        try check(EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)), "EVP_PKEY_CTX_set_rsa_keygen_bits")
        try check(EVP_PKEY_CTX_set_rsa_keygen_primes(context, Int32(primes)), "EVP_PKEY_CTX_set_rsa_keygen_primes")
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
        if let turn { return try turn(PrivateJob(input: input, output: output)) }
        OperationTally.countPrivate()
        if kernel != nil {
            try pool.use(
                making: { () throws(CryptoError) in PrivateOperation(key: self.numbers) },
                { (operation) throws(CryptoError) in try operation.apply(input, into: output) })
        } else {
            try openSSLPool.use(
                making: { () throws(CryptoError) in try OpenSSLOperation(key: self.evp.handle, isPrivate: true) },
                { (operation) throws(CryptoError) in try operation.apply(input, into: output) })
        }
    }

    /// Several raw operations, eight at a time where the engine has lanes and there are enough to pay for them.
    /// - Throws: `.representativeOutOfRange`, before any work, and `.faultDetected`, after which outputs mean nothing.
    package func apply(_ jobs: borrowing Span<PrivateJob>) throws(CryptoError) {
        for index in jobs.indices {
            try publicKey.checkRange(jobs[index].input)
            guard jobs[index].output.count == modulusBytes else {
                throw .wrongLength(expected: modulusBytes, actual: jobs[index].output.count)
            }
        }
        var done = 0
        while done < jobs.count {
            let taken = min(PrivateOperation.width, jobs.count - done)
            guard kernel == .vectors, taken >= Self.leastBatch else {
                try apply(jobs[done].input, into: jobs[done].output)
                done += 1
                continue
            }
            for _ in 0..<taken { OperationTally.countPrivate() }
            try batchPool.use(
                making: { () throws(CryptoError) in
                    PrivateOperation(key: self.numbers, lanes: PrivateOperation.width)
                }, { (operation) throws(CryptoError) in try operation.apply(jobs.extracting(done..<(done + taken))) })
            done += taken
        }
    }

    /// From here on eight lanes cost no more than single operations: they cost 5.6 of them at 2048 bits, 6.8 at 3072, 5.9
    /// at 4096, and 7.1 with three primes at 2048 (`core/batch8` against `core/private`).
    package static let leastBatch = 7
    /// The most operations in one batch.
    package static let lanes = PrivateOperation.width

    /// The kernel of our own that serves this key; nil where libcrypto does.
    private var kernel: Kernel? {
        engine == .openSSL ? nil : numbers.kernel
    }

    /// Whether several operations at once cost less than one by one.
    public var hasLanes: Bool { kernel == .vectors }

    /// The same key on other engines.
    public func bound(to engines: EngineTable) throws(CryptoError) -> RSAPrivateKey {
        try copy(engines: engines, turn: nil)
    }

    /// The same key, whose single operations `turn` takes and does with this one.
    package func gathered(by turn: @escaping Turn) throws(CryptoError) -> RSAPrivateKey {
        try copy(engines: EngineTable(private: engine, public: publicKey.engine), turn: turn)
    }

    private func copy(engines: EngineTable, turn: Turn?) throws(CryptoError) -> RSAPrivateKey {
        guard EVP_PKEY_up_ref(evp.handle) == 1 else { throw .fromOpenSSL("EVP_PKEY_up_ref") }
        return try RSAPrivateKey(EVPKey(owning: evp.handle), engines: engines, turn: turn)
    }
}
