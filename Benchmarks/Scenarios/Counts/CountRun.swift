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

    public var rows: [String] { CountedWork.all(suite: suite, engine: engine).map(\.id) }

    /// - Parameters:
    ///   - requiresInstructions: throw instead of returning null where nothing can count them.
    ///   - note: told what happens.
    /// - Throws: `.toolMissing`, `.wrongResult`.
    public func execute(requiresInstructions: Bool, note: (String) -> Void = { _ in }) throws -> Counts {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "juxtapose-count-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        note("making keys")
        _ = try worker(["prepare", folder.path, suite.name])
        note("counting operations and bytes")
        let arguments = ["measure", folder.path, suite.name, "\(engine.name)"] + selection
        var counts = try read(try worker(arguments))
        do {
            let callgrind = try Callgrind()
            note("counting instructions under \(callgrind.version)")
            let (output, dumps) = try callgrind.run(["bench-count"] + arguments, in: folder)
            try merge(try read(output), dumps, into: &counts)
            counts.key.valgrind = callgrind.version
        } catch let failure as Failure where failure.code == .toolMissing && !requiresInstructions {
            counts.notCounted = failure.message
        }
        return counts
    }

    private var selection: [String] {
        var options: [String] = []
        if let only { options += ["--only", only.sorted().joined(separator: ",")] }
        switch plant {
        case .slower(let instructions): options += ["--slower", "\(instructions)"]
        case .wrongResult: options.append("--wrong")
        case nil: break
        }
        return options
    }

    private func worker(_ arguments: [String]) throws -> String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        let result = try Tool.run(
            [own, "bench-count"] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(["SWIFT_DETERMINISTIC_HASHING": "1"]) { $1 },
            keepsErrors: true)
        guard result.status == 0 else {
            throw Failure(
                ExitCode(rawValue: result.status) ?? .internalError,
                result.errors.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return result.output
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
            counts.rows[index].allocations = dump.allocations
            counts.rows[index].systemCalls = dump.systemCalls
        }
    }
}
