public import CryptoCore

/// A bounded memory of what has been verified, keyed by the SHA-256 of the exact bytes. The oldest entry goes first.
public struct VerifiedCache<Value: Sendable>: Sendable {
    public let capacity: Int
    private var values: [DigestKey: Value] = [:]
    /// Keys in order of arrival; a ring once it is full.
    private var arrivals: [DigestKey] = []
    private var oldest = 0

    public init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    public var count: Int { values.count }

    /// Forgets everything and keeps the memory.
    public mutating func removeAll() {
        values.removeAll(keepingCapacity: true)
        arrivals.removeAll(keepingCapacity: true)
        oldest = 0
    }

    public subscript(key: DigestKey) -> Value? { values[key] }

    public mutating func insert(_ value: Value, for key: DigestKey) {
        if values.updateValue(value, forKey: key) != nil { return }
        if arrivals.count < capacity {
            arrivals.append(key)
        } else {
            values[arrivals[oldest]] = nil
            arrivals[oldest] = key
            oldest = (oldest + 1) % capacity
        }
    }
}

/// A SHA-256 digest as a hashable value. Its own bits are hash enough: they cannot be steered to collide.
public struct DigestKey: Hashable, Sendable {
    private let words: (UInt64, UInt64, UInt64, UInt64)

    public init(of bytes: RawSpan) throws(CryptoError) { self.init(try Digest.of(bytes)) }

    init(_ digest: [UInt8]) {
        precondition(digest.count == 32)
        let span = digest.span.bytes
        words = (
            span.unsafeLoadUnaligned(fromByteOffset: 0, as: UInt64.self),
            span.unsafeLoadUnaligned(fromByteOffset: 8, as: UInt64.self),
            span.unsafeLoadUnaligned(fromByteOffset: 16, as: UInt64.self),
            span.unsafeLoadUnaligned(fromByteOffset: 24, as: UInt64.self)
        )
    }

    public static func == (a: DigestKey, b: DigestKey) -> Bool { a.words == b.words }

    public func hash(into hasher: inout Hasher) { hasher.combine(words.0) }
}
