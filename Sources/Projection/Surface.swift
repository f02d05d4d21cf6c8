public import Harness

/// Overhead of secureMsgPeer over payload, round-trip time, bandwidth, machine and suite, schema
/// `juxtapose.surface/1`.
public struct Surface: Codable, Equatable, Sendable {
    public static let schemaName = "juxtapose.surface/1"
    public static let payloads = [64, 256, 1024, 4096, 16384, 65536, 262_144, 1 << 20]
    public static let roundTripsMilliseconds = [0.2, 1, 10, 50]
    public static let megabits = [10.0, 54, 100]

    public var schema = Surface.schemaName
    public var sheets: [Sheet] = []
    /// How well such projections predict this machine's own instruction sets; null where they could not be tried.
    @OrNull public var validation: Validation?
    public var limits: [String] = Limits.all

    /// One machine and suite.
    public struct Sheet: Codable, Equatable, Sendable {
        public var profile: ProfileReference
        public var suite: String
        public var arm: String
        public var lines: [Line]
    }

    /// One link.
    public struct Line: Codable, Equatable, Sendable {
        public var roundTripMilliseconds: Double
        public var megabitsPerSecond: Double
        public var points: [OverheadPoint]
        public var crossing: ProjectedCrossing
    }

    public init() {}

    /// - Throws: `.inputMissing` for a profile that lacks a figure of this work.
    public mutating func add(
        _ table: WorkTable, on projector: Projector, profile: ProfileReference, arm: String
    ) throws(Failure) {
        try projector.require(Self.payloads.map { table.message(arm, bytes: $0) })
        let lines = Self.roundTripsMilliseconds.flatMap { roundTrip in
            Self.megabits.map { megabits in
                let link = ProjectedLink(
                    name: "rtt=\(roundTrip)ms,bw=\(megabits)mbit", roundTripNanoseconds: roundTrip * 1e6,
                    bitsPerSecond: megabits * 1e6)
                let curve = OverheadCurve(table, arm: arm, projector, link)
                return Line(
                    roundTripMilliseconds: roundTrip, megabitsPerSecond: megabits,
                    points: Self.payloads.map(curve.point),
                    crossing: ProjectedCrossing(id: "message/\(arm)/\(table.suite)", curve.crossing(below: 10)))
            }
        }
        sheets.append(Sheet(profile: profile, suite: table.suite, arm: arm, lines: lines))
    }
}
