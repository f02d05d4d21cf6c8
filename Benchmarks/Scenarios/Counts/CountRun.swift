public import CryptoCore
internal import Foundation
public import Harness

/// Counts the work of every row: once bare, and once under callgrind where this machine has it.
public struct CountRun {
    public let suite: Suite
    public let engine: RSAEngine
    /// Nil for every row.
    public var only: Set<String>?
    public var plant: CountWorker.Plant?

    public init(suite: Suite, engine: RSAEngine) {
        self.suite = suite
        self.engine = engine
    }

    /// What counts made here depend on, as ``execute(requiresInstructions:note:)`` would record it.
    public static func key() -> CountKey {
        var key = CountEnvironment.key
        key.valgrind = (try? Callgrind())?.version
        return key
    }

    public var rows: [String] { CountedWork.all(suite: suite, engine: engine).map(\.id) }

    /// - Parameters:
    ///   - requiresInstructions: throw instead of returning null where nothing can count them.
    ///   - note: told what happens.
    /// - Throws: `.unavailable`, `.wrongResult`.
    public func execute(requiresInstructions: Bool, note: (String) -> Void = { _ in }) throws -> Counts {
        note("making keys")
        let keys = try CountKeys(suite: suite)
        let folder = keys.folder
        note("counting operations and bytes")
        let arguments = ["measure", folder.path, suite.name, "\(engine.name)"] + selection
        var counts = try read(try keys.worker(arguments))
        do {
            let callgrind = try Callgrind()
            note("counting instructions under \(callgrind.version)")
            let (output, dumps) = try callgrind.run(["bench-count"] + arguments, in: folder)
            try merge(try read(output), dumps, into: &counts)
            counts.key.valgrind = callgrind.version
        } catch let failure as Failure where failure.code == .unavailable && !requiresInstructions {
            counts.notCounted = failure.message
        }
        return counts
    }

    private var selection: [String] {
        var options: [String] = []
        if let only { options += ["--only", only.sorted().joined(separator: ",")] }
        switch plant {
        case .slower(let instructions): options += ["--slower", "\(instructions)"]
        case .repeated: options.append("--repeated")
        case .wrongResult: options.append("--wrong")
        case nil: break
        }
        return options
    }

    private func read(_ output: String) throws -> Counts {
        var rows: [CountRow] = []
        var memory = 0
        for line in output.split(separator: "\n") {
            let data = Data(line.utf8)
            if let row = try? JSONDecoder().decode(CountRow.self, from: data) {
                rows.append(row)
            } else {
                memory = try JSONDecoder().decode([String: Int].self, from: data)["peakResidentBytes"] ?? 0
            }
        }
        guard !rows.isEmpty else { throw Failure(.incomplete, "no row was counted") }
        return Counts(
            key: CountEnvironment.key, suite: suite.name, notCounted: nil, peakResidentBytes: memory, rows: rows)
    }

    /// Both processes must have done the same work, or the instructions belong to something else.
    private func merge(_ other: Counts, _ dumps: [Callgrind.Dump], into counts: inout Counts) throws {
        guard other.rows == counts.rows, dumps.count == counts.rows.count else {
            throw Failure(
                .wrongResult,
                "the worker did other work under callgrind: \(other.rows.count) rows, \(dumps.count) dumps, \(counts.rows.count) expected"
            )
        }
        for (index, dump) in dumps.enumerated() {
            counts.rows[index].instructions = dump.instructions
            counts.rows[index].cryptoInstructions = dump.cryptoInstructions
            counts.rows[index].allocations = dump.allocations
            counts.rows[index].systemCalls = dump.systemCalls
        }
    }
}
