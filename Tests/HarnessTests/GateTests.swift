import Foundation
import Harness
import Metrology
import Testing

@Suite("Baselines and the count gate")
struct GateTests {
    static let digest: Digesting = { data in
        String(data.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 16)
    }

    static func row(
        _ id: String, instructions: Int? = 10_000, allocations: Int? = 3, privateOperations: Int = 2,
        wireBytes: Int = 500
    ) -> CountRow {
        var row = CountRow(
            id: id, engine: "openSSL", privateOperations: privateOperations, publicOperations: 2, aeadBytes: 64,
            hashedBytes: 128, wireBytes: wireBytes, roundTrips: 1, payloadBytesCopied: 0, passwordHashes: 0)
        row.instructions = instructions
        row.cryptoInstructions = instructions.map { $0 / 2 }
        row.allocations = allocations
        row.systemCalls = instructions == nil ? nil : 0
        return row
    }

    static func counts(_ rows: [CountRow], valgrind: String? = "valgrind-3.19.0") -> Counts {
        Counts(
            key: CountKey(
                architecture: "x86_64", instructionSet: "avx2", compiler: "Swift 6.3.1",
                libraries: ["libcrypto.so.3": "aa"], valgrind: valgrind), suite: "rsa2048", notCounted: nil,
            peakResidentBytes: 1 << 20, rows: rows)
    }

    private func compare(
        _ base: [CountRow], _ head: [CountRow], _ policy: CountPolicy = CountPolicy(), figures: Set<String>? = nil,
        on day: String = "2026-01-01"
    ) -> CountComparison {
        CountComparison(
            base: Self.counts(base), head: Self.counts(head), policy: policy, figures: figures, on: day)
    }

    @Test("equal counts pass; one operation, byte or allocation more fails; 0.5 % of instructions is the limit")
    func rules() {
        let base = [Self.row("a")]
        #expect(compare(base, base).findings.isEmpty && compare(base, base).comparedFigures == 10)
        for (head, figure) in [
            (Self.row("a", privateOperations: 3), "privateOperations"), (Self.row("a", wireBytes: 501), "wireBytes"),
            (Self.row("a", allocations: 4), "allocations"), (Self.row("a", instructions: 10_051), "instructions"),
        ] {
            let found = compare(base, [head]).failing
            #expect(found.map(\.figure) == [figure] && found.first?.verdict == .regression)
        }
        #expect(compare(base, [Self.row("a", instructions: 10_050)]).findings.isEmpty)
        #expect(compare(base, [Self.row("a", instructions: 9_900)]).improvements.count == 1)
    }

    @Test("a row or a figure that is gone fails as incomplete; a new row is named")
    func vanished() {
        let base = [Self.row("a"), Self.row("b")]
        var outcome = GateOutcome(selfTests: [])
        outcome.attempts = [compare(base, [Self.row("a"), Self.row("c")])]
        #expect(outcome.failing.map(\.row) == ["b"] && outcome.attempts[0].newRows == ["c"])
        #expect(outcome.exitCode(failsOnImprovement: false, failsOnUnresolved: false) == .incomplete)
        let blind = compare([Self.row("a")], [Self.row("a", instructions: nil, allocations: nil)])
        #expect(Set(blind.failing.map(\.figure)) == ["instructions", "allocations"])
    }

    @Test("only what fails in every attempt fails the gate")
    func confirmation() {
        let base = [Self.row("a"), Self.row("b")]
        var outcome = GateOutcome(selfTests: [])
        outcome.attempts = [
            compare(base, [Self.row("a", wireBytes: 600), Self.row("b", wireBytes: 600)]),
            compare(base, [Self.row("a"), Self.row("b", wireBytes: 600)]),
        ]
        #expect(outcome.failing.map(\.row) == ["b"])
        #expect(outcome.exitCode(failsOnImprovement: false, failsOnUnresolved: false) == .regression)
        let text = GateReport(outcome, against: "base").markdown
        #expect(text.contains("Gate FAILED: 1 figure worse") && text.contains("not confirmed"))
        outcome.attempts = [compare(base, [Self.row("a", wireBytes: 400), Self.row("b")])]
        #expect(outcome.exitCode(failsOnImprovement: false, failsOnUnresolved: false) == .success)
        #expect(outcome.exitCode(failsOnImprovement: true, failsOnUnresolved: false) == .improvement)
    }

