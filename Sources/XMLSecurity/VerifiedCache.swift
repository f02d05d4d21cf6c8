/// A memory of what has been verified, keyed by the exact bytes, bounded in entries and in bytes of keys. The oldest
/// entry goes first.
public struct VerifiedCache<Value: Sendable>: Sendable {
    public let capacity: Int
    /// All keys together: the largest document times the entries would be 64 MiB.
    public let byteCapacity: Int
    private var values: [ExactBytes: Value] = [:]
    /// Keys in order of arrival, from `oldest` on; what lies before is dropped now and then.
    private var arrivals: [ExactBytes] = []
    private var oldest = 0
    private var keyBytes = 0

    public init(capacity: Int, byteCapacity: Int = 8 << 20) {
        precondition(capacity > 0 && byteCapacity > 0)
        self.capacity = capacity
        self.byteCapacity = byteCapacity
    }

    public var count: Int { values.count }

    /// Forgets everything and keeps the memory.
    public mutating func removeAll() {
        values.removeAll(keepingCapacity: true)
        arrivals.removeAll(keepingCapacity: true)
        oldest = 0
        keyBytes = 0
    }

    public subscript(key: ExactBytes) -> Value? { values[key] }

    public mutating func insert(_ value: Value, for key: ExactBytes) {
        guard key.count <= byteCapacity, values.updateValue(value, forKey: key) == nil else { return }
        arrivals.append(key)
        keyBytes += key.count
        while values.count > capacity || keyBytes > byteCapacity { removeOldest() }
    }

    private mutating func removeOldest() {
        let key = arrivals[oldest]
        values[key] = nil
        keyBytes -= key.count
        oldest += 1
        // Half of the list is behind us: one move of what is left, paid for by as many removals.
        if oldest * 2 >= arrivals.count {
            arrivals.removeFirst(oldest)
            oldest = 0
        }
    }
}
