internal import ArgumentParser
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Scenarios

/// What a CI job blocks on.
struct GateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gate",
        abstract: "Fail when the work of joins and messages grew.",
        discussion: """
            Counts gate hard: any more operations, round trips, allocations, bytes sent or
            copied, or 0.5 % more instructions. With --base-ref CPU time gates too, in
            interleaved pairs against that revision, built here. Wall time never gates.
            Each run first proves that it notices a planted slowdown and a wrong result.

            EXAMPLES
              juxtapose gate --baseline Results/baselines/KEY/counts.json
              juxtapose gate --baselines Results/baselines --foreign portable
              juxtapose gate --base-ref origin/main --junit gate.xml
              juxtapose gate --base-ref origin/main --share-build     in a CI job

            EXIT CODES
              0 passed  3 regression  6 foreign baseline  7 a result was wrong
              8 rows are gone  65 damaged baseline or policy  66 no baseline
            """)

    @Option(help: "Compare with this baseline.")
    var baseline: String?
    @Option(help: "Compare with the baseline of this machine's kind in this folder.")
    var baselines: String?
    @Option(help: "Build this git revision and compare with it.")
    var baseRef: String?
    @Flag(
        help:
            "Build the base in this checkout's own .build, where the dependencies are compiled already; the next build of this checkout compiles the project again."
    )
    var shareBuild = false
    @Option(help: "Limits and waivers, juxtapose.policy/1.")
    var policy: String?
    @Option(help: "A baseline of another machine, compiler or library: fail (6), or compare what every machine shares.")
    var foreign = Foreign.fail
    @Option(help: "Pairs for CPU time with --base-ref.")
    var pairs = 40
    @Option(help: "Write JUnit XML here.")
    var junit: String?
    @Flag(help: "Exit 4 when something became better: renew the baseline then.")
    var failOnImprovement = false
    @Flag(help: "Exit 5 when a row's CPU time cannot be told.")
    var failOnUnresolved = false
    @Option(help: "Algorithms and key sizes, with --base-ref.")
    var suite = SuiteName(.rsa2048)
    @Option(help: "Who computes RSA, with --base-ref.")
    var engine = RSAEngine.openSSL

    enum Foreign: String, ExpressibleByArgument, CaseIterable { case fail, portable }

    func validate() throws {
        guard [baseline, baselines, baseRef].count(where: { $0 != nil }) == 1 else {
            throw ValidationError("give one of --baseline FILE, --baselines FOLDER, --base-ref REVISION")
        }
        guard baseRef != nil || !shareBuild else { throw ValidationError("--share-build goes with --base-ref") }
        guard (8...10_000).contains(pairs) else { throw ValidationError("--pairs is 8 to 10000") }
    }

    func run() throws {
        let rules = try policy.map { try CountPolicy.read(URL(fileURLWithPath: $0)) } ?? CountPolicy()
        let day = CountPolicy.day(Date())
        let outcome: GateOutcome
        let against: String
        if let baseRef {
            if shareBuild { try BaseRevision.goOnAsCopy() }
            let base = try BaseRevision.build(baseRef, shares: shareBuild, note: note)
            against = "revision \(base.revision.prefix(8))"
            let counts = try base.count(suite: suite.suite.name, engine: "\(engine.name)")
            var found = try CountGate(counts, policy: rules, on: day).execute(note: note)
            var pace = PaceGate(suite: suite.suite, engine: engine, policy: rules, pairs: pairs, on: day)
            try pace.execute(base: base.program, into: &found, note: note)
            outcome = found
        } else {
            let (kept, figures) = try choose()
            against = "baseline \(kept.name) of \(kept.savedUTC)"
            outcome = try CountGate(kept.counts, policy: rules, figures: figures, on: day).execute(note: note)
        }
        try publish(GateReport(outcome, against: against))
        let code = outcome.exitCode(failsOnImprovement: failOnImprovement, failsOnUnresolved: failOnUnresolved)
        if code != .success { throw ArgumentParser.ExitCode(code.rawValue) }
    }

    /// The baseline, and the figures that can be compared with it: nil for all.
    private func choose() throws -> (Baseline, Set<String>?) {
        let own = CountRun.key()
        let file: URL
        if let baseline {
            file = URL(fileURLWithPath: baseline)
        } else {
            var folder = BaselineCommand.Folder()
            folder.folder = baselines ?? folder.folder
            let files = folder.files()
            let fitting = try files.first { try Baseline.read($0, sha256).counts.key.differences(from: own).isEmpty }
            guard let chosen = fitting ?? files.first else {
                throw Failure(
                    .inputMissing,
                    "there are no baselines in \(folder.folder). Make one with `juxtapose baseline save`.")
            }
            file = chosen
        }
        let kept = try Baseline.read(file, sha256)
        let differences = own.differences(from: kept.counts.key)
        if differences.isEmpty { return (kept, nil) }
        guard foreign == .portable else {
            throw Failure(
                .notComparable,
                "\(file.path) was counted elsewhere (\(differences.joined(separator: "; "))). Save a baseline here, or compare what all machines share with --foreign portable."
            )
        }
        note("foreign baseline (\(differences.joined(separator: "; "))): comparing operations and bytes only")
        return (kept, CountComparison.portableFigures)
    }

    private func publish(_ report: GateReport) throws {
        show(report.terminal)
        if let junit { try AtomicFile.write(report.junit, to: URL(fileURLWithPath: junit)) }
        // Where GitHub shows what a job found; appended, as its documentation asks.
        guard let path = ProcessInfo.processInfo.environment["GITHUB_STEP_SUMMARY"], !path.isEmpty else { return }
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forWritingAtPath: path) else {
            throw Failure(.ioError, "cannot write GITHUB_STEP_SUMMARY, \(path)")
        }
        try file.seekToEnd()
        try file.write(contentsOf: Data(report.markdown.utf8))
        try file.close()
    }
}
