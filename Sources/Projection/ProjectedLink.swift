/// A link in virtual time: half a round trip for each message, and its bytes at the wire's speed.
public struct ProjectedLink: Equatable, Sendable {
    /// As the user wrote it.
    public var name: String
    public var roundTripNanoseconds: Double
    /// Nil for a wire that takes everything at once.
    public var bitsPerSecond: Double?

    public init(name: String, roundTripNanoseconds: Double, bitsPerSecond: Double?) {
        self.name = name
        self.roundTripNanoseconds = roundTripNanoseconds
        self.bitsPerSecond = bitsPerSecond
    }

    public static let loopback = ProjectedLink(name: "loopback", roundTripNanoseconds: 0, bitsPerSecond: nil)

    /// TCP's largest segment on Ethernet with timestamps, and what a segment costs beside its payload: preamble,
    /// Ethernet, IPv4 and TCP headers, gap (IEEE 802.3; RFC 791, 9293, 7323).
    private static let segmentBytes = 1448.0
    private static let segmentOverhead = 78.0

    func latency(of work: Work) -> Double { work.roundTrips * roundTripNanoseconds }

    func transfer(of work: Work) -> Double {
        guard let bitsPerSecond, work.messages > 0 else { return 0 }
        let segments = work.messages * (work.wireBytes / work.messages / Self.segmentBytes).rounded(.up)
        return 8e9 * (work.wireBytes + Self.segmentOverhead * segments) / bitsPerSecond
    }
}
