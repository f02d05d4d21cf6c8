public import Foundation
public import Harness
internal import Metrology

/// The paper's section 5 asked again, schema `juxtapose.section5/1`: under which conditions its figures hold.
public struct Section5: Codable, Equatable, Sendable {
    public static let schemaName = "juxtapose.section5/1"

    public var schema = Section5.schemaName
    public var published: PublishedFigures
    /// Joins that were measured, with both readings of the percentage.
    public var measured: [MeasuredJoin] = []
    public var conditions: [Condition] = []
    public var curves: [Curve] = []
    /// How well such projections predict this machine's own instruction sets; null where they could not be tried.
    @OrNull public var validation: Validation?
    public var unsettled: [String] = [
        "The paper defines no percentage: of the plain join, or of the secure one; both stand here.",
        "It names no key size, no cipher, no link between its peers, and no password check: each moves the figure.",
        "One figure, several unknowns: 81.76 % holds on a curve of conditions. Where our conditions meet it, it is consistent with them; nothing is reproduced.",
        "Figure 2 has no numbers in the text: only its course can be compared, falling with the payload as latency takes over.",
        "Our counted work is this program's, not that of JXTA-Overlay's Java: the Java profile prices the cryptography alone.",
    ]

    public struct MeasuredJoin: Codable, Equatable, Sendable {
        public var run: String
        public var id: String
        public var kind: Kind
        public var link: String
        public var percent: Double
        public var low: Double
        public var high: Double
        public var percentOfSecure: Double
        @OrNull public var percentWithoutHash: Double?
    }

    /// At which round-trip time the published percentage holds, everything else given.
    public struct Condition: Codable, Equatable, Sendable {
        public enum Reading: String, Codable, Sendable { case ofPlain, ofSecure }

        public var profile: String
        public var suite: String
        public var reading: Reading
        /// Whether both joins pay for a password hash of scrypt's.
        public var withHash: Bool
        /// What security adds, milliseconds; 5 and 95 % points beside.
        public var added: Interval
        /// The plain join that makes it the published percentage.
        public var plainNeeded: Interval
        /// The plain join without any link.
        public var plainProjected: Interval
        /// The round-trip time that makes up the difference; null where the plain join costs more without any.
        @OrNull public var roundTrip: Interval?
    }

    /// Milliseconds.
    public struct Interval: Codable, Equatable, Sendable {
        public var point: Double
        public var low: Double
        public var high: Double

        init(_ estimate: Estimate) {
            point = estimate.point / 1e6
            low = estimate.low / 1e6
            high = estimate.high / 1e6
        }
    }

    /// Figure 2 on one machine over one link.
    public struct Curve: Codable, Equatable, Sendable {
        public var profile: String
        public var suite: String
        public var link: String
        public var points: [OverheadPoint]
        public var crossing: ProjectedCrossing
    }

    public init(_ published: PublishedFigures) { self.published = published }

    public mutating func add(measured run: RecordedRun, named name: String) {
        for overhead in run.summary.overheads where overhead.id.hasPrefix("join/") {
            guard let row = run.summary.rows.first(where: { $0.id == overhead.id }) else { continue }
            measured.append(
                MeasuredJoin(
                    run: name, id: overhead.id, kind: row.kind, link: overhead.link, percent: overhead.percent,
                    low: overhead.low, high: overhead.high, percentOfSecure: overhead.percentOfSecure,
                    percentWithoutHash: overhead.percentWithoutHash))
        }
    }

    /// - Throws: `.inputMissing` for a profile that lacks a figure of this work.
    public mutating func add(_ table: WorkTable, on projector: Projector, over links: [ProjectedLink]) throws(Failure) {
        try projector.require([table.join("paper"), table.message("paper", bytes: 1024)])
        for withHash in [false, true] {
            for reading in [Condition.Reading.ofPlain, .ofSecure] {
                conditions.append(condition(table, projector, reading, withHash: withHash))
            }
        }
        for link in links {
            let curve = OverheadCurve(table, arm: "paper", projector, link)
            curves.append(
                Curve(
                    profile: projector.profile.id, suite: table.suite, link: link.name,
                    points: Projection.payloads.map(curve.point),
                    crossing: ProjectedCrossing(id: "message/paper/\(table.suite)", curve.crossing(below: 10))))
        }
    }

    private func condition(
        _ table: WorkTable, _ projector: Projector, _ reading: Condition.Reading, withHash: Bool
    ) -> Condition {
        var (plain, secure) = (table.join("plain"), table.join("paper"))
        if !withHash {
            plain.amounts[Cost.passwordHash] = 0
            secure.amounts[Cost.passwordHash] = 0
        }
        let plainTimes = projector.times(plain, over: .loopback)
        let added = zip(projector.times(secure, over: .loopback), plainTimes).map { $0 - $1 }
        // added / plain = share, or added / (plain + added) = share.
        let share = published.joinOverheadPercent / 100
        let factor = reading == .ofPlain ? 1 / share : 1 / share - 1
        let needed = added.map { $0 * factor }
        let trips = zip(needed, plainTimes).map { ($0 - $1) / plain.roundTrips }
        let roundTrip = Estimate(draws: trips)
        return Condition(
            profile: projector.profile.id, suite: table.suite, reading: reading, withHash: withHash,
            added: Interval(Estimate(draws: added)), plainNeeded: Interval(Estimate(draws: needed)),
            plainProjected: Interval(Estimate(draws: plainTimes)),
            roundTrip: roundTrip.point < 0 ? nil : Interval(roundTrip))
    }
}

/// What the paper states, and what it leaves open, schema `juxtapose.published/1`.
public struct PublishedFigures: Versioned, Equatable, Sendable {
    public static let schemaName = "juxtapose.published/1"

    public var schema: String
    public var source: String
    public var section: String
    public var machine: String
    public var joinOverheadPercent: Double
    @OrNull public var joinOverheadDefinition: String?
    @OrNull public var keyBits: Int?
    @OrNull public var figure2: String?
    public var notes: String

    /// - Throws: `.inputMissing`, `.badData`.
    public static func read(_ file: URL) throws(Failure) -> PublishedFigures {
        let figures = try StrictJSON.read(PublishedFigures.self, from: file)
        guard figures.joinOverheadPercent > 0 else {
            throw Failure(.badData, "\(file.path): joinOverheadPercent is not positive")
        }
        return figures
    }
}
