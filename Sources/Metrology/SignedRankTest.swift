internal import Glibc

/// Wilcoxon's signed-rank test (Wilcoxon 1945) of paired differences, two-sided: exact up to 25 differences without
/// ties, else by the normal distribution with the variance corrected for ties. Zeros are dropped, as Wilcoxon did.
public struct SignedRankTest: Equatable, Sendable {
    /// The smaller of the two rank sums.
    public let statistic: Double
    public let pValue: Double
    /// Differences that are not zero.
    public let count: Int

    /// Above this the normal distribution is close enough (scipy's threshold is 50, R's 50; ours keeps the table small).
    private static let largestExact = 25

    /// Nil when every difference is zero: then there is nothing to rank.
    public init?(_ differences: [Double]) {
        let values = differences.filter { $0 != 0 }.sorted { abs($0) < abs($1) }
        guard !values.isEmpty else { return nil }
        count = values.count
        var (positive, negative, ties) = (0.0, 0.0, 0.0)
        var start = 0
        while start < values.count {
            var end = start
            while end < values.count, abs(values[end]) == abs(values[start]) { end += 1 }
            // Equal magnitudes share the mean of their ranks.
            let rank = Double(start + 1 + end) / 2
            for value in values[start..<end] { if value > 0 { positive += rank } else { negative += rank } }
            let size = Double(end - start)
            ties += size * size * size - size
            start = end
        }
        statistic = min(positive, negative)
        if ties == 0, values.count <= Self.largestExact {
            pValue = min(1, 2 * Self.exactTail(Int(statistic), count: values.count))
        } else {
            let n = Double(values.count)
            let variance = n * (n + 1) * (2 * n + 1) / 24 - ties / 48
            let z = (statistic - n * (n + 1) / 4) / variance.squareRoot()
            pValue = min(1, erfc(-z / 2.0.squareRoot()))
        }
    }

    /// The share of the 2^n sign patterns whose rank sum is at most `sum`.
    private static func exactTail(_ sum: Int, count: Int) -> Double {
        var patterns = [Double](repeating: 0, count: count * (count + 1) / 2 + 1)
        patterns[0] = 1
        for rank in 1...count {
            for total in stride(from: patterns.count - 1, through: rank, by: -1) {
                patterns[total] += patterns[total - rank]
            }
        }
        return patterns[...sum].reduce(0, +) / pow(2, Double(count))
    }
}
