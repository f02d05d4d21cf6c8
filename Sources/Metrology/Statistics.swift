/// Pure statistics: values in, values out.
public enum Statistics {
    /// The quantile of a sample by linear interpolation (Hyndman and Fan 1996, type 7: R's and NumPy's default).
    /// - Parameter sorted: ascending, not empty.
    public static func quantile(_ probability: Double, ofSorted sorted: [Double]) -> Double {
        precondition(!sorted.isEmpty && (0...1).contains(probability))
        let position = probability * Double(sorted.count - 1)
        let lower = Int(position)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (sorted[upper] - sorted[lower]) * (position - Double(lower))
    }

    public static func median(_ values: [Double]) -> Double { quantile(0.5, ofSorted: values.sorted()) }

    /// Counts by Tukey's fences: mild beyond 1.5 interquartile ranges, severe beyond 3. Nothing is dropped.
    public static func outliers(_ values: [Double]) -> (mild: Int, severe: Int) {
        guard values.count >= 4 else { return (0, 0) }
        let sorted = values.sorted()
        let (q1, q3) = (quantile(0.25, ofSorted: sorted), quantile(0.75, ofSorted: sorted))
        let range = q3 - q1
        let severe = sorted.count { $0 < q1 - 3 * range || $0 > q3 + 3 * range }
        let beyond = sorted.count { $0 < q1 - 1.5 * range || $0 > q3 + 1.5 * range }
        return (beyond - severe, severe)
    }
}

/// A point and the interval that holds it with 95 % confidence.
public struct Estimate: Equatable, Sendable {
    public var point: Double
    public var low: Double
    public var high: Double

    public init(point: Double, low: Double, high: Double) {
        self.point = point
        self.low = low
        self.high = high
    }
}
