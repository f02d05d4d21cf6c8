internal import CLibCrypto

/// PK: an RSA public key, parsed once and bound to the engine that serves it.
public final class RSAPublicKey: Sendable {
    public let modulusBits: Int
    public let engine: RSAEngine
    /// Big-endian, without leading zeros.
    let modulus: [UInt8]
    let exponent: [UInt8]
    private let numbers: (modulus: Limbs, exponent: Limbs)
    private let pool = Pool<PublicOperation>()
    private let openSSLPool = Pool<OpenSSLOperation>()

    /// Length of signatures, wrapped keys and representatives in bytes: k of RFC 8017.
    public var modulusBytes: Int { (modulusBits + 7) / 8 }

    /// A key from its numbers, big-endian.
    /// - Throws: `.invalidKey` for an even modulus or an exponent that is even or below 3;
    ///   `.keySizeRefused` under 512 or over 16384 bits. Stricter policy belongs to suites.
    public init(modulus: RawSpan, exponent: RawSpan, engines: EngineTable) throws(CryptoError) {
        let (n, e) = (Self.natural(modulus), Self.natural(exponent))
        // Before anything is computed with it.
        guard (64...2048).contains(n.count) else { throw .keySizeRefused(bits: 8 * n.count) }
        guard e.count <= n.count else { throw .invalidKey("public exponent") }
        let numbers = n.withUnsafeBytes { n in
            e.withUnsafeBytes { e in (modulus: Limbs(bigEndian: n), exponent: Limbs(bigEndian: e)) }
        }
        modulusBits = numbers.modulus.bitCount
        guard modulusBits >= 512 else { throw .keySizeRefused(bits: modulusBits) }
        guard numbers.modulus.isOdd else { throw .invalidKey("even modulus") }
        let exponentBits = numbers.exponent.bitCount
        guard numbers.exponent.isOdd, exponentBits >= 2, exponentBits < modulusBits else {
            throw .invalidKey("public exponent")
        }
        engine = engines.public
        self.modulus = n
        self.exponent = e
        self.numbers = numbers
    }

    /// The public half of a key that libcrypto holds.
    convenience init(_ evp: EVPKey, engines: EngineTable) throws(CryptoError) {
        guard let n = evp.number("n"), let e = evp.number("e") else { throw .invalidKey("no modulus or exponent") }
        let (modulus, exponent) = (n.bytes, e.bytes)
        try self.init(modulus: modulus.span.bytes, exponent: exponent.span.bytes, engines: engines)
    }

    /// Without leading zeros.
    private static func natural(_ bytes: RawSpan) -> [UInt8] {
        bytes.withUnsafeBytes { Array($0.drop { $0 == 0 }) }
    }

    /// The raw operation `input^e mod n` (RSAEP and RSAVP1 of RFC 8017). Both sides are ``modulusBytes`` long.
    /// - Throws: `.representativeOutOfRange` for input not below the modulus.
    package func apply(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws(CryptoError)
    {
        try checkRange(input)
        guard output.count == modulusBytes else { throw .wrongLength(expected: modulusBytes, actual: output.count) }
        OperationTally.countPublic()
        if let kernel = engine.kernel {
            try pool.use(
                making: { () throws(CryptoError) in
                    PublicOperation(modulus: self.numbers.modulus, exponent: self.numbers.exponent, kernel: kernel)
                }, { (operation) throws(CryptoError) in operation.apply(input, into: output) })
        } else {
            try openSSLPool.use(
                making: { () throws(CryptoError) in
                    let (n, e) = (self.modulus, self.exponent)
                    let key = try EVPKey(modulus: n.span.bytes, exponent: e.span.bytes)
                    return try OpenSSLOperation(key: key.handle, isPrivate: false)
                },
                { (operation) throws(CryptoError) in try operation.apply(input, into: output) })
        }
    }

    /// Representatives must be below the modulus; in constant time, since a wrapped key's is secret.
    func checkRange(_ input: UnsafeRawBufferPointer) throws(CryptoError) {
        guard input.count == modulusBytes else { throw .wrongLength(expected: modulusBytes, actual: input.count) }
        // input - modulus borrows exactly when input < modulus.
        var borrow: UInt64 = 0
        let modulus = modulus
        let limit = modulus.span.bytes
        var end = input.count
        while end >= 8 {
            end -= 8
            let a = UInt64(bigEndian: input.loadUnaligned(fromByteOffset: end, as: UInt64.self))
            let b = UInt64(bigEndian: limit.unsafeLoadUnaligned(fromByteOffset: end, as: UInt64.self))
            borrow = Self.borrow(a, b, borrow)
        }
        while end > 0 {
            end -= 1
            borrow = Self.borrow(UInt64(input[end]), UInt64(modulus[end]), borrow)
        }
        guard borrow == 1 else { throw .representativeOutOfRange }
    }

    /// What `a - b - borrow` takes from the next word, without a comparison.
    private static func borrow(_ a: UInt64, _ b: UInt64, _ borrow: UInt64) -> UInt64 {
        (~a & b | ~(a ^ b) & (a &- b &- borrow)) >> 63
    }
}

extension RSAPublicKey {
    /// Whether both are the same key.
    public func isSameKey(as other: RSAPublicKey) -> Bool {
        modulus == other.modulus && exponent == other.exponent
    }

    /// The exponent where it fits a machine word, for policy checks.
    public var smallExponent: UInt? {
        guard exponent.count <= 4 else { return nil }
        return exponent.reduce(0) { $0 << 8 | UInt($1) }
    }
}
