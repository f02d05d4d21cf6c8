/// Two arms measured in turn, pair by pair.
public struct PairedComparison: Sendable {
    public struct Pair: Equatable, Sendable {
        /// Which process measured it, where several took turns.
        public var process: Int
        public var block: Int
        public var base: Double
        public var other: Double

        public init(process: Int = 0, block: Int, base: Double, other: Double) {
            self.process = process
            self.block = block
            self.base = base
            self.other = other
        }
    }

    /// Resamples that an interval is read from.
    static let resamples = 2000

    private let processes: [[[Pair]]]

    /// - Parameter pairs: not empty; neighbours in time share a block.
    public init(_ pairs: [Pair]) {
        precondition(!pairs.isEmpty)
        processes = Self.group(pairs, by: \.process).map { Self.group($0, by: \.block) }
    }

    private static func group(_ pairs: [Pair], by part: KeyPath<Pair, Int>) -> [[Pair]] {
        Dictionary(grouping: pairs) { $0[keyPath: part] }.sorted { $0.key < $1.key }.map(\.value)
    }

    public var count: Int { processes.joined().reduce(0) { $0 + $1.count } }

    /// Whether the two arms differ at all (``SignedRankTest`` of the differences); nil without any difference.
    public var signedRank: SignedRankTest? { SignedRankTest(processes.joined().joined().map { $0.other - $0.base }) }

    /// Median over pairs of other/base.
    public func ratio(seed: UInt64) -> Estimate { estimate(seed: seed) { $0.other / $0.base } }

    /// Median over pairs of other - base.
    public func difference(seed: UInt64) -> Estimate { estimate(seed: seed) { $0.other - $0.base } }

    /// Median over pairs of (other - base) / other.
    public func share(seed: UInt64) -> Estimate { estimate(seed: seed) { ($0.other - $0.base) / $0.other } }

    /// A bootstrap of processes, then blocks, then pairs, so that what neighbours in time share widens the interval
    /// instead of hiding in it. Percentile interval, 95 %.
    private func estimate(seed: UInt64, _ value: (Pair) -> Double) -> Estimate {
        let values = processes.map { $0.map { $0.map(value) } }
        var generator = SeededGenerator(seed: seed)
        var medians = (0..<Self.resamples).map { _ in
            Statistics.median(
                values.count == 1
                    ? Bootstrap.draw(values[0], using: &generator) : Bootstrap.draw(values, using: &generator))
        }
        medians.sort()
        return Estimate(
            point: Statistics.median(values.joined().flatMap { $0 }),
            low: Statistics.quantile(0.025, ofSorted: medians), high: Statistics.quantile(0.975, ofSorted: medians))
    }
}
