internal import CLibCrypto

/// An incremental hash over one kept context.
///
///     var digest = try Digest(.sha256)
///     try digest.update(bytes)
///     let value = try digest.finish()
public struct Digest: ~Copyable {
    public let function: HashFunction
    private let context: DigestContext

    public init(_ function: HashFunction) throws(CryptoError) {
        let context = try DigestContext()
        try context.begin(function)
        self.function = function
        self.context = context
    }

    public mutating func update(_ bytes: RawSpan) throws(CryptoError) {
        try context.update(bytes)
    }

    /// The digest, `function.size` bytes. The value may be reused for another message afterwards.
    public mutating func finish() throws(CryptoError) -> [UInt8] {
        let value = try context.finish(function)
        try context.begin(function)
        return value
    }

    /// The digest of one byte string.
    public static func of(_ bytes: RawSpan, _ function: HashFunction = .sha256) throws(CryptoError) -> [UInt8] {
        let phase = Phase.begin()
        defer { phase.end("digest", bytes: bytes.byteCount) }
        return try DigestContext.pool.use(making: DigestContext.init) { (context) throws(CryptoError) in
            try context.begin(function)
            try context.update(bytes)
            return try context.finish(function)
        }
    }

}

/// Owns one `EVP_MD_CTX`.
final class DigestContext {
    static let pool = Pool<DigestContext>()
    private let context: OpaquePointer

    init() throws(CryptoError) {
        context = try made(EVP_MD_CTX_new(), "EVP_MD_CTX_new")
    }

    deinit { EVP_MD_CTX_free(context) }

    func begin(_ function: HashFunction) throws(CryptoError) {
        try check(EVP_DigestInit_ex(context, function.evp, nil), "EVP_DigestInit_ex")
    }

    func update(_ bytes: RawSpan) throws(CryptoError) {
        let status = bytes.withUnsafeBytes { EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
        try check(status, "EVP_DigestUpdate")
        OperationTally.countHash(bytes.byteCount)
    }

    func update(_ bytes: UnsafeRawBufferPointer) throws(CryptoError) {
        try check(EVP_DigestUpdate(context, bytes.baseAddress, bytes.count), "EVP_DigestUpdate")
        OperationTally.countHash(bytes.count)
    }

    func update(_ text: StaticString) throws(CryptoError) {
        try check(EVP_DigestUpdate(context, text.utf8Start, text.utf8CodeUnitCount), "EVP_DigestUpdate")
    }

    /// A length as PROTOCOL's `LP` writes it: u32, big-endian.
    func update(length: Int) throws(CryptoError) {
        var bigEndian = UInt32(length).bigEndian
        try check(EVP_DigestUpdate(context, &bigEndian, 4), "EVP_DigestUpdate")
    }

    /// Into memory of the function's size.
    func finish(into target: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        try check(
            EVP_DigestFinal_ex(context, target.baseAddress?.assumingMemoryBound(to: UInt8.self), nil),
            "EVP_DigestFinal_ex")
    }

    func finish(_ function: HashFunction) throws(CryptoError) -> [UInt8] {
        var status: Int32 = 0
        let value = [UInt8](unsafeUninitializedCapacity: function.size) { buffer, count in
            status = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            count = function.size
        }
        try check(status, "EVP_DigestFinal_ex")
        return value
    }
}
