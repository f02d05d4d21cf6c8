internal import CLibCrypto

/// Bytes that must not outlive their use: on the heap, in one place, wiped when released.
///
/// Not `Equatable`, not printable and not copyable on purpose; compare with ``constantTimeEqual(_:_:)``.
public struct SecretBytes: ~Copyable, @unchecked Sendable {
    // Sendable: the storage has this one owner, and a non-copyable value is in one place at a time.
    private let storage: UnsafeMutableRawBufferPointer

    public var count: Int { storage.count }

    /// `count` zero bytes.
    public init(count: Int) {
        precondition(count >= 0)
        storage = .allocate(byteCount: count, alignment: 16)
        if count > 0 { memoryZero(storage) }
    }

    /// `count` random bytes, in one call to the generator.
    public init(randomCount count: Int) throws(CryptoError) {
        self.init(count: count)
        try fillRandom(storage)
    }

    public init(copying bytes: RawSpan) {
        self.init(count: bytes.byteCount)
        bytes.withUnsafeBytes { if $0.count > 0 { storage.copyMemory(from: $0) } }
    }

    deinit {
        if storage.count > 0 { OPENSSL_cleanse(storage.baseAddress, storage.count) }
        storage.deallocate()
    }

    public borrowing func withBytes<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(storage)))
    }

    /// Lends the storage to code that fills it.
    package borrowing func withMutableBytes<R: ~Copyable, E: Error>(
        _ body: (UnsafeMutableRawBufferPointer) throws(E) -> R
    ) throws(E) -> R {
        try body(storage)
    }
}

/// Whether two byte strings are equal, in time that depends on their lengths only.
public func constantTimeEqual(_ left: RawSpan, _ right: RawSpan) -> Bool {
    guard left.byteCount == right.byteCount else { return false }
    return left.withUnsafeBytes { a in
        right.withUnsafeBytes { b in a.isEmpty || CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0 }
    }
}

/// Wipes memory in a way the optimiser may not remove.
package func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
    if bytes.count > 0 { OPENSSL_cleanse(bytes.baseAddress, bytes.count) }
}

func memoryZero(_ bytes: UnsafeMutableRawBufferPointer) {
    for index in bytes.indices { bytes[index] = 0 }
}
