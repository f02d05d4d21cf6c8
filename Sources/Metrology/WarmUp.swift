/// Where a series of samples stops warming up, by MSER-5 (White, Cobb and Spratt 2000): means of five, and the
/// truncation that makes the standard error of what is left smallest.
public enum WarmUp {
    private static let batch = 5

    /// - Returns: how many samples at the start are warm-up; nil when the series has not settled by its middle, which
    ///   says that it is too short to tell.
    public static func length(of samples: [Double]) -> Int? {
        let means = stride(from: 0, to: samples.count - samples.count % batch, by: batch).map { start in
            samples[start..<(start + batch)].reduce(0, +) / Double(batch)
        }
        guard means.count >= 4 else { return nil }
        var best = (cut: 0, error: Double.infinity)
        // Sums from the end: each truncation is one step.
        var (sum, squares) = (0.0, 0.0)
        let origin = means[means.count - 1]
        for cut in means.indices.reversed() {
            let value = means[cut] - origin
            sum += value
            squares += value * value
            let count = Double(means.count - cut)
            guard count >= 2, cut <= means.count - 4 || cut == 0 else { continue }
            let error = (squares - sum * sum / count) / (count * count)
            if error <= best.error { best = (cut, error) }
        }
        return best.cut * 2 > means.count ? nil : best.cut * batch
    }
}
