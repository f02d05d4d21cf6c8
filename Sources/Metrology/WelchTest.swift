/// Welch's t over two classes of timings, as dudect takes it (Reparaz, Balasch, Verbauwhede 2017): on everything, and
/// on what lies below several percentiles, since interrupts hide a small difference in the tail.
public struct WelchTest {
    /// Above this |t| the classes are told apart; dudect's own bound.
    public static let bound = 4.5

    private var classes: [[Double]] = [[], []]

    public init() {}

    public mutating func add(_ nanoseconds: Double, toClass index: Int) { classes[index].append(nanoseconds) }

    /// The largest |t| over the croppings.
    public var largest: Double {
        let pooled = (classes[0] + classes[1]).sorted()
        guard pooled.count > 100 else { return 0 }
        let cuts = [1.0, 0.95, 0.9, 0.8, 0.5].map { pooled[min(pooled.count - 1, Int(Double(pooled.count) * $0))] }
        return cuts.map { cut in t(classes.map { $0.filter { $0 <= cut } }) }.max() ?? 0
    }

    private func t(_ samples: [[Double]]) -> Double {
        let moments = samples.map { values -> (mean: Double, errorSquared: Double) in
            let count = Double(values.count)
            guard count > 2 else { return (0, .infinity) }
            let mean = values.reduce(0, +) / count
            let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            return (mean, variance / count)
        }
        let error = (moments[0].errorSquared + moments[1].errorSquared).squareRoot()
        return error > 0 ? abs(moments[0].mean - moments[1].mean) / error : 0
    }
}
