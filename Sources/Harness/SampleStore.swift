public import Metrology

/// Every raw sample of a run, by row. Nothing is dropped.
public struct SampleStore: Sendable {
    public struct Sample: Codable, Equatable, Sendable {
        public var row: String
        /// Which generation of processes measured it.
        public var process: Int
        public var pair: Int
        public var block: Int
        public var nanoseconds: UInt64

        public init(row: String, process: Int = 0, pair: Int, block: Int, nanoseconds: UInt64) {
            self.row = row
            self.process = process
            self.pair = pair
            self.block = block
            self.nanoseconds = nanoseconds
        }
    }

    /// Rows in order of arrival.
    public private(set) var ids: [String] = []
    private var samples: [String: [Sample]] = [:]
    /// Since the last ``markSaved()``, in order of arrival: to be appended to the run's file.
    public private(set) var unsaved: [Sample] = []

    public init() {}

    public mutating func add(_ sample: Sample) {
        if samples[sample.row] == nil { ids.append(sample.row) }
        samples[sample.row, default: []].append(sample)
        unsaved.append(sample)
    }

    /// What has come so far is on the disk.
    public mutating func markSaved() { unsaved.removeAll(keepingCapacity: true) }

    public func samples(of row: String) -> [Sample] { samples[row] ?? [] }

    public func nanoseconds(of row: String) -> [Double] { samples(of: row).map { Double($0.nanoseconds) } }

    public func median(of row: String) -> Double? {
        let values = nanoseconds(of: row)
        return values.isEmpty ? nil : Statistics.median(values)
    }

    /// Pairs of two rows by pair number; nil when there are none.
    public func compare(_ row: String, to base: String) -> PairedComparison? {
        let other = Dictionary(samples(of: row).map { ($0.pair, $0) }) { first, _ in first }
        let pairs = samples(of: base).compactMap { sample in
            other[sample.pair].map {
                PairedComparison.Pair(
                    process: sample.process, block: sample.block, base: Double(sample.nanoseconds),
                    other: Double($0.nanoseconds))
            }
        }
        return pairs.isEmpty ? nil : PairedComparison(pairs)
    }

    public func row(_ id: String, kind: Kind, clock: ClockName, paired: Bool) -> Row? {
        let values = samples(of: id)
        guard !values.isEmpty else { return nil }
        let nanoseconds = values.map { Double($0.nanoseconds) }.sorted()
        let outliers = Statistics.outliers(nanoseconds)
        let histogram = LatencyHistogram(values.map(\.nanoseconds))
        return Row(
            id: id, kind: kind, clock: clock, samples: values.count,
            pairs: paired ? Set(values.map(\.pair)).count : nil,
            medianNanoseconds: Int(Statistics.quantile(0.5, ofSorted: nanoseconds).rounded()),
            p95Nanoseconds: Int(Statistics.quantile(0.95, ofSorted: nanoseconds).rounded()),
            p99Nanoseconds: Int(histogram.percentile(99)), p999Nanoseconds: Int(histogram.percentile(99.9)),
            warmUpSamples: WarmUp.length(of: values.map { Double($0.nanoseconds) }), mildOutliers: outliers.mild,
            severeOutliers: outliers.severe)
    }
}
