internal import NIOCore

/// What `--link` says: a round-trip time, and how fast bits go onto the wire.
public struct LinkShape: Equatable, Sendable {
    public let roundTripNanoseconds: Int64
    /// Nil for a wire that takes everything at once.
    public let bitsPerSecond: Int64?
    /// Taken off the delays, because timers fire late and relaying takes time: found by measuring back.
    public var correctionNanoseconds: Int64 = 0

    public init(roundTripNanoseconds: Int64, bitsPerSecond: Int64? = nil) {
        self.roundTripNanoseconds = roundTripNanoseconds
        self.bitsPerSecond = bitsPerSecond
    }

    /// Links with names; their figures are round ones for their kind, not measurements of any one link.
    public static let presets: [(name: String, text: String)] = [
        ("lan100", "rtt=0.2ms,bw=100mbit"), ("wifi54", "rtt=2ms,bw=54mbit"), ("dsl", "rtt=25ms,bw=10mbit"),
        ("wan50", "rtt=50ms,bw=100mbit"),
    ]

    /// `rtt=10ms` or `rtt=10ms,bw=10mbit`, or a preset's name. Units us, ms, s; kbit, mbit, gbit a second.
    public init(_ text: String) throws(TransportError) {
        let full = Self.presets.first { $0.name == text }?.text ?? text
        var (roundTrip, bandwidth): (Double?, Double?) = (nil, nil)
        for part in full.split(separator: ",", omittingEmptySubsequences: false) {
            if roundTrip == nil, let value = Self.value(part, "rtt=", [("us", 1e3), ("ms", 1e6), ("s", 1e9)]) {
                roundTrip = value
            } else if bandwidth == nil,
                let value = Self.value(part, "bw=", [("kbit", 1e3), ("mbit", 1e6), ("gbit", 1e9)])
            {
                bandwidth = value
            } else {
                throw Self.refused(text)
            }
        }
        guard let roundTrip, roundTrip <= 10e9, bandwidth.map({ (1e3...1e11).contains($0) }) ?? true else {
            throw Self.refused(text)
        }
        self.init(roundTripNanoseconds: Int64(roundTrip), bitsPerSecond: bandwidth.map { Int64($0) })
    }

    private static func refused(_ text: String) -> TransportError {
        let names = presets.map(\.name).joined(separator: ", ")
        return .addressInvalid(
            "link '\(text)': expected rtt=10ms or rtt=10ms,bw=10mbit, up to 10s, or one of \(names)")
    }

    private static func value(_ part: Substring, _ key: String, _ units: [(String, Double)]) -> Double? {
        guard part.hasPrefix(key), let unit = units.first(where: { part.hasSuffix($0.0) }),
            let number = Double(part.dropFirst(key.count).dropLast(unit.0.count)), number > 0
        else { return nil }
        return number * unit.1
    }

    var oneWay: TimeAmount { .nanoseconds(max(0, (roundTripNanoseconds - correctionNanoseconds) / 2)) }

    /// How long these bytes take to get onto the wire.
    public func transferNanoseconds(_ bytes: Int) -> Int64 {
        bitsPerSecond.map { Int64(Double(bytes) * 8e9 / Double($0)) } ?? 0
    }
}
