public import Metrology

/// What a gate found out, attempt by attempt.
public struct GateOutcome: Sendable {
    public struct SelfTest: Sendable {
        public let what: String
        public let isCaught: Bool

        public init(what: String, isCaught: Bool) {
            self.what = what
            self.isCaught = isCaught
        }
    }

    /// A row's paired CPU-time ratio against the base revision.
    public struct Pace: Sendable {
        public let row: String
        public let pairs: Int
        public let ratio: Estimate
        public let pValue: Double?
        /// Growth in per cent that the lower bound may not exceed.
        public let limitPercent: Double
        /// The waiver's reason and date.
        public let waiver: String?

        public init(
            row: String, pairs: Int, ratio: Estimate, pValue: Double?, limitPercent: Double, waiver: String?
        ) {
            self.row = row
            self.pairs = pairs
            self.ratio = ratio
            self.pValue = pValue
            self.limitPercent = limitPercent
            self.waiver = waiver
        }

        public var verdict: Metrology.Verdict { ratio.verdict(threshold: limitPercent / 100) }
        public var isFailing: Bool { verdict == .slower && waiver == nil }
    }

    public var selfTests: [SelfTest]
    public var head: Counts?
    /// The whole comparison first, then what was failing, counted again.
    public var attempts: [CountComparison] = []
    /// CPU time against a base revision: attempts in order, the later ones of failing rows only.
    public var paces: [[Pace]] = []

    public init(selfTests: [SelfTest]) { self.selfTests = selfTests }

    /// Failing in every attempt.
    public var failing: [CountComparison.Finding] {
        guard let first = attempts.first else { return [] }
        return first.failing.filter { finding in
            finding.verdict == .vanished
                || attempts.dropFirst().allSatisfy { attempt in
                    attempt.failing.contains { $0.row == finding.row && $0.figure == finding.figure }
                }
        }
    }

    public var failingPaces: [Pace] {
        guard let last = paces.last else { return [] }
        return last.filter(\.isFailing)
    }

    public var improvements: [CountComparison.Finding] { attempts.first?.improvements ?? [] }

    /// - Parameters:
    ///   - failsOnImprovement: exit 4 when something became better, so that the baseline is renewed.
    ///   - failsOnUnresolved: exit 5 when a CPU row cannot be told.
    public func exitCode(failsOnImprovement: Bool, failsOnUnresolved: Bool) -> ExitCode {
        if failing.contains(where: { $0.verdict == .vanished }) { return .incomplete }
        if !failing.isEmpty || !failingPaces.isEmpty { return .regression }
        if failsOnImprovement, !improvements.isEmpty { return .improvement }
        if failsOnUnresolved, paces.first?.contains(where: { $0.verdict == .unresolved }) ?? false {
            return .unresolved
        }
        return .success
    }
}
