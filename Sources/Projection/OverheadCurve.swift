public import Metrology

/// The overhead of a message over its payload: the paper's Figure 2 for one machine and one link.
public struct OverheadCurve {
    private let table: WorkTable
    private let arm: String
    private let projector: Projector
    private let link: ProjectedLink

    /// Payloads that the search for a crossing looks at, bytes: beyond a GiB nobody sends one message.
    private static let largest = 1 << 30

    public init(_ table: WorkTable, arm: String, _ projector: Projector, _ link: ProjectedLink) {
        self.table = table
        self.arm = arm
        self.projector = projector
        self.link = link
    }

    /// Per cent of plain.
    public func overhead(bytes: Int) -> Estimate {
        Comparison(
            secure: projector.times(table.message(arm, bytes: bytes), over: link),
            plain: projector.times(table.message("plain", bytes: bytes), over: link)
        ).percent()
    }

    func point(bytes: Int) -> OverheadPoint {
        let overhead = overhead(bytes: bytes)
        return OverheadPoint(payloadBytes: bytes, percent: overhead.point, low: overhead.low, high: overhead.high)
    }

    public struct Crossing: Equatable, Sendable {
        public var percent: Double
        /// Bytes; nil for never.
        public var point: Int?
        public var low: Int?
        public var high: Int?
        /// Overhead at the largest payload.
        public var floor: Double
    }

    /// - Parameter percent: overhead falls as payloads grow; this is where it passes the share.
    public func crossing(below percent: Double) -> Crossing {
        Crossing(
            percent: percent, point: first(below: percent, \.point), low: first(below: percent, \.low),
            high: first(below: percent, \.high), floor: overhead(bytes: Self.largest).point)
    }

    /// The smallest payload at which it is below, by halving; nil for none.
    private func first(below percent: Double, _ value: (Estimate) -> Double) -> Int? {
        guard value(overhead(bytes: Self.largest)) < percent else { return nil }
        var (above, below) = (0, Self.largest)
        while below - above > max(1, below / 500) {
            let middle = above + (below - above) / 2
            if value(overhead(bytes: middle)) < percent { below = middle } else { above = middle }
        }
        return below
    }
}

/// Overhead at one payload, per cent of plain.
public struct OverheadPoint: Codable, Equatable, Sendable {
    public var payloadBytes: Int
    public var percent: Double
    /// 5 and 95 % points.
    public var low: Double
    public var high: Double
}
