/// Adds up what phases cost, by name. Phases are leaves: one that begins inside another is charged to the outer.
///
/// Times are handed in: a test uses a clock of its own.
public final class PhaseLedger {
    public struct Entry: Equatable, Sendable {
        public let name: String
        public var nanoseconds: UInt64
        public var count: Int
        public var bytes: Int

        public init(name: String, nanoseconds: UInt64, count: Int, bytes: Int) {
            self.name = name
            self.nanoseconds = nanoseconds
            self.count = count
            self.bytes = bytes
        }
    }

    /// In the order in which phases first ended.
    public private(set) var entries: [Entry] = []
    private var positions: [String: Int] = [:]
    private var depth = 0
    private var startedAt: UInt64 = 0

    public init() {}

    public func began(at time: UInt64) {
        if depth == 0 { startedAt = time }
        depth += 1
    }

    public func ended(_ name: String, bytes: Int, at time: UInt64) {
        precondition(depth > 0, "a phase ended that did not begin")
        depth -= 1
        guard depth == 0 else { return }
        let position = positions[name] ?? entries.count
        if position == entries.count {
            positions[name] = position
            entries.append(Entry(name: name, nanoseconds: 0, count: 0, bytes: 0))
        }
        entries[position].nanoseconds += time - startedAt
        entries[position].count += 1
        entries[position].bytes += bytes
    }
}
