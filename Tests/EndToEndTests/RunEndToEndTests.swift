import Foundation
import Harness
import Scenarios
import TestSupport
import Testing

@Suite("Runs, from the measurement to the report", .serialized)
struct RunEndToEndTests {
    @Test("--list prints the rows and the estimate")
    func list() throws {
        let result = try Program.run(["run", "--list", "--plan", "smoke"])
        #expect(result.status == 0)
        for row in [
            "join/plain/rsa2048", "join/paper/rsa2048", "join-ready/paper/rsa2048", "connect/plain/rsa2048",
            "connect/paper/rsa2048", "login/plain/rsa2048", "login/paper/rsa2048", "message/plain/rsa2048/1024",
            "message/paper/rsa2048/1024", "message/paper-uncached/rsa2048/1024", "message/plain-wire/rsa2048/1024",
            "message/plain-paused/rsa2048/1024", "roundtrip/plain/rsa2048/1024", "roundtrip/nio/rsa2048/1024",
            "envelope/paper/rsa2048/1024", "envelope/paper/rsa2048/1048576", "group/plain/rsa2048/16x1024",
            "group/paper/rsa2048/16x1024", "advertisement/verify/rsa2048", "advertisement/verify-cold/rsa2048",
            "advertisement/cached/rsa2048", "core/private/rsa1024/gmp", "core/public/rsa4096/openSSL", "keygen/rsa2048",
        ] { #expect(result.output.split(separator: "\n").contains { $0 == row }, "\(row)") }
    }

    @Test("a small run ends with 0 and a complete folder; an interrupted one with 130 and a partial, marked folder")
    func runs() throws {
        try withTemporaryFolder { folder in
            let arguments = [
                "run", "--plan", "smoke", "--sizes", "1024", "--pairs", "2", "--engine", "openSSL", "--results",
                folder.path, "--format", "json",
            ]
            let whole = try Program.run(arguments)
            #expect(whole.status == 0, "\(whole.output.suffix(2000))")
            let first = try #require(try FileManager.default.contentsOfDirectory(atPath: folder.path).first)
            for name in ["manifest.json", "samples.jsonl", "summary.json", "report.md", "histograms"] {
                #expect(
                    FileManager.default.fileExists(atPath: folder.appendingPathComponent("\(first)/\(name)").path),
                    "\(name)")
            }
            try validate(folder.appendingPathComponent(first))
            // Built as this test is: a build without optimisation says in the run and in its report that it is one.
            let report = try String(contentsOf: folder.appendingPathComponent("\(first)/report.md"), encoding: .utf8)
            let manifest = try RunFolder(existing: folder.appendingPathComponent(first)).manifest()
            for text in [whole.output, report] {
                #expect(text.contains(Report.debugWarning) == Machine.isDebugBuild)
            }
            #expect(manifest.isOfDebugBuild == Machine.isDebugBuild)
            let exported = try Program.run(["export", folder.path + "/" + first, "--format", "csv"])
            #expect(exported.status == 0 && exported.output.contains("join/paper/rsa2048,measured,wall"))
            #expect(try Program.run(["compare", folder.path + "/" + first, folder.path + "/" + first]).status == 0)
            try withTemporaryFolder { try project(folder.appendingPathComponent(first), in: $0) }

            let running = try Running(arguments)
            _ = try running.waitFor("plan smoke")
            Thread.sleep(forTimeInterval: 1)
            running.signal(SIGINT)
            _ = running.readToEnd()
            #expect(running.wait() == 130)
            let others = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0 != first }
            let partial = try #require(others.first)
            let summary = try Data(contentsOf: folder.appendingPathComponent("\(partial)/summary.json"))
            let object = try #require(try JSONSerialization.jsonObject(with: summary) as? [String: Any])
            #expect(object["isComplete"] as? Bool == false)
            #expect(try Program.run(["export", folder.path + "/" + partial, "--format", "csv"]).status == 8)
        }
    }

    /// A finished run is projected and reported, each output by its schema; once it has been edited, nothing reads it.
    private func project(_ run: URL, in folder: URL) throws {
        let results = JuxtaposeSchemas.results
        let profiles = ["--profiles", results.appendingPathComponent("profiles").path]
        for name in try FileManager.default.contentsOfDirectory(atPath: profiles[1]) {
            try JuxtaposeSchemas.validate(profiles[1] + "/" + name, "profile")
        }
        let published = results.appendingPathComponent("published/arnedo-moreno-2009.json").path
        try JuxtaposeSchemas.validate(published, "published")
        let work = run.appendingPathComponent("work.json").path
        try JuxtaposeSchemas.validate(work, "counts")
        func document(_ arguments: [String], _ schema: String) throws {
            let result = try Program.output(arguments + profiles + ["--format", "json"])
            #expect(result.status == 0)
            let file = folder.appendingPathComponent("\(schema).json")
            try result.output.write(to: file, atomically: true, encoding: .utf8)
            try JuxtaposeSchemas.validate(file.path, schema)
        }
        let page = folder.appendingPathComponent("page")
        let report = ["report", run.path, "--charts", "simple", "--output", page.path] + profiles
        #expect(try Program.run(report).status == 0)
        #expect(FileManager.default.fileExists(atPath: page.appendingPathComponent("index.html").path))
        #expect(try Program.run(["profile", "show", "nowhere"] + profiles).status == 66)
        let manifest = try String(contentsOf: run.appendingPathComponent("manifest.json"), encoding: .utf8)
        if manifest.contains("\"usesIFMA\" : true") {
            let refused = try Program.run(["project", run.path] + profiles)
            #expect(refused.status == 6 && refused.output.contains("--isa sse2"))
        }
        if isInstalled("valgrind") {
            try document(["project", work, "--link", "dsl"], "projection")
            let lacking = try Program.run(["project", work, "--to", "cortex-a8-1.0"] + profiles)
            #expect(lacking.status == 66 && lacking.output.contains("passwordHash"))
            try document(["section5", run.path, "--suites", "rsa1024", "--published", published], "section5")
            try document(["surface", "--suites", "rsa1024"], "surface")
        } else {
            let uncounted = try Program.run(["project", work] + profiles)
            #expect(uncounted.status == 8 && uncounted.output.contains("tools/setup --counts"))
        }
        let summary = run.appendingPathComponent("summary.json")
        let text = try String(contentsOf: summary, encoding: .utf8)
        try text.replacingOccurrences(of: "\"samples\" : ", with: "\"samples\" : 1").write(
            to: summary, atomically: true, encoding: .utf8)
        for command in [["export", run.path, "--format", "csv"], report, ["compare", run.path, run.path]] {
            #expect(try Program.run(command).status == 65, "\(command[0])")
        }
    }

    @Test("a run that was killed keeps what it measured, and goes on with --resume, for the same request only")
    func killed() throws {
        try withTemporaryFolder { folder in
            let request = [
                "run", "--plan", "smoke", "--sizes", "1024", "--pairs", "2", "--engine", "openSSL", "--results",
                folder.path,
            ]
            let running = try Running(request)
            _ = try running.waitFor("plan smoke")
            let deadline = Date().addingTimeInterval(240)
            var run = ""
            while Date() < deadline {
                Thread.sleep(forTimeInterval: 0.05)
                run = folder.path + "/" + (try FileManager.default.contentsOfDirectory(atPath: folder.path).first ?? "")
                if FileManager.default.fileExists(atPath: run + "/journal.json") { break }
            }
            running.signal(SIGKILL)
            _ = running.wait()
            let text = try String(contentsOfFile: run + "/samples.jsonl", encoding: .utf8)
            #expect(text.hasSuffix("\n"), "whole lines only")
            try JuxtaposeSchemas.validate(run + "/journal.json", "journal")
            #expect(throws: Never.self) { try SampleStore(lines: Data(text.utf8), from: "samples.jsonl") }

            #expect(try Program.run(request + ["--seed", "2", "--resume", run]).status == 6)
            let resumed = try Program.run(request + ["--resume", run])
            #expect(resumed.status == 0, "\(resumed.output.suffix(1000))")
            let recorded = try RecordedRun(URL(fileURLWithPath: run), allowsIncomplete: false, sha256)
            #expect(recorded.summary.rows.contains { $0.id == "join/paper/rsa2048" })
            #expect(recorded.store.samples(of: "core/private/rsa2048/gmp").count == 12)
            try validate(URL(fileURLWithPath: run))
            #expect(try Program.run(request + ["--resume", run]).status == 66)
        }
    }

    private func validate(_ folder: URL) throws {
        for name in ["summary", "manifest"] { try JuxtaposeSchemas.validate(folder.path + "/\(name).json", name) }
        try JuxtaposeSchemas.validate(folder.path + "/samples.jsonl", "sample")
        try JuxtaposeSchemas.validate(folder.path + "/machine.jsonl", "machine")
    }
}
