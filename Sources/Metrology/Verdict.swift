/// What a comparison may claim.
public enum Verdict: String, Codable, Sendable {
    /// The whole interval lies beyond the threshold.
    case slower, faster
    /// The whole interval lies within the threshold: equivalence, by two one-sided tests (Schuirmann 1987).
    case same
    /// The interval spans a threshold: this run cannot tell.
    case unresolved
}

extension Estimate {
    /// A ratio's verdict against a threshold, for example 0.02 for two per cent.
    ///
    /// The threshold is symmetric as a factor: `1 + threshold` and its inverse.
    public func verdict(threshold: Double) -> Verdict {
        precondition(threshold > 0)
        let (upper, lower) = (1 + threshold, 1 / (1 + threshold))
        if low > upper { return .slower }
        if high < lower { return .faster }
        return low >= lower && high <= upper ? .same : .unresolved
    }
}
