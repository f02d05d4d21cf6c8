public import Harness
internal import Metrology

/// Joins and messages on another machine, schema `juxtapose.projection/1`: never without intervals.
public struct Projection: Codable, Equatable, Sendable {
    public static let schemaName = "juxtapose.projection/1"
    /// What messages are projected at.
    public static let payloads = [16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1 << 20]
    public static let arms = ["plain", "paper", "paper-uncached"]

    public var schema = Projection.schemaName
    public var suite: String
    public var link: String
    /// Where the counted work comes from.
    public var source: String
    public var profile: ProfileReference
    public var rows: [ProjectedRow] = []
    /// As in a summary, but `low` and `high` are the 5 and 95 % points over the profile's intervals.
    public var overheads: [Overhead] = []
    public var crossings: [ProjectedCrossing] = []
    /// Null where nobody has asked how well this works on the source's own machine.
    @OrNull public var validation: Validation?
    /// What the intervals do not hold.
    public var limits: [String] = Limits.all

    /// - Throws: `.inputMissing` for a profile that lacks a figure of this work.
    public init(
        _ table: WorkTable, on projector: Projector, over link: ProjectedLink, source: String,
        profile: ProfileReference, validation: Validation?
    ) throws(Failure) {
        suite = table.suite
        self.link = link.name
        self.source = source
        self.profile = profile
        self.validation = validation
        let works = Self.works(table)
        try projector.require(works.map(\.work))
        var times: [String: [Double]] = [:]
        for (id, work) in works {
            let values = projector.times(work, over: link)
            times[id] = values
            rows.append(ProjectedRow(id, Estimate(draws: values), projector.parts(work, over: link), projector.profile))
        }
        for (id, base) in Self.pairs(works.map(\.id)) {
            guard let secure = times[id], let plain = times[base] else { continue }
            let hash = id.hasPrefix("join/") ? projector.profile.figure(Cost.passwordHash)?.value : nil
            overheads.append(
                Comparison(secure: secure, plain: plain).overhead(id, over: base, hash: hash, link: link.name))
        }
        for arm in Self.arms.dropFirst() {
            let curve = OverheadCurve(table, arm: arm, projector, link)
            crossings.append(ProjectedCrossing(id: "message/\(arm)/\(suite)", curve.crossing(below: 10)))
        }
    }

    private static func works(_ table: WorkTable) -> [(id: String, work: Work)] {
        let joins = ["plain", "paper"].map { ("join/\($0)/\(table.suite)", table.join($0)) }
        let messages = payloads.flatMap { bytes in
            arms.map { ("message/\($0)/\(table.suite)/\(bytes)", table.message($0, bytes: bytes)) }
        }
        return (joins + messages).map { (id: $0.0, work: $0.1) }
    }

    /// Each secure row with its plain one.
    private static func pairs(_ ids: [String]) -> [(id: String, base: String)] {
        ids.compactMap { id in
            var parts = id.split(separator: "/").map(String.init)
            guard parts[1] != "plain" else { return nil }
            parts[1] = "plain"
            return (id, parts.joined(separator: "/"))
        }
    }
}

/// Which profile it was, byte for byte.
public struct ProfileReference: Codable, Equatable, Sendable {
    public var id: String
    public var title: String
    public var sha256: String
    /// How many of its figures are of each class.
    public var classes: [String: Int]

    public init(_ profile: HardwareProfile, sha256: String) {
        id = profile.id
        title = profile.title
        self.sha256 = sha256
        classes = Dictionary(grouping: profile.figures, by: \.sourceClass.rawValue).mapValues(\.count)
    }
}

/// One figure with what it is made of.
public struct ProjectedRow: Codable, Equatable, Sendable {
    public var id: String
    public var kind: Kind
    public var nanoseconds: Int
    /// 5 and 95 % points over the profile's intervals.
    public var low: Int
    public var high: Int
    /// The weakest class among the prices that make up a hundredth of it or more.
    public var sourceClass: HardwareProfile.SourceClass
    public var parts: [Part]

    public struct Part: Codable, Equatable, Sendable {
        public var name: String
        public var nanoseconds: Int
    }

    init(_ id: String, _ time: Estimate, _ parts: [(name: String, nanoseconds: Double)], _ profile: HardwareProfile) {
        self.id = id
        kind = .projected
        nanoseconds = Int(time.point.rounded())
        low = Int(time.low.rounded())
        high = Int(time.high.rounded())
        self.parts = parts.map { Part(name: $0.name, nanoseconds: Int($0.nanoseconds.rounded())) }
        let ranks = HardwareProfile.SourceClass.allCases
        let used = parts.filter { $0.nanoseconds >= time.point / 100 }.compactMap {
            profile.figure($0.name)?.sourceClass
        }
        sourceClass = ranks.last { used.contains($0) } ?? .measured
    }
}

/// From which payload on overhead is below ten per cent.
public struct ProjectedCrossing: Codable, Equatable, Sendable {
    public var id: String
    public var percent: Double
    /// Null where it never is.
    @OrNull public var payloadBytes: Int?
    /// 5 and 95 % points; null where even those never fall so far.
    @OrNull public var low: Int?
    @OrNull public var high: Int?
    /// What overhead tends to as payloads grow, per cent.
    public var floorPercent: Double

    init(id: String, _ crossing: OverheadCurve.Crossing) {
        self.id = id
        percent = crossing.percent
        payloadBytes = crossing.point
        low = crossing.low
        high = crossing.high
        floorPercent = crossing.floor
    }
}

/// What the intervals of a projection do not hold.
public enum Limits {
    public static let all = [
        "Both ends are the profile's machine, and everything happens one after the other.",
        "Prices of one kind err together and prices of different kinds independently; the intervals are the profile's.",
        "TCP's slow start, lost packets and other traffic are not modelled: on a link with latency, large payloads take longer than this.",
        "Caches and memory of the target show only in its prices: the work was counted on another processor.",
        "What the operating system does for a message is a price a message and a price a byte, not counted work.",
    ]
}
