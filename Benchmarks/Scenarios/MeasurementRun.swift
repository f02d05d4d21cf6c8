internal import CryptoCore
public import Foundation
public import Harness
internal import Metrology

/// The main job: every experiment of a plan, in one run, into one folder.
public struct MeasurementRun {
    public let options: RunOptions
    private let experiments: [any Experiment]

    public init(_ options: RunOptions) {
        self.options = options
        experiments =
            options.plan.idleClients > 0
            ? [BrokerCapacity()]
            : options.plan.comparesCore
                ? [HarnessCost(), CoreComparison(), JoinRush()]
                : [
                    HarnessCost(), ProcessStart(), CoreOperations(), EnvelopeCost(), AdvertisementCost(),
                    JoinOverhead(),
                    RoundTripCost(),
                    MessageOverhead(), GroupCost(), PhaseBreakdown(), WorkRecord(),
                ] + (options.rate.map { [OpenLoopLatency(rate: $0)] } ?? [])
    }

    /// Row ids in the order in which they are measured.
    public var rows: [String] { experiments.flatMap { $0.rows(options) } }

    public var estimateSeconds: Double { experiments.reduce(5) { $0 + $1.estimateSeconds(options) } }

    /// The same rows with as many pairs as fit; nil when not even the fewest do.
    public static func fit(_ options: RunOptions, seconds: Double) -> RunOptions? {
        guard leastSeconds(options) <= seconds else { return nil }
        // The estimate grows with the pairs: halve the interval until the scale is known to a hundredth.
        var (low, high) = (0.0, 100.0)
        while high - low > 0.01 {
            let middle = (low + high) / 2
            if MeasurementRun(options.scaled(by: middle)).estimateSeconds <= seconds {
                low = middle
            } else {
                high = middle
            }
        }
        return options.scaled(by: low)
    }

    public static func leastSeconds(_ options: RunOptions) -> Double {
        MeasurementRun(options.scaled(by: 0)).estimateSeconds
    }

    public struct Outcome: Sendable {
        public let summary: Summary
        public let manifest: Manifest
        public let folder: URL
        /// Why the run ended early, if it did.
        public let failure: Failure?
    }

    /// Runs, and writes what there is even when it ends early.
    /// - Parameter resumed: the folder of a run that ended early: its finished experiments are kept.
    public func execute(resuming resumed: URL? = nil) throws -> Outcome {
        let engines = try options.engine.table(for: options.suite)
        let progress = RunProgress(totalSeconds: estimateSeconds)
        let context = RunContext(options, engines: engines, progress: progress)
        let manifest = try makeManifest(engines)
        let folder: RunFolder
        var completed: [String] = []
        if let resumed {
            folder = RunFolder(existing: resumed)
            let before = try folder.manifest()
            guard before.engines == manifest.engines, before.binarySHA256 == manifest.binarySHA256 else {
                throw Failure(
                    .notComparable,
                    "that run was made by another build or engine (\(before.engines.values.sorted().joined())): name it with --engine, or run again"
                )
            }
            let (journal, store) = try RunJournal.resume(folder, request: options.request)
            context.resume(journal, store)
            completed = journal.completed
        } else {
            folder = try RunFolder(
                under: options.results, plan: options.plan.name, machine: Machine().name,
                revision: manifest.gitRevision ?? "00000000", at: Date())
            try folder.write(manifest)
        }
        context.folder = folder
        var failure: Failure?
        do {
            let linked = try checkLink(context)
            progress.advance(0, now: "starting broker and peers")
            let fleet = try Fleet(linked, engines: engines)
            defer { fleet.stop() }
            progress.advance(5, now: "peers are up")
            try perform(context, fleet, &completed)
        } catch let error as Failure {
            failure = error
        } catch {
            failure = Failure(.internalError, "\(error)")
        }
        progress.finish()
        let summary = context.finished(complete: failure == nil)
        try context.save()
        try folder.writeHistograms(of: context.store)
        try folder.write(summary)
        try folder.write(report: Report(summary, manifest).markdown)
        do { try folder.refuse(secrets: [Fleet.password]) } catch {
            // Such a run must not stand as a complete one.
            try folder.write(context.finished(complete: false))
            throw error
        }
        try folder.seal(manifest, sha256)
        if failure == nil { RunJournal.remove(from: folder) }
        return Outcome(summary: summary, manifest: manifest, folder: folder.url, failure: failure)
    }

    private func perform(_ context: RunContext, _ fleet: Fleet, _ completed: inout [String]) throws {
        for experiment in experiments where !completed.contains(experiment.title) {
            // Peers stay joined from the first experiment on that needs them.
            if experiment.needsMembers, !fleet.isSettled { try fleet.settle() }
            try experiment.run(context, fleet)
            completed.append(experiment.title)
            try context.save()
            if let folder = context.folder { try context.journal(completed: completed).write(in: folder) }
        }
    }

    /// The options with a link that was measured back and corrected; its errors stand beside the other goals.
    private func checkLink(_ context: RunContext) throws -> RunOptions {
        guard let link = options.link else { return options }
        context.progress.advance(0, now: "measuring the link back")
        let check = try LinkCheck(link)
        context.progress.advance(0, now: "link \(options.linkText): \(check.text)")
        context.summary.goals.append(contentsOf: check.goals(options.linkText))
        var linked = options
        linked.link = check.shape
        return linked
    }

    private func makeManifest(_ engines: EngineTable) throws -> Manifest {
        var chosen: [String: String] = [:]
        chosen[options.suite.name] = engines.name
        let binary = try Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe"))
        let cores = Placement.coreCount
        return Manifest(
            plan: options.plan.name, seed: options.seed, suite: options.suite.name, engines: chosen,
            usesIFMA: LibcryptoCapabilities.current.hasIFMA, link: options.linkText,
            placement: cores > 1
                ? "Messages: sender on core 0, receiver on core 1; roundtrip-onecore: both on core 0."
                : "One core: every process shares it.",
            libraries: LibraryVersions.all, binarySHA256: try sha256(binary))
    }
}
