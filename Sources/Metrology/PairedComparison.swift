/// Two arms measured in turn, pair by pair.
public struct PairedComparison: Sendable {
    public struct Pair: Equatable, Sendable {
        public var block: Int
        public var base: Double
        public var other: Double

        public init(block: Int, base: Double, other: Double) {
            self.block = block
            self.base = base
            self.other = other
        }
    }

    /// Resamples that an interval is read from.
    static let resamples = 2000

    private let blocks: [[Pair]]

    /// - Parameter pairs: not empty; neighbours in time share a block.
    public init(_ pairs: [Pair]) {
        precondition(!pairs.isEmpty)
        blocks = Dictionary(grouping: pairs, by: \.block).sorted { $0.key < $1.key }.map(\.value)
    }

    public var count: Int { blocks.reduce(0) { $0 + $1.count } }

    /// Median over pairs of other/base.
    public func ratio(seed: UInt64) -> Estimate { estimate(seed: seed) { $0.other / $0.base } }

    /// Median over pairs of other - base.
    public func difference(seed: UInt64) -> Estimate { estimate(seed: seed) { $0.other - $0.base } }

    /// Median over pairs of (other - base) / other.
    public func share(seed: UInt64) -> Estimate { estimate(seed: seed) { ($0.other - $0.base) / $0.other } }

    /// A two-stage bootstrap: blocks are drawn with replacement, then pairs within each, so that what neighbours in
    /// time share widens the interval instead of hiding in it. Percentile interval, 95 %.
    private func estimate(seed: UInt64, _ value: (Pair) -> Double) -> Estimate {
        let values = blocks.map { $0.map(value) }
        var generator = SeededGenerator(seed: seed)
        var medians: [Double] = []
        medians.reserveCapacity(Self.resamples)
        var drawn: [Double] = []
        for _ in 0..<Self.resamples {
            drawn.removeAll(keepingCapacity: true)
            for _ in values.indices {
                let block = values[Int.random(in: values.indices, using: &generator)]
                for _ in block.indices { drawn.append(block[Int.random(in: block.indices, using: &generator)]) }
            }
            medians.append(Statistics.median(drawn))
        }
        medians.sort()
        return Estimate(
            point: Statistics.median(values.flatMap { $0 }), low: Statistics.quantile(0.025, ofSorted: medians),
            high: Statistics.quantile(0.975, ofSorted: medians))
    }
}
