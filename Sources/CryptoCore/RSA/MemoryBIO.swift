internal import CLibCrypto

/// Owns an in-memory `BIO`: libcrypto's way to read and write PEM.
final class MemoryBIO {
    let handle: OpaquePointer

    init() throws(CryptoError) {
        handle = try made(BIO_new(BIO_s_mem()), "BIO_new")
    }

    convenience init(_ text: RawSpan) throws(CryptoError) {
        try self.init()
        let written = text.withUnsafeBytes { BIO_write(handle, $0.baseAddress, Int32($0.count)) }
        guard written == Int32(text.byteCount) else { throw .fromOpenSSL("BIO_write") }
    }

    deinit { BIO_free(handle) }

    var contents: [UInt8] {
        var start: UnsafeMutablePointer<CChar>?
        let count = crypto_bio_bytes(handle, &start)
        return Array(UnsafeRawBufferPointer(start: start, count: max(0, count)))
    }
}

/// DER out of an `i2d_` function.
func encoded(
    _ operation: StaticReason, _ write: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>) -> Int32
) throws(CryptoError) -> [UInt8] {
    var start: UnsafeMutablePointer<UInt8>?
    let count = write(&start)
    guard count > 0, let start else { throw .fromOpenSSL(operation) }
    // It may be a private key.
    defer { crypto_clear_free(start, Int(count)) }
    return Array(UnsafeRawBufferPointer(start: start, count: Int(count)))
}
