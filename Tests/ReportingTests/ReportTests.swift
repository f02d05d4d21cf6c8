import Foundation
import FoundationXML
import Harness
import Metrology
import Projection
import Reporting
import TestSupport
import Testing

@Suite("The overhead report")
struct ReportTests {
    static let digest: Digesting = { data in
        String(data.reduce(UInt64(14_695_981_039_346_656_037)) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 }, radix: 16)
    }

    /// A run with everything that a chapter draws, in a folder of its own.
    private func withRun<Result>(complete: Bool = true, _ body: (URL) throws -> Result) throws -> Result {
        try withTemporaryFolder { root in
            let folder = try RunFolder(
                under: root, plan: "smoke", machine: "m", revision: "abcdef01", at: Date(timeIntervalSince1970: 0))
            var store = SampleStore()
            var generator = SeededGenerator(seed: 1)
            let rows = [
                ("join/plain/rsa2048", 27_000_000.0), ("join/paper/rsa2048", 29_000_000),
                ("message/plain/rsa2048/1024", 50_000), ("message/paper/rsa2048/1024", 600_000),
                ("message/plain/rsa2048/65536", 70_000), ("message/paper/rsa2048/65536", 900_000),
                ("core/private/rsa2048/gmp", 700_000), ("core/private/rsa2048/openSSL", 600_000),
            ]
            for (row, base) in rows {
                for pair in 0..<30 {
                    let noise = 1 + Double(generator.next() % 100) / 5000
                    store.add(.init(row: row, pair: pair, block: pair / 6, nanoseconds: UInt64(base * noise)))
                }
            }
            var summary = Summary(plan: "smoke", suite: "rsa2048", link: "loopback")
            summary.isComplete = complete
            summary.rows = store.ids.compactMap { store.row($0, kind: .measured, clock: .wall, paired: true) }
            for (id, base, hash) in [
                ("join/paper/rsa2048", "join/plain/rsa2048", 26_000_000),
                ("message/paper/rsa2048/1024", "message/plain/rsa2048/1024", nil),
                ("message/paper/rsa2048/65536", "message/plain/rsa2048/65536", nil),
            ] as [(String, String, Int?)] {
                summary.overheads.append(
                    Overhead(
                        id: id, base: base, percent: 1100, low: 1000, high: 1200, percentOfSecure: 90,
                        addedNanoseconds: 550_000, addedLow: 500_000, addedHigh: 600_000, passwordHashNanoseconds: hash,
                        percentWithoutHash: hash.map { _ in 150 }, link: "loopback"))
            }
            for (id, phase, percent) in [
                ("join/paper/rsa2048", "password hash", 90.0), ("join/paper/rsa2048", "sign", 8),
                ("join/paper/rsa2048", "other", 2),
                ("message/paper/rsa2048/1024", "<sign>", 60), ("message/paper/rsa2048/1024", "other", 40),
            ] {
                summary.phases.append(
                    PhaseShare(
                        id: id, phase: phase, nanoseconds: Int(percent * 10_000), percent: percent, count: 1, bytes: 0))
            }
            try folder.write(summary)
            try folder.append(store.unsaved)
            try folder.seal(
                Manifest(
                    plan: "smoke", seed: 1, suite: "rsa2048", engines: ["rsa2048": "openSSL"], usesIFMA: false,
                    link: "loopback", placement: "p & q", libraries: [:], binarySHA256: "aa"), Self.digest)
            return try body(folder.url)
        }
    }

    private func report(_ url: URL, allowsIncomplete: Bool = false) throws -> OverheadReport {
        let run = try RecordedRun(url, allowsIncomplete: allowsIncomplete, Self.digest)
        return OverheadReport(runs: [run], projections: [], surface: nil, unprojected: "Nothing is projected: a test.")
    }

    @Test("one page: every chapter, each chart drawn and tabled, every row with its kind, text escaped, nothing loaded")
    func page() throws {
        try withRun { run in
            try withTemporaryFolder { folder in
                let report = try report(run)
                try ReportFolder(folder).write(report, style: .simple)
                let html = try String(contentsOf: folder.appendingPathComponent("index.html"), encoding: .utf8)
                for chart in ["overhead", "join", "phases", "latency", "engines"] {
                    #expect(html.contains("id=\"chart-\(chart)\""), "\(chart)")
                    let file = folder.appendingPathComponent("charts/\(chart).svg")
                    let drawing = try String(contentsOf: file, encoding: .utf8)
                    #expect(XMLParser(data: Data(drawing.utf8)).parse(), "\(chart) is XML")
                    #expect(
                        drawing.contains("#222222") && !html.contains("#222222"), "the page has the theme's colours")
                }
                #expect(html.components(separatedBy: "<figure>").count == 6)
                #expect(html.contains("&lt;sign&gt;") && html.contains("p &amp; q") && !html.contains("<sign>"))
                #expect(html.contains(">measured</td>") && html.contains("Nothing is projected: a test."))
                for loading in ["<script", "src=", "@import", "url(http", "href=\"http", "<link rel=\"stylesheet"] {
                    #expect(!html.contains(loading), "\(loading)")
                }
                let markdown = try String(contentsOf: folder.appendingPathComponent("report.md"), encoding: .utf8)
                #expect(
                    markdown.contains("](charts/overhead.svg)") && markdown.contains("| message/paper/rsa2048/1024 |"))
            }
        }
    }

    @Test("the same run and SOURCE_DATE_EPOCH give the same bytes, with either way of drawing")
    func reproducible() throws {
        setenv("SOURCE_DATE_EPOCH", "1700000000", 1)
        defer { unsetenv("SOURCE_DATE_EPOCH") }
        try withRun { run in
            for style in [ChartStyle.simple, .auto] {
                let made = try (0..<2).map { _ in
                    try withTemporaryFolder { folder in
                        try ReportFolder(folder).write(report(run), style: style)
                        return try ["index.html", "report.md", "charts/overhead.svg"].map {
                            try Data(contentsOf: folder.appendingPathComponent($0))
                        }
                    }
                }
                #expect(made[0] == made[1])
                #expect(String(decoding: made[0][0], as: UTF8.self).contains("2023-11-14T22:13:20Z"))
            }
        }
    }

    @Test("an incomplete run is refused; where it is asked for, every chapter and the page say so")
    func incomplete() throws {
        try withRun(complete: false) { run in
            #expect { try report(run) } throws: { ($0 as? Failure)?.code == .incomplete }
            try withTemporaryFolder { folder in
                let report = try report(run, allowsIncomplete: true)
                try ReportFolder(folder).write(report, style: .none)
                let html = try String(contentsOf: folder.appendingPathComponent("index.html"), encoding: .utf8)
                #expect(html.contains("class=\"warning\"") && html.contains("INCOMPLETE:"))
                let markdown = try String(contentsOf: folder.appendingPathComponent("report.md"), encoding: .utf8)
                let chapters = markdown.components(separatedBy: "\n## ").count - 1
                #expect(markdown.components(separatedBy: "**INCOMPLETE:").count - 1 == chapters && chapters > 5)
                #expect(!FileManager.default.fileExists(atPath: folder.appendingPathComponent("charts/join.svg").path))
            }
        }
    }

    @Test("a run that was edited after it ended is refused, whichever file it was")
    func edited() throws {
        for name in ["summary.json", "samples.jsonl", "manifest.json", "histograms/more.csv"] {
            try withRun { run in
                let file = run.appendingPathComponent(name)
                let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
                let edited = text.isEmpty ? "1,2\n" : text.replacingOccurrences(of: "0", with: "1")
                try edited.write(to: file, atomically: true, encoding: .utf8)
                #expect(edited != text)
                #expect { try report(run) } throws: { ($0 as? Failure)?.code == .badData }
            }
        }
    }

    @Test(
        "in a real browser: charts are there, the console is silent, nothing is fetched; a page that fetches is caught")
    func browser() throws {
        guard isInstalled("chromium") else {
            Issue.record("chromium is absent: the page was opened nowhere", severity: .warning)
            return
        }
        try withRun { run in
            try withTemporaryFolder { folder in
                try ReportFolder(folder).write(report(run), style: .auto)
                let page = folder.appendingPathComponent("index.html")
                let opened = try Browser(page, in: folder)
                for chart in ["overhead", "join", "phases", "latency", "engines"] {
                    #expect(opened.document.contains("id=\"chart-\(chart)\""), "\(chart)")
                }
                #expect(opened.console.isEmpty && opened.fetched.isEmpty, "\(opened.console) \(opened.fetched)")
                // The control.
                let html = try String(contentsOf: page, encoding: .utf8)
                let bad = html.replacingOccurrences(
                    of: "</main>",
                    with: "<img src=\"http://127.0.0.1:9/x.png\"><script>console.error('x')</script></main>")
                try bad.write(to: page, atomically: true, encoding: .utf8)
                let caught = try Browser(page, in: folder)
                #expect(!caught.console.isEmpty && !caught.fetched.isEmpty)
            }
        }
    }
}

/// A page as headless Chromium saw it.
private struct Browser {
    let document: String
    /// What it wrote to the console.
    let console: [String]
    /// Addresses that it asked for over a network, those of the browser's own services left out.
    let fetched: [String]

    init(_ page: URL, in folder: URL) throws {
        let log = folder.appendingPathComponent("net.json").path
        let profile = folder.appendingPathComponent("profile-\(UUID().uuidString)").path
        let result = try run(
            "chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run",
                "--disable-component-update", "--disable-sync", "--user-data-dir=\(profile)", "--enable-logging=stderr",
                "--log-net-log=\(log)", "--dump-dom", page.absoluteString,
            ])
        document = result.output
        console = result.output.split(separator: "\n").filter { $0.contains("CONSOLE") }.map(String.init)
        let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        fetched = text.components(separatedBy: "\"url\":\"").dropFirst().map { String($0.prefix { $0 != "\"" }) }
            .filter { $0.hasPrefix("http") && !$0.contains("google") }
    }
}
