/// Who is in which group: the Control Module's index, kept by brokers for all groups and by clients for their own.
public struct Roster<Entry: Sendable>: Sendable {
    private var groups: [JXTAID: [JXTAID: Entry]] = [:]

    public init() {}

    public subscript(group: JXTAID, peer: JXTAID) -> Entry? { groups[group]?[peer] }

    public mutating func insert(_ entry: Entry, for peer: JXTAID, in group: JXTAID) {
        groups[group, default: [:]][peer] = entry
    }

    @discardableResult
    public mutating func remove(_ peer: JXTAID, from group: JXTAID) -> Entry? {
        let entry = groups[group]?.removeValue(forKey: peer)
        if groups[group]?.isEmpty ?? false { groups[group] = nil }
        return entry
    }

    /// The groups that a peer is in.
    public func groups(of peer: JXTAID) -> [JXTAID] { groups.filter { $0.value[peer] != nil }.map(\.key) }

    /// The members of a group, in the order of their ids.
    public func members(of group: JXTAID) -> [(peer: JXTAID, entry: Entry)] {
        (groups[group] ?? [:]).map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    public func count(in group: JXTAID) -> Int { groups[group]?.count ?? 0 }
}
