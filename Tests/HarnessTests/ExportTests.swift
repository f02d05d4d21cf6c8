import Foundation
import Harness
import Metrology
import TestSupport
import Testing

@Suite("Recorded runs: reading, comparing, exporting")
struct ExportTests {
    /// Writes a run of two rows whose costs are known, and reads it back.
    private func withRun<R>(
        scale: Double = 1, suite: String = "rsa2048", complete: Bool = true, _ body: (URL) throws -> R
    ) throws -> R {
        try withTemporaryFolder { root in
            let folder = try RunFolder(
                under: root, plan: "smoke", machine: "m", revision: "abcdef01", at: Date(timeIntervalSince1970: 0))
            var store = SampleStore()
            var generator = SeededGenerator(seed: UInt64(scale * 10))
            for (row, base) in [("message/plain/rsa2048/1024", 50_000.0), ("message/paper/rsa2048/1024", 600_000)] {
                for pair in 0..<60 {
                    let noise = 1 + Double(generator.next() % 100) / 5000
                    store.add(
                        .init(row: row, pair: pair, block: pair / 6, nanoseconds: UInt64(base * noise * scale)))
                }
            }
            var summary = Summary(plan: "smoke", suite: suite, link: "loopback")
            summary.isComplete = complete
            summary.rows = store.ids.compactMap { store.row($0, kind: .measured, clock: .wall, paired: true) }
            summary.overheads = [
                Overhead(
                    id: "message/paper/rsa2048/1024", base: "message/plain/rsa2048/1024", percent: 1100, low: 1000,
                    high: 1200, percentOfSecure: 90, addedNanoseconds: 550_000, addedLow: 500_000, addedHigh: 600_000,
                    passwordHashNanoseconds: nil, percentWithoutHash: nil, link: "loopback")
            ]
            try folder.write(summary)
            try folder.append(store.unsaved)
            try folder.seal(
                Manifest(
                    plan: "smoke", seed: 1, suite: suite, engines: [suite: "openSSL"], usesIFMA: false,
                    link: "loopback", placement: "p", libraries: [:], binarySHA256: "aa"), GateTests.digest)
            return try body(folder.url)
        }
    }

