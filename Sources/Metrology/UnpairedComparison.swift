/// Two series measured at different times: blocks of each, resampled independently.
public struct UnpairedComparison: Sendable {
    private static let resamples = 1000

    private let base: [[Double]]
    private let other: [[Double]]

    /// - Parameters: samples by block; neither empty.
    public init(base: [[Double]], other: [[Double]]) {
        precondition(base.contains { !$0.isEmpty } && other.contains { !$0.isEmpty })
        self.base = base
        self.other = other
    }

    /// Median of the other over median of the base, 95 % percentile interval.
    public func ratio(seed: UInt64) -> Estimate {
        var generator = SeededGenerator(seed: seed)
        let ratios = (0..<Self.resamples).map { _ in
            Statistics.median(Bootstrap.draw(other, using: &generator))
                / Statistics.median(Bootstrap.draw(base, using: &generator))
        }.sorted()
        return Estimate(
            point: Statistics.median(other.flatMap { $0 }) / Statistics.median(base.flatMap { $0 }),
            low: Statistics.quantile(0.025, ofSorted: ratios), high: Statistics.quantile(0.975, ofSorted: ratios))
    }

    /// The median of one series with its interval.
    public static func median(_ blocks: [[Double]], seed: UInt64) -> Estimate {
        var generator = SeededGenerator(seed: seed)
        let medians = (0..<resamples).map { _ in
            Statistics.median(Bootstrap.draw(blocks, using: &generator))
        }.sorted()
        return Estimate(
            point: Statistics.median(blocks.flatMap { $0 }), low: Statistics.quantile(0.025, ofSorted: medians),
            high: Statistics.quantile(0.975, ofSorted: medians))
    }
}
