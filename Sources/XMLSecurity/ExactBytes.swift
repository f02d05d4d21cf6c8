internal import Glibc

/// A byte string as a key: equal to another only when every byte is.
///
/// A cache of verified things keyed this way rests on no hash at all: the fingerprint only chooses the bucket, and two
/// texts that were made to share one are still told apart. A look-up costs less than half of hashing the text.
public struct ExactBytes: Hashable, Sendable {
    public let bytes: [UInt8]
    /// A sample of the bytes under the process' own seed, taken once.
    private let fingerprint: Int

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
        fingerprint = Self.sample(bytes)
    }

    public init(copying span: RawSpan) { self.init(span.withUnsafeBytes { Array($0) }) }

    public var count: Int { bytes.count }

    public static func == (a: ExactBytes, b: ExactBytes) -> Bool {
        guard a.fingerprint == b.fingerprint, a.bytes.count == b.bytes.count else { return false }
        return a.bytes.withUnsafeBytes { left in
            b.bytes.withUnsafeBytes { right in
                guard let x = left.baseAddress, let y = right.baseAddress else { return true }
                return x == y || memcmp(x, y, left.count) == 0
            }
        }
    }

    public func hash(into hasher: inout Hasher) { hasher.combine(fingerprint) }

    /// Sixteen words spread over the bytes, and how many there are. Only verified texts enter a cache, so who could
    /// steer them into one bucket already holds a credential, and gains a bounded number of comparisons.
    private static func sample(_ bytes: [UInt8]) -> Int {
        var hasher = Hasher()
        hasher.combine(bytes.count)
        bytes.withUnsafeBytes { bytes in
            guard bytes.count > 128 else { return hasher.combine(bytes: bytes) }
            let step = (bytes.count - 8) / 15
            for index in 0..<16 {
                hasher.combine(bytes.loadUnaligned(fromByteOffset: index * step, as: UInt64.self))
            }
        }
        return hasher.finalize()
    }
}