    @Test("a run reads back; an incomplete, cut or edited one is refused, each with its code")
    func reading() throws {
        try withRun { url in
            #expect(try RecordedRun(url, allowsIncomplete: false, GateTests.digest).summary.rows.count == 2)
            let samples = url.appendingPathComponent("samples.jsonl")
            let whole = try Data(contentsOf: samples)
            for damaged in [whole.prefix(whole.count - 5), whole.prefix(whole.count / 2), Data("{}\n".utf8)] {
                try damaged.write(to: samples)
                #expect { try RecordedRun(url, allowsIncomplete: false, GateTests.digest) } throws: {
                    ($0 as? Failure)?.code == .badData
                }
            }
        }
        try withRun(complete: false) { url in
            #expect { try RecordedRun(url, allowsIncomplete: false, GateTests.digest) } throws: {
                ($0 as? Failure)?.code == .incomplete
            }
            let read = try RecordedRun(url, allowsIncomplete: true, GateTests.digest)
            #expect(!read.summary.isComplete)
        }
        #expect {
            try RecordedRun(URL(fileURLWithPath: "/nowhere"), allowsIncomplete: true, GateTests.digest)
        } throws: {
            ($0 as? Failure)?.code == .inputMissing
        }
    }

    @Test("a run beside itself is the same, one of 1.2 times its cost slower; other suites do not compare")
    func comparing() throws {
        try withRun { first in
            try withRun(scale: 1.2) { second in
                let (a, b) = (
                    try RecordedRun(first, allowsIncomplete: false, GateTests.digest),
                    try RecordedRun(second, allowsIncomplete: false, GateTests.digest)
                )
                let same = try RunComparison(base: a, other: a, threshold: 0.02, seed: 1)
                #expect(same.lines.map(\.verdict) == ["same", "same"])
                let slower = try RunComparison(base: a, other: b, threshold: 0.02, seed: 1)
                #expect(slower.lines.map(\.verdict) == ["slower", "slower"])
                #expect(slower.lines.allSatisfy { $0.low < 1.2 && 1.2 < $0.high + 0.01 })
                #expect(slower.terminal.contains("+2"))
            }
            try withRun(suite: "rsa4096") { other in
                _ = #expect {
                    try RunComparison(
                        base: RecordedRun(first, allowsIncomplete: false, GateTests.digest),
                        other: RecordedRun(other, allowsIncomplete: false, GateTests.digest), threshold: 0.02, seed: 1)
                } throws: {
                    ($0 as? Failure)?.code == .notComparable
                }
            }
        }
    }

    @Test("every export holds every row's figures, as its format keeps them")
    func exporting() throws {
        try withRun { url in
            let run = try RecordedRun(url, allowsIncomplete: false, GateTests.digest)
            let export = Export(run)
            let median = try #require(run.summary.rows.first?.medianNanoseconds)
            let csv = try export.text(.csv).components(separatedBy: "\r\n")
            #expect(csv.count == 4 && csv[1].hasPrefix("message/plain/rsa2048/1024,measured,wall,60,60,\(median),"))
            for line in try export.text(.jsonl).split(separator: "\n") {
                let row = try JSONDecoder().decode(Row.self, from: Data(line.utf8))
                #expect(run.summary.rows.contains(row))
            }
            let jmh = try #require(
                try JSONSerialization.jsonObject(with: Data(export.text(.jmh).utf8)) as? [[String: Any]])
            let metric = try #require(jmh[0]["primaryMetric"] as? [String: Any])
            #expect((metric["score"] as? Double).map { Int($0.rounded()) } == median)
            #expect((metric["rawData"] as? [[Double]])?.joined().count == 60)
            let action = try #require(
                try JSONSerialization.jsonObject(with: Data(export.text(.githubActionBenchmark).utf8))
                    as? [[String: Any]])
            #expect(action.map { $0["name"] as? String } == run.summary.rows.map(\.id))
            let bencher = try #require(
                try JSONSerialization.jsonObject(with: Data(export.text(.bencher).utf8))
                    as? [String: [String: [String: Double]]])
            let latency = try #require(bencher["message/plain/rsa2048/1024"]?["latency"])
            #expect((latency["lower_value"] ?? 0) <= (latency["value"] ?? 0))
            #expect(try export.text(.markdown).contains("message/paper/rsa2048/1024"))
        }
    }

    @Test(
        "prometheus_client's OpenMetrics parser and Python's csv and json read what we export",
        .enabled(if: (try? run("python3", ["-c", "import prometheus_client"]))?.status == 0))
    func consumers() throws {
        try withRun { url in
            let export = Export(try RecordedRun(url, allowsIncomplete: false, GateTests.digest))
            let script = """
                import csv, json, sys
                from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
                folder = sys.argv[1]
                families = {f.name: f for f in parse(open(folder + "/openmetrics").read())}
                samples = families["juxtapose_latency_seconds"].samples
                assert len(samples) == 8, samples
                assert any(abs(s.value - 11.0) < 1e-9 for s in families["juxtapose_overhead_ratio"].samples)
                rows = list(csv.DictReader(open(folder + "/csv", newline="")))
                assert len(rows) == 2 and int(rows[0]["samples"]) == 60
                assert len(json.load(open(folder + "/jmh"))) == 2
                print("read")
                """
            for format in ExportFormat.allCases {
                try export.text(format).write(
                    to: url.appendingPathComponent(format.rawValue), atomically: true, encoding: .utf8)
            }
            let result = try run("python3", ["-c", script, url.path])
            #expect(result.status == 0 && result.output.contains("read"), "\(result.output)")
        }
    }
}