    @Test("CPU time fails by its lower bound alone, and only when the last attempt still says so")
    func pace() {
        func pace(_ low: Double, _ high: Double, waiver: String? = nil) -> GateOutcome.Pace {
            GateOutcome.Pace(
                row: "join", pairs: 40, ratio: Estimate(point: (low + high) / 2, low: low, high: high), pValue: 0.01,
                limitPercent: 2, waiver: waiver)
        }
        var outcome = GateOutcome(selfTests: [])
        outcome.paces = [[pace(1.03, 1.06)]]
        #expect(outcome.exitCode(failsOnImprovement: false, failsOnUnresolved: false) == .regression)
        outcome.paces.append([pace(1.01, 1.06)])
        #expect(outcome.exitCode(failsOnImprovement: false, failsOnUnresolved: false) == .success)
        outcome.paces = [[pace(1.03, 1.06, waiver: "known")]]
        #expect(outcome.failingPaces.isEmpty)
        outcome.paces = [[pace(0.99, 1.03)]]
        #expect(outcome.exitCode(failsOnImprovement: false, failsOnUnresolved: true) == .unresolved)
    }

    @Test("a waiver holds for its row and figure, to its last day")
    func waivers() throws {
        var policy = CountPolicy()
        policy.waivers = [CountPolicy.Waiver(row: "a", figure: "wireBytes", reason: "new header", until: "2026-01-31")]
        let (base, head) = ([Self.row("a")], [Self.row("a", wireBytes: 510)])
        let waived = compare(base, head, policy, on: "2026-01-31")
        #expect(waived.failing.isEmpty && waived.findings.first?.note?.contains("new header") == true)
        #expect(compare(base, head, policy, on: "2026-02-01").failing.count == 1)
    }

    @Test(
        "a policy that could hide something is refused",
        arguments: [
            #"{"schema":"juxtapose.policy/1","instructionsPercent":0,"cpuPercent":2,"waivers":[]}"#,
            #"{"schema":"juxtapose.policy/1","instructionsPercent":-1,"cpuPercent":2,"waivers":[]}"#,
            #"{"schema":"juxtapose.policy/1","instructionsPercent":NaN,"cpuPercent":2,"waivers":[]}"#,
            #"{"schema":"juxtapose.policy/2","instructionsPercent":1,"cpuPercent":2,"waivers":[]}"#,
            #"{"schema":"juxtapose.policy/1","instructionsPercent":1,"cpuPercent":2,"waivers":[],"skip":true}"#,
            #"{"schema":"juxtapose.policy/1","cpuPercent":2,"cpuPercent":99,"instructionsPercent":1,"waivers":[]}"#,
            #"{"schema":"juxtapose.policy/1","instructionsPercent":1,"cpuPercent":2,"waivers":[{"row":"a","figure":"wireBytes","reason":" ","until":"2026-01-31"}]}"#,
            #"{"schema":"juxtapose.policy/1","instructionsPercent":1,"cpuPercent":2,"waivers":[{"row":"a","figure":"wireBytes","reason":"r","until":"2026-02-30"}]}"#,
            #"{"schema":"juxtapose.policy/1","instructionsPercent":1,"cpuPercent":2,"waivers":[{"row":"a","figure":"luck","reason":"r","until":"2026-01-31"}]}"#,
        ])
    func policies(_ text: String) throws {
        try withFile { file in
            try Data(text.utf8).write(to: file)
            #expect { try CountPolicy.read(file) } throws: { ($0 as? Failure)?.code == .badData }
        }
    }

