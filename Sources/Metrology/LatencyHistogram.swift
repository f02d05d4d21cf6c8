internal import Histogram

/// Latencies of one row with three significant digits, from a nanosecond to a minute.
public struct LatencyHistogram: Sendable {
    private var histogram = Histogram<UInt64>(
        highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)

    public init() {}

    public init(_ nanoseconds: some Sequence<UInt64>) {
        for value in nanoseconds { record(value) }
    }

    /// Values beyond a minute count as a minute.
    public mutating func record(_ nanoseconds: UInt64) { histogram.record(min(nanoseconds, 60_000_000_000)) }

    public func percentile(_ percentile: Double) -> UInt64 { histogram.valueAtPercentile(percentile) }

    /// Lines of "percentile, nanoseconds" for the run folder.
    public var table: String {
        var lines = ["percentile,nanoseconds"]
        for percentile in [0, 1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9, 100] as [Double] {
            lines.append("\(percentile),\(histogram.valueAtPercentile(percentile))")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
