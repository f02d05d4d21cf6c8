public import ArgumentParser
public import CryptoCore
internal import Foundation
internal import Harness
internal import Scenarios

extension RSAEngine: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }

    public static var allValueStrings: [String] { allCases.map { "\($0.name)" } }
    public var defaultValueDescription: String { "\(name)" }
}

/// Work counted instead of timed.
struct CountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count",
        abstract: "Count the work of joins and messages: the same numbers in every run.",
        discussion: """
            Instructions (by callgrind), RSA operations, bytes encrypted, hashed, sent and
            copied, allocations, system calls: over in-memory links, with fixed keys,
            seeded randomness and a standing clock. The password hash runs at N = 2.

            EXAMPLES
              juxtapose count                              a table
              juxtapose count --format json > counts.json  a file for `baseline save`
              juxtapose count --engine gmp --require-instructions
            """)

    @Option(help: "table, or json on standard output.")
    var format = OutputFormat.table
    @Option(help: "Algorithms and key sizes.")
    var suite = SuiteName(.rsa2048)
    @Option(help: "Who computes RSA.")
    var engine = RSAEngine.openSSL
    @Flag(help: "Fail with 69 where instructions cannot be counted, instead of null.")
    var requireInstructions = false
    @Flag(help: "Print the rows, count nothing.")
    var list = false

    func run() throws {
        let run = CountRun(suite: suite.suite, engine: engine)
        if list {
            for row in run.rows { print(row) }
            return
        }
        let counts = try run.execute(requiresInstructions: requireInstructions, note: note)
        switch format {
        case .table: print(CountReport(counts).terminal)
        case .json: try printJSON(counts)
        }
    }
}

/// The worker of a count; not for people.
struct BenchCountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-count", shouldDisplay: false)

    enum Step: String, ExpressibleByArgument { case prepare, measure, pace }

    @Argument var step: Step
    @Argument var folder: String
    @Argument var suite: SuiteName
    @Argument var engine = RSAEngine.openSSL
    @Option var only: String?
    @Option var slower: Int?
    @Option var slowerPercent = 0.0
    @Flag var repeated = false
    @Flag var wrong = false

    func run() throws {
        let worker = CountWorker(folder: URL(fileURLWithPath: folder, isDirectory: true), suite: suite.suite)
        switch step {
        case .prepare: try worker.prepare()
        case .measure:
            try worker.measure(
                engine: engine, only: only.map { Set($0.split(separator: ",").map(String.init)) }, plant: plant)
        case .pace: try worker.pace(engine: engine, slowerPercent: slowerPercent)
        }
    }

    private var plant: CountWorker.Plant? {
        if wrong { return .wrongResult }
        return repeated ? .repeated : slower.map { .slower(instructions: $0) }
    }
}
