internal import CryptoCore
internal import Foundation
public import Harness

/// Counts again and compares with what was counted before; proves first that it would notice.
public struct CountGate {
    private let baseline: Counts
    private let policy: CountPolicy
    private let engine: RSAEngine
    private let suite: Suite
    /// Those that both machines share; nil for all.
    private let figures: Set<String>?
    private let day: String

    /// A failing row is counted so often again before it fails the gate.
    private static let confirmations = 2

    /// - Throws: `.notComparable` for a suite or an engine that this program does not have.
    public init(
        _ baseline: Counts, policy: CountPolicy, figures: Set<String>? = nil, on day: String
    ) throws(Failure) {
        guard let suite = Suite.allCases.first(where: { $0.name == baseline.suite }),
            let engine = baseline.rows.first.flatMap({ RSAEngine(name: $0.engine) })
        else { throw Failure(.notComparable, "the baseline counts suite \(baseline.suite), which is unknown here") }
        self.baseline = baseline
        self.policy = policy
        self.figures = figures
        self.suite = suite
        self.engine = engine
        self.day = day
    }

    public func execute(note: (String) -> Void) throws -> GateOutcome {
        note("self-test: a planted slowdown and a planted wrong result")
        var outcome = GateOutcome(selfTests: try selfTest())
        if let blind = outcome.selfTests.first(where: { !$0.isCaught }) {
            throw Failure(.internalError, "the gate's self-test failed: \(blind.what) was not noticed")
        }
        outcome.head = try count(only: nil, note)
        guard let head = outcome.head else { return outcome }
        outcome.attempts.append(compare(baseline, head))
        for _ in 0..<Self.confirmations {
            guard let last = outcome.attempts.last, !last.failing.isEmpty else { break }
            let rows = Set(last.failing.map(\.row)).intersection(head.rows.map(\.id))
            guard !rows.isEmpty else { break }
            note("counting \(rows.count) failing rows again")
            var base = baseline
            base.rows = base.rows.filter { rows.contains($0.id) }
            outcome.attempts.append(compare(base, try count(only: rows, note)))
        }
        return outcome
    }

    private func compare(_ base: Counts, _ head: Counts) -> CountComparison {
        CountComparison(base: base, head: head, policy: policy, figures: figures, on: day)
    }

    private func count(
        only: Set<String>?, plant: CountWorker.Plant? = nil, _ note: (String) -> Void = { _ in }
    ) throws -> Counts {
        var run = CountRun(suite: suite, engine: engine)
        run.only = only
        run.plant = plant
        return try run.execute(requiresInstructions: figures == nil && baseline.key.valgrind != nil, note: note)
    }

    /// On the cheapest row: enough more instructions to be over the policy's limit, or one operation too many where
    /// instructions are not compared.
    private func selfTest() throws -> [GateOutcome.SelfTest] {
        let row: Set = ["core/public/\(suite.name)/\(engine.name)"]
        let honest = try count(only: row)
        let slower: CountWorker.Plant
        if figures == nil, let instructions = honest.rows.first?.instructions {
            slower = .slower(instructions: Int(Double(instructions) * 2 * policy.instructionsPercent / 100) + 1)
        } else {
            slower = .repeated
        }
        // Without waivers: one for this row would hide what was planted, and the gate would call itself blind.
        var rules = policy
        rules.waivers = []
        let sawSlower = !CountComparison(
            base: honest, head: try count(only: row, plant: slower), policy: rules, figures: figures, on: day
        ).failing.isEmpty
        var sawWrong = false
        do { _ = try count(only: row, plant: .wrongResult) } catch let failure as Failure
            where failure.code == .wrongResult
        {
            sawWrong = true
        }
        return [
            GateOutcome.SelfTest(what: "a planted slowdown", isCaught: sawSlower),
            GateOutcome.SelfTest(what: "a planted wrong result", isCaught: sawWrong),
        ]
    }
}
