internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Scenarios

/// Two runs or two counts side by side.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Two runs, or two counts, side by side.",
        discussion: """
            Runs are compared by their medians with bootstrap intervals; "~" where these two
            runs cannot tell. Counts and baselines are compared figure by figure.

            EXAMPLES
              juxtapose compare Results/runs/A Results/runs/B
              juxtapose compare before.json after.json
              juxtapose compare A B --threshold 5
            """)

    @Argument(help: "A run folder, or counts.")
    var base: String
    @Argument(help: "What is compared with it.")
    var other: String
    @Option(help: "Changes within so many per cent count as the same.")
    var threshold = 2.0
    @Option(help: "Seed of the intervals.")
    var seed: UInt64 = 1
    @Flag(help: "Read runs that were interrupted, too.")
    var allowIncomplete = false

    func validate() throws {
        guard threshold > 0, threshold <= 1000 else { throw ValidationError("--threshold is over 0, in per cent") }
    }

    func run() throws {
        let (left, right) = (URL(fileURLWithPath: base), URL(fileURLWithPath: other))
        guard isFolder(left) || isFolder(right) else { return try compareCounts(left, right) }
        let comparison = try RunComparison(
            base: recordedRun(left, allowsIncomplete: allowIncomplete),
            other: recordedRun(right, allowsIncomplete: allowIncomplete), threshold: threshold / 100, seed: seed
        )
        show(comparison.terminal)
    }

    private func compareCounts(_ left: URL, _ right: URL) throws {
        let (before, after) = (try counts(left), try counts(right))
        let differences = after.key.differences(from: before.key)
        for difference in differences { note("differs: \(difference)") }
        let comparison = CountComparison(
            base: before, head: after, policy: CountPolicy(),
            figures: differences.isEmpty ? nil : CountComparison.portableFigures, on: CountPolicy.day(Date()))
        var outcome = GateOutcome(selfTests: [])
        outcome.head = after
        outcome.attempts = [comparison]
        show(GateReport(outcome, against: left.lastPathComponent).comparison)
    }

    /// Counts on their own, or inside a baseline.
    private func counts(_ file: URL) throws -> Counts {
        if let baseline = try? Baseline.read(file, sha256) { return baseline.counts }
        let counts = try StrictJSON.read(Counts.self, from: file)
        try counts.check(file.path)
        return counts
    }

    private func isFolder(_ url: URL) -> Bool {
        var isDirectory: ObjCBool = false
        return FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) && isDirectory.boolValue
    }
}
