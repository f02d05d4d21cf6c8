internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Synchronization

/// What the experiments of one run share: options, engines, samples, and the figures made from them.
final class RunContext {
    let options: RunOptions
    let engines: EngineTable
    let progress: RunProgress
    var store = SampleStore()
    var summary: Summary
    /// Where samples go as they come; nil until the folder is there.
    var folder: RunFolder?
    private var watch = MachineWatch()
    private let started = Clock.wall()
    private var clocks: [String: ClockName] = [:]
    private var unpaired: Set<String> = []

    init(_ options: RunOptions, engines: EngineTable, progress: RunProgress) {
        self.options = options
        self.engines = engines
        self.progress = progress
        summary = Summary(plan: options.plan.name, suite: options.suite.name, link: options.linkText)
    }

    /// `<what>/<arm>/<suite>[/<bytes>]`.
    func id(_ what: String, _ arm: String, _ bytes: Int? = nil) -> String {
        "\(what)/\(arm)/\(options.suite.name)" + (bytes.map { "/\($0)" } ?? "")
    }

    private var sampleCount: Int { store.ids.reduce(0) { $0 + store.samples(of: $1).count } }

    /// What a later process would need to go on from here.
    func journal(completed: [String]) -> RunJournal {
        RunJournal(
            request: options.request, completed: completed,
            samples: sampleCount, summary: summary,
            cpuRows: clocks.filter { $0.value == .cpu }.keys.sorted(), unpairedRows: unpaired.sorted())
    }

    func resume(_ journal: RunJournal, _ store: SampleStore) {
        self.store = store
        summary = journal.summary
        for row in journal.cpuRows { clocks[row] = .cpu }
        unpaired = Set(journal.unpairedRows)
    }

    func measuredOnCPU(_ id: String) { clocks[id] = .cpu }

    func measuredAlone(_ id: String) { unpaired.insert(id) }

    /// - Parameter process: the generation of peers that measured it.
    func add(_ id: String, process: Int = 0, pair: Int, block: Int, _ nanoseconds: UInt64) {
        store.add(SampleStore.Sample(row: id, process: process, pair: pair, block: block, nanoseconds: nanoseconds))
    }

    /// Records what security adds to a row; nothing where one of the two was not measured.
    func addOverhead(_ id: String, over base: String, hash: Hash? = nil) {
        guard let comparison = store.compare(id, to: base) else { return }
        let seed = options.seed
        let ratio = comparison.ratio(seed: seed)
        let added = comparison.difference(seed: seed)
        summary.overheads.append(
            Overhead(
                id: id, base: base, percent: 100 * (ratio.point - 1), low: 100 * (ratio.low - 1),
                high: 100 * (ratio.high - 1), percentOfSecure: 100 * comparison.share(seed: seed).point,
                addedNanoseconds: Int(added.point.rounded()), addedLow: Int(added.low.rounded()),
                addedHigh: Int(added.high.rounded()), passwordHashNanoseconds: hash?.nanoseconds,
                percentWithoutHash: hash?.percentWithout, link: options.linkText))
    }

    /// Lines through an experiment's sizes, one for each arm, and where overhead falls under ten per cent.
    func addFits(_ what: String, plain: String, secure: [String], sizes: [Int]) {
        var lines: [String: LineFit] = [:]
        for arm in [plain] + secure {
            let series = SizeSeries(
                sizes.map { SizeSeries.Point(bytes: $0, blocks: store.blocks(of: id(what, arm, $0))) })
            guard let fit = series.fit(seed: options.seed) else { continue }
            summary.fits.append(Fit(id: id(what, arm), fit))
            lines[arm] = fit.line
        }
        for arm in secure {
            guard let base = lines[plain], let line = lines[arm] else { continue }
            summary.crossings.append(
                Crossing(id: id(what, arm), percent: 10, BreakEven(plain: base, secure: line, share: 0.1)))
        }
    }

    struct Hash {
        var nanoseconds: Int
        var percentWithout: Double
    }

    /// A floor for a row, and the ratio to it as a goal where one was set.
    func addFloor(_ id: String, under row: String, what: String, limit: Double?) {
        guard let floor = store.median(of: id) else { return }
        summary.floors.append(Floor(id: row, nanoseconds: Int(floor.rounded()), what: what))
        guard let limit, let ratio = store.compare(row, to: id)?.ratio(seed: options.seed) else { return }
        summary.goals.append(
            Goal(id: row, what: "\(row) / \(what)", ratio: ratio.point, low: ratio.low, high: ratio.high, limit: limit))
    }

    func count(_ id: String, _ value: Int, _ unit: String) {
        summary.counts.append(Count(id: id, value: value, unit: unit))
    }

    /// The summary with a row for everything that was sampled.
    func finished(complete: Bool) -> Summary {
        var result = summary
        result.isComplete = complete
        if watch.canTell {
            result.counts.append(
                Count(id: "blocks during which the processor throttled", value: watch.throttledBlocks, unit: "blocks"))
        }
        let kind: Kind = options.link == nil ? .measured : .emulated
        result.rows = store.ids.compactMap { id in
            let isOnWire = ["join", "connect", "login", "message", "roundtrip"].contains { id.hasPrefix($0) }
            return store.row(
                id, kind: isOnWire ? kind : .measured, clock: clocks[id] ?? .wall, paired: !unpaired.contains(id))
        }
        return result
    }

    /// Brings what has been measured to the disk; it is forgotten as unsaved only once it is there.
    func save() throws(Failure) {
        try folder?.append(store.unsaved)
        store.markSaved()
    }

    /// Saves what has been measured since the last time, and throws when the user has asked to stop: between blocks,
    /// so that every saved pair is whole.
    func checkpoint() throws {
        try save()
        try folder?.append(
            watch.read(at: Int((Clock.wall() - started) / 1_000_000), afterSamples: sampleCount))
        if Interruption.isRequested { throw Failure(.interrupted, "interrupted") }
    }
}

/// The first Ctrl-C ends the block in hand and saves; the second stops at once.
public enum Interruption {
    private static let requests = Atomic<Int>(0)

    static var isRequested: Bool { requests.load(ordering: .relaxed) > 0 }

    public static func listen() {
        // A parent may have started us with the signal blocked.
        var interrupt = sigset_t()
        sigemptyset(&interrupt)
        sigaddset(&interrupt, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &interrupt, nil)
        signal(SIGINT) { _ in
            if Interruption.requests.wrappingAdd(1, ordering: .relaxed).newValue > 1 { _exit(130) }
        }
    }
}

/// One experiment: rows that belong together.
protocol Experiment {
    /// What it says while it runs.
    var title: String { get }
    /// Row ids, for `--list`.
    func rows(_ options: RunOptions) -> [String]
    /// A guess from a 2-core server of 2024, for the estimate and the bar.
    func estimateSeconds(_ options: RunOptions) -> Double
    /// Whether the peers must have joined and know each other before it.
    var needsMembers: Bool { get }
    func run(_ context: RunContext, _ fleet: Fleet) throws
}

extension Experiment {
    var needsMembers: Bool { false }
}

extension RunOptions {
    func id(_ what: String, _ arm: String, _ bytes: Int? = nil) -> String {
        "\(what)/\(arm)/\(suite.name)" + (bytes.map { "/\($0)" } ?? "")
    }
}
