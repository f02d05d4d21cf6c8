import Foundation
import Harness
import Metrology
import Testing

@Suite("Interleaving and samples")
struct InterleavingTests {
    @Test("every arm is in every block, every pair number once per arm, the order seeded")
    func blocks() {
        let order = Interleaving(arms: ["a", "b", "c"], pairs: 25, blockSize: 10)
        let blocks = order.blocks(seed: 5)
        #expect(blocks.map(\.pairs) == [0..<10, 10..<20, 20..<25])
        #expect(blocks.allSatisfy { Set($0.arms) == ["a", "b", "c"] })
        #expect(blocks == order.blocks(seed: 5))
        #expect((0..<20).contains { order.blocks(seed: $0).map(\.arms) != blocks.map(\.arms) })
    }

    @Test("operations of known duration give exact rows and an exact ratio")
    func exact() throws {
        var store = SampleStore()
        var calls = 0
        let order = Interleaving(arms: ["plain", "secure"], pairs: 12, blockSize: 4)
        try order.measure(seed: 1, warmUps: 2, into: &store) { arm in
            calls += 1
            return arm == "plain" ? 1000 : 1750
        }
        #expect(calls == 2 * (12 + 2))
        let ratio = try #require(store.compare("secure", to: "plain")).ratio(seed: 1)
        #expect(ratio == Estimate(point: 1.75, low: 1.75, high: 1.75))
        let row = try #require(store.row("secure", kind: .measured, clock: .wall, paired: true))
        #expect(row.medianNanoseconds == 1750 && row.samples == 12 && row.pairs == 12 && row.severeOutliers == 0)
        #expect(store.compare("secure", to: "nothing") == nil)
    }

    @Test("an operation with a wrong result ends the measurement")
    func wrong() {
        var store = SampleStore()
        let order = Interleaving(arms: ["a"], pairs: 4, blockSize: 4)
        #expect(throws: Failure.self) {
            try order.measure(seed: 1, into: &store) { _ in throw Failure(.wrongResult, "planted") }
        }
    }
}

@Suite("Files of a run")
struct RunFolderTests {
    private func withFolder<R>(_ body: (URL) throws -> R) throws -> R {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try body(folder)
    }

    @Test("a run folder holds summary, samples, report and histograms, and reads back the same")
    func roundTrip() throws {
        try withFolder { root in
            let folder = try RunFolder(
                under: root, plan: "smoke", machine: "host 1", revision: "abcdef0123",
                at: Date(timeIntervalSince1970: 0))
            #expect(folder.url.lastPathComponent == "19700101T000000Z_host-1_smoke_abcdef01")
            var store = SampleStore()
            for pair in 0..<5 { store.add(.init(row: "a/b", pair: pair, block: 0, nanoseconds: 100 + UInt64(pair))) }
            var summary = Summary(plan: "smoke", suite: "rsa2048", link: "loopback")
            summary.rows = [try #require(store.row("a/b", kind: .measured, clock: .wall, paired: false))]
            summary.goals = [Goal(id: "a/b", what: "w", ratio: 1.2, limit: 1.1)]
            try folder.write(summary)
            try folder.append(store.unsaved)
            store.markSaved()
            try folder.append(store.unsaved)
            try folder.writeHistograms(of: store)
            try folder.write(report: "text")
            let read = try JSONDecoder().decode(
                Summary.self, from: Data(contentsOf: folder.url.appendingPathComponent("summary.json")))
            #expect(read == summary && !read.goals[0].isMet && read.schema == "juxtapose.summary/1")
            let lines = try String(contentsOf: folder.url.appendingPathComponent("samples.jsonl"), encoding: .utf8)
                .split(separator: "\n")
            #expect(lines.count == 5)
            #expect(
                FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("histograms/a_b.csv").path))
        }
    }

    @Test(
        "a full disk fails with 74 and leaves the old file intact",
        .enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func diskFull() throws {
        try withFolder { root in
            let target = root.appendingPathComponent("summary.json")
            try AtomicFile.write("old", to: target)
            // The temporary file's name is taken by a link to the device that is always full.
            let temporary = root.appendingPathComponent(".summary.json.\(getpid()).tmp")
            try FileManager.default.createSymbolicLink(atPath: temporary.path, withDestinationPath: "/dev/full")
            let failure = #expect(throws: Failure.self) { try AtomicFile.write("new", to: target) }
            #expect(failure?.code == .ioError)
            #expect(try String(contentsOf: target, encoding: .utf8) == "old")
        }
    }

    @Test("a planted secret in any record is found, and only its place is named")
    func secrets() throws {
        try withFolder { root in
            let folder = try RunFolder(under: root, plan: "p", machine: "m", revision: "r", at: Date())
            try folder.write(report: "nothing to see")
            #expect(throws: Never.self) { try folder.refuse(secrets: ["canary 4711"]) }
            for name in ["report.md", "samples.jsonl", "histograms/a.csv"] {
                let file = folder.url.appendingPathComponent(name)
                try "before canary 4711 after".write(to: file, atomically: true, encoding: .utf8)
                let failure = #expect(throws: Failure.self) { try folder.refuse(secrets: ["canary 4711"]) }
                #expect(failure?.code == .secretFound && failure?.message.contains("4711") == false)
                try "-----BEGIN PRIVATE KEY-----".write(to: file, atomically: true, encoding: .utf8)
                #expect(throws: Failure.self) { try folder.refuse(secrets: []) }
                try FileManager.default.removeItem(at: file)
            }
        }
    }

    @Test("a full disk cuts no line of an appended file in half", .enabled(if: Self.canMount))
    func appendedDiskFull() throws {
        try withFolder { root in
            // A file system of one page, so that the disk is full at a byte of our choosing.
            try #require(Self.shell("mount -t tmpfs -o size=8k tmpfs \(root.path)"))
            defer { _ = Self.shell("umount \(root.path)") }
            let folder = RunFolder(existing: root)
            let sample = SampleStore.Sample(row: "a/b", pair: 1, block: 1, nanoseconds: 1)
            var written = 0
            do {
                for _ in 0..<1000 {
                    try folder.append([sample, sample, sample])
                    written += 3
                }
            } catch let failure as Failure { #expect(failure.code == .ioError) }
            #expect(written < 3000)
            let text = try String(contentsOf: root.appendingPathComponent("samples.jsonl"), encoding: .utf8)
            #expect(text.hasSuffix("\n") && text.split(separator: "\n").count == written)
        }
    }

    /// Whether this user may mount a small file system of its own.
    private static let canMount =
        getuid() == 0
        && shell("d=$(mktemp -d) && mount -t tmpfs -o size=8k tmpfs $d && umount $d && rmdir $d")

    private static func shell(_ command: String) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardError = FileHandle.nullDevice
        try? process.run()
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    @Test("a folder that cannot be made is refused with 74")
    func unwritable() {
        #expect(throws: Failure.self) {
            _ = try RunFolder(
                under: URL(fileURLWithPath: "/proc/nowhere"), plan: "p", machine: "m", revision: "r", at: Date())
        }
    }
}
