import Foundation
import Harness
import TestSupport
import Testing

@Suite("The gate, as a CI job calls it", .serialized)
struct GateEndToEndTests {
    /// A count of another machine.
    private func foreignCounts() -> Counts {
        var row = CountRow(
            id: "join/paper/rsa2048", engine: "openSSL", privateOperations: 4, publicOperations: 5, aeadBytes: 1,
            hashedBytes: 1, wireBytes: 1, roundTrips: 2, payloadBytesCopied: 0, passwordHashes: 0)
        row.instructions = 1
        row.cryptoInstructions = 1
        row.allocations = 1
        row.systemCalls = 0
        return Counts(
            key: CountKey(
                architecture: "sparc", instructionSet: "vis", compiler: "another", libraries: [:], valgrind: "old"),
            suite: "rsa2048", notCounted: nil, peakResidentBytes: 1, rows: [row])
    }

    @Test("missing is 66, foreign is 6, edited and cut are 65; each says what to do")
    func refusals() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("counts.json")
            let encoder = JSONEncoder()
            try encoder.encode(foreignCounts()).write(to: file)
            let save = ["baseline", "save", file.path, "--folder", folder.path]
            let saved = try Program.run(save)
            #expect(saved.status == 0, "\(saved.output)")
            let again = try Program.run(save)
            #expect(again.status == 65 && again.output.contains("--replace"))
            let baseline = saved.output.trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try Program.run(["baseline", "list", "--folder", folder.path]).output.contains("1 rows"))

            try JuxtaposeSchemas.validate(baseline, "baseline")
            try JuxtaposeSchemas.validate(file.path, "counts")
            let doctor = try Program.run(["doctor", "--pairs", "0", "--format", "json"])
            let diagnosis = folder.appendingPathComponent("doctor.json")
            try doctor.output.write(to: diagnosis, atomically: true, encoding: .utf8)
            try JuxtaposeSchemas.validate(diagnosis.path, "doctor")

            let foreign = try Program.run(["gate", "--baseline", baseline])
            #expect(foreign.status == 6 && foreign.output.contains("--foreign portable"))
            #expect(try Program.run(["gate", "--baseline", baseline + "x"]).status == 66)
            #expect(try Program.run(["gate"]).status == 64)
            let whole = try String(contentsOfFile: baseline, encoding: .utf8)
            for damaged in [whole.replacingOccurrences(of: "sparc", with: "mips"), String(whole.prefix(200))] {
                try damaged.write(toFile: baseline, atomically: true, encoding: .utf8)
                #expect(try Program.run(["gate", "--baseline", baseline]).status == 65)
            }
        }
    }

    @Test("a disk that is full at every byte of a write is 74, the old file is intact, and nothing is left beside it")
    func diskFull() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("counts.json")
            try JSONEncoder().encode(foreignCounts()).write(to: file)
            let save = ["baseline", "save", file.path, "--folder", folder.path + "/kept", "--replace"]
            let place = try Program.run(save).output.trimmingCharacters(in: .whitespacesAndNewlines)
            let before = try Data(contentsOf: URL(fileURLWithPath: place))
            for bytes in 0..<before.count {
                let result = try run("prlimit", ["--fsize=\(bytes)", Program.url.path] + save)
                #expect(result.status == 74, "\(bytes) bytes: \(result.output)")
                #expect(try Data(contentsOf: URL(fileURLWithPath: place)) == before, "\(bytes) bytes")
            }
            let kept = URL(fileURLWithPath: place).deletingLastPathComponent().path
            #expect(try FileManager.default.contentsOfDirectory(atPath: kept) == ["counts.json"])
        }
    }

    @Test("two counts differ in nothing but memory, whether or not this machine counts instructions")
    func twice() throws {
        try withTemporaryFolder { folder in
            let prepared = try Program.run(["bench-count", "prepare", folder.path, "rsa2048"])
            #expect(prepared.status == 0, "\(prepared.output)")
            let measure = ["bench-count", "measure", folder.path, "rsa2048", "openSSL"]
            func rows() throws -> [Substring] {
                let result = try Program.run(measure)
                #expect(result.status == 0, "\(result.output)")
                return result.output.split(separator: "\n").filter { !$0.contains("peakResidentBytes") }
            }
            let first = try rows()
            // Two of them stand for an engine that only x86-64 has.
            let listed = try Program.run(["count", "--list"]).output.split(separator: "\n")
            #expect(listed.count == 17 || listed.count == 19)
            #expect(first.count == listed.count && zip(first, listed).allSatisfy { $0.contains("\"\($1)\"") })
            #expect(try rows() == first)
            let join = try #require(first.first { $0.contains("join/paper") })
            #expect(join.contains("\"privateOperations\":4") && join.contains("\"roundTrips\":2"))
            let wrong = try Program.run(measure + ["--only", "core/public/rsa2048/openSSL", "--wrong"])
            #expect(wrong.status == 7)
        }
    }
}