    @Test("a baseline comes back; cut at any byte, edited, newer or missing it is refused")
    func baselines() throws {
        try withFile { file in
            let baseline = Baseline(
                name: "counts", savedUTC: "2026-01-01T00:00:00Z", gitRevision: nil,
                counts: Self.counts([Self.row("a"), Self.row("b")]))
            try baseline.write(to: file, Self.digest)
            #expect(try Baseline.read(file, Self.digest).counts == baseline.counts)
            let whole = try Data(contentsOf: file)
            func refuses(_ data: Data, _ code: Harness.ExitCode = .badData) throws {
                try data.write(to: file)
                #expect { try Baseline.read(file, Self.digest) } throws: { ($0 as? Failure)?.code == code }
            }
            // Without its last line end a file is still whole.
            for count in 0..<(whole.count - 2) { try refuses(whole.prefix(count)) }
            let text = String(decoding: whole, as: UTF8.self)
            try refuses(Data(text.replacingOccurrences(of: "500", with: "499").utf8))
            try refuses(Data(text.replacingOccurrences(of: "baseline/1", with: "baseline/2").utf8))
            try FileManager.default.removeItem(at: file)
            #expect { try Baseline.read(file, Self.digest) } throws: { ($0 as? Failure)?.code == .inputMissing }
        }
    }

    @Test("counts that none can be are refused: no rows, a row twice, negative, zero or missing instructions")
    func impossible() {
        for (rows, code) in [
            ([], Harness.ExitCode.incomplete), ([Self.row("a"), Self.row("a")], .badData),
            ([Self.row("a", wireBytes: -1)], .badData), ([Self.row("a", instructions: 0)], .badData),
            ([Self.row("a", instructions: nil)], .badData),
        ] {
            #expect { try Self.counts(rows).check("x") } throws: { ($0 as? Failure)?.code == code }
        }
        #expect(throws: Never.self) { try Self.counts([Self.row("a", instructions: nil)], valgrind: nil).check("x") }
    }

    @Test("keys that differ are named; only portable figures compare across them")
    func keys() {
        let own = Self.counts([]).key
        var other = own
        #expect(own.differences(from: other).isEmpty)
        other.libraries["libcrypto.so.3"] = "bb"
        other.compiler = "Swift 6.4"
        #expect(own.differences(from: other).count == 2)
        let portable = compare(
            [Self.row("a")], [Self.row("a", instructions: 99_999, allocations: 9, wireBytes: 501)],
            figures: CountComparison.portableFigures)
        #expect(portable.failing.map(\.figure) == ["wireBytes"] && portable.comparedFigures == 7)
    }

    @Test("JUnit XML names every row and nests")
    func junit() throws {
        var outcome = GateOutcome(selfTests: [])
        outcome.head = Self.counts([Self.row("a"), Self.row("b<&\"")])
        outcome.attempts = [compare([Self.row("a"), Self.row("gone")], [Self.row("a", wireBytes: 600)])]
        let text = GateReport(outcome, against: "base").junit
        #expect(text.contains("tests=\"3\" failures=\"2\"") && text.contains("wireBytes: 500 -&gt; 600"))
        let parser = XMLCheck(text)
        #expect(parser.cases == 3 && parser.failures == 2)
    }

    private func withFile(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder.appendingPathComponent("file.json"))
    }
}

/// Counts the elements of a JUnit file by their tags, after checking that tags nest.
private struct XMLCheck {
    var cases = 0
    var failures = 0

    init(_ text: String) {
        var open: [Substring] = []
        for tag in text.split(separator: "<").dropFirst() {
            let name = tag.prefix { $0.isLetter }
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst().prefix(while: { $0.isLetter }) else { return }
            } else if !tag.hasPrefix("?") {
                if name == "testcase" { cases += 1 }
                if name == "failure" { failures += 1 }
                if !(tag.split(separator: ">").first?.hasSuffix("/") ?? false) { open.append(name) }
            }
        }
        if !open.isEmpty { cases = -1 }
    }
}
