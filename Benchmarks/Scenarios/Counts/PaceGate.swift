public import CryptoCore
public import Foundation
public import Harness
internal import Metrology

/// Paired CPU time of a base revision's program and this one.
public struct PaceGate {
    private let policy: CountPolicy
    private let day: String
    private var pace: PairedPace

    /// A slower row is paced so often again before it fails the gate.
    private static let confirmations = 2
    /// What the self-test plants, in per cent above the policy's limit.
    private static let plantedPercent = 8.0

    public init(suite: Suite, engine: RSAEngine, policy: CountPolicy, pairs: Int, on day: String) {
        self.policy = policy
        self.day = day
        pace = PairedPace(suite: suite, engine: engine)
        pace.pairs = pairs
    }

    /// Appends the paces to an outcome, failing rows once more each time.
    public mutating func execute(base: URL, into outcome: inout GateOutcome, note: (String) -> Void) throws {
        note("self-test: this program against itself, slowed down")
        let planted = try measure(
            base: PairedPace.Arm(), head: PairedPace.Arm(slowerPercent: policy.cpuPercent + Self.plantedPercent),
            [pace.rows[0]], note: { _ in })
        let isCaught = planted.allSatisfy { $0.verdict == .slower }
        outcome.selfTests.append(GateOutcome.SelfTest(what: "a planted slowdown in CPU time", isCaught: isCaught))
        guard isCaught else {
            throw Failure(.internalError, "the gate's self-test failed: a planted slowdown in CPU time was not noticed")
        }
        var rows = pace.rows
        for attempt in 0...Self.confirmations where !rows.isEmpty {
            if attempt > 0 { note("pacing \(rows.count) slower rows again") }
            pace.seed &+= 1
            let paces = try measure(base: PairedPace.Arm(program: base), head: PairedPace.Arm(), rows, note: note)
            outcome.paces.append(paces)
            rows = paces.filter(\.isFailing).map(\.row)
        }
    }

    private func measure(
        base: PairedPace.Arm, head: PairedPace.Arm, _ rows: [String], note: (String) -> Void
    ) throws -> [GateOutcome.Pace] {
        try pace.measure(base: base, head: head, rows: rows, note: note).map { row, comparison in
            GateOutcome.Pace(
                row: row, pairs: comparison.count, ratio: comparison.ratio(seed: pace.seed),
                pValue: comparison.signedRank?.pValue, limitPercent: policy.cpuPercent,
                waiver: policy.waiver(row: row, figure: "cpu", on: day).map { "\($0.reason) (until \($0.until))" })
        }
    }
}
