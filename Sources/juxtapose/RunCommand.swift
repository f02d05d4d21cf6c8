public import ArgumentParser
internal import CryptoCore
internal import Foundation
internal import Harness
public import Scenarios
internal import Transport

extension InstructionMask: ExpressibleByArgument {}

/// The main job.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Measure joining and messaging, plain beside secure.",
        discussion: """
            Starts a real broker and real peers as processes on loopback TCP with an
            embedded database, measures in interleaved pairs, checks every result, and
            writes a run folder.

            EXAMPLES
              juxtapose run                               plan standard, a minute or two
              juxtapose run --plan smoke --format json    every row, as JSON on stdout
              juxtapose run --sizes 1024 --link dsl       over a slow link with latency
              juxtapose run --isa sse2                    as on a processor without AVX or AES instructions
              juxtapose run --plan core                   RSA engines, references and masks side by side
            """)

    @Option(
        help: "What to measure: smoke (seconds), standard (a minute), core (RSA engines), capacity (a broker's memory)."
    )
    var plan = "standard"
    @Flag(help: "Print the rows and the estimate, measure nothing.")
    var list = false
    @Option(help: "Arms, separated by commas: plain, paper, paper-uncached.")
    var arms: String?
    @Option(help: "Payload sizes in bytes, separated by commas.")
    var sizes: String?
    @Option(help: "Pairs per message row.")
    var pairs: Int?
    @Option(
        help: "A link between the processes: rtt=10ms, rtt=10ms,bw=10mbit, lan100, wifi54, dsl, wan50. Kind: emulated.")
    var link: String?
    @Option(help: "Instruction sets for RSA, AES and hashes in every process: native, noifma, or sse2.")
    var isa = InstructionMask.native
    @Option(help: "Also send at this many messages a second, whatever was answered, timed from the intended start.")
    var rate: Double?
    @Option(help: "Send this file instead of generated payloads.")
    var payloadFile: String?
    @Option(help: "Fit the run into this time, for example 90s or 5m, by measuring fewer or more pairs.")
    var budget: String?
    @Option(help: "Go on with a run that was interrupted or killed: its folder. Give the same options.")
    var resume: String?
    @Option(help: "table, or json for the summary on standard output.")
    var format = OutputFormat.table
    @Option(help: "Seed of payloads, order and intervals.")
    var seed: UInt64 = 1
    @Option(help: "Where run folders go.")
    var results = "Results/runs"
    @OptionGroup var crypto: CryptographyOptions

    /// Largest payload: a frame's limit.
    private static let largestPayload = 1 << 20

    func validate() throws {
        guard Plan.named(plan) != nil else {
            throw ValidationError("unknown plan '\(plan)'; there are \(Plan.all.map(\.name).joined(separator: ", "))")
        }
        if let pairs, !(2...100_000).contains(pairs) { throw ValidationError("--pairs is 2 to 100000") }
        if let budget, try Self.seconds(budget) == nil {
            throw ValidationError("--budget is a time such as 90s or 5m, up to 24h")
        }
        if let rate, !(rate >= 1 && rate <= 100_000) {
            throw ValidationError("--rate is 1 to 100000 messages a second")
        }
        for size in try parsedSizes() ?? [] where !(1...Self.largestPayload).contains(size) {
            throw ValidationError("--sizes are 1 to \(Self.largestPayload) bytes")
        }
        let unknown = parsedArms().subtracting(RunOptions.allArms)
        guard unknown.isEmpty, !parsedArms().isEmpty else {
            throw ValidationError(
                "unknown arms '\(unknown.sorted().joined(separator: ", "))'; there are \(RunOptions.allArms.sorted().joined(separator: ", "))"
            )
        }
    }

    func run() throws {
        try isa.enter()
        let run = MeasurementRun(try fit(makeOptions()))
        let options = run.options
        if list {
            for row in run.rows { print(row) }
            print("about \(Int(run.estimateSeconds.rounded())) s")
            return
        }
        if Machine.isDebugBuild { note(Report.debugWarning) }
        note(
            "plan \(options.plan.name), suite \(options.suite.name), link \(options.linkText): about \(Int(run.estimateSeconds.rounded())) s"
        )
        Interruption.listen()
        let outcome = try run.execute(resuming: resume.map { URL(fileURLWithPath: $0, isDirectory: true) })
        switch format {
        case .table: show(Report(outcome.summary, outcome.manifest).terminal)
        case .json: try printJSON(outcome.summary)
        }
        note("run folder: \(outcome.folder.path)")
        if let failure = outcome.failure { throw failure }
    }

    private func makeOptions() throws -> RunOptions {
        guard var plan = Plan.named(plan) else { throw Failure(.usage, "unknown plan") }
        if let sizes = try parsedSizes() { plan.payloadSizes = sizes }
        if let pairs { (plan.messagePairs, plan.roundTripPairs) = (pairs, pairs) }
        var file: URL?
        if let payloadFile {
            let url = URL(fileURLWithPath: payloadFile)
            guard let size = try? FileManager.default.attributesOfItem(atPath: url.path)[.size] as? Int else {
                throw Failure(.inputMissing, "\(payloadFile) is missing or unreadable")
            }
            guard (1...Self.largestPayload).contains(size) else {
                throw Failure(.usage, "\(payloadFile) has \(size) bytes; payloads have 1 to \(Self.largestPayload)")
            }
            plan.payloadSizes = [size]
            file = url
        }
        return RunOptions(
            plan: plan, suite: crypto.suite, engine: crypto.engine, arms: parsedArms(),
            link: try link.map { try LinkShape($0) }, linkText: link ?? "loopback", payloadFile: file, rate: rate,
            seed: seed,
            results: URL(fileURLWithPath: results, isDirectory: true))
    }

    /// Fewer or more pairs, until the estimate fits the budget.
    private func fit(_ options: RunOptions) throws -> RunOptions {
        guard let budget, let seconds = try Self.seconds(budget) else { return options }
        guard let fitted = MeasurementRun.fit(options, seconds: seconds) else {
            let least = Int(MeasurementRun.leastSeconds(options).rounded(.up))
            throw Failure(
                .usage, "these rows take at least \(least) s. Raise --budget, or choose fewer --sizes or --arms.")
        }
        return fitted
    }

    private static func seconds(_ text: String) throws -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()), number > 0,
            number * unit <= 86_400
        else { return nil }
        return number * unit
    }

    private func parsedSizes() throws -> [Int]? {
        try sizes?.split(separator: ",").map { text in
            guard let size = Int(text) else { throw ValidationError("--sizes: '\(text)' is no number of bytes") }
            return size
        }
    }

    private func parsedArms() -> Set<String> {
        guard let arms else { return RunOptions.allArms }
        return Set(arms.split(separator: ",").map(String.init))
    }
}

/// A worker of the core comparison; not for people.
struct BenchCoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-core", shouldDisplay: false)

    @Argument var folder: String

    func run() throws { try CoreWorker(folder: URL(fileURLWithPath: folder, isDirectory: true)).run() }
}

/// A peer process of a run; not for people.
struct BenchPeerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-peer", shouldDisplay: false)

    func run() async throws { try await PeerWorker().run() }
}
