internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Scenarios

/// Counts kept for a gate.
struct BaselineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Keep counts that a gate compares with.",
        discussion: """
            EXAMPLES
              juxtapose count --format json > counts.json
              juxtapose baseline save counts.json --name counts
              juxtapose baseline list
            """,
        subcommands: [Save.self, List.self, Show.self, Promote.self])

    struct Folder: ParsableArguments {
        @Option(help: "Where baselines are: one folder for each kind of machine.")
        var folder = "Results/baselines"

        var url: URL { URL(fileURLWithPath: folder, isDirectory: true) }

        /// Every baseline below the folder, sorted by path.
        func files() -> [URL] {
            let keys = (try? FileManager.default.contentsOfDirectory(at: url, includingPropertiesForKeys: nil)) ?? []
            return keys.flatMap { key in
                (try? FileManager.default.contentsOfDirectory(at: key, includingPropertiesForKeys: nil)) ?? []
            }.filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
        }
    }

    struct Save: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a baseline of counts.")
        @Argument(help: "What `juxtapose count --format json` printed.")
        var counts: String
        @Option(help: "The baseline's name: letters, digits, dot and dash.")
        var name = "counts"
        @Flag(help: "Replace a baseline of this name.")
        var replace = false
        @OptionGroup var folder: Folder

        func validate() throws {
            guard name.range(of: "^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$", options: .regularExpression) != nil else {
                throw ValidationError("--name: letters, digits, dot and dash, at most 64")
            }
        }

        func run() throws {
            let file = URL(fileURLWithPath: counts)
            let counted = try StrictJSON.read(Counts.self, from: file)
            try counted.check(file.path)
            let baseline = Baseline(
                name: name, savedUTC: ISO8601DateFormatter().string(from: Date()),
                gitRevision: Machine().git(["rev-parse", "HEAD"]), counts: counted)
            let place = folder.url.appendingPathComponent(try Baseline.folderName(counted.key, sha256))
            let target = place.appendingPathComponent(name + ".json")
            guard replace || !FileManager.default.fileExists(atPath: target.path) else {
                throw Failure(.badData, "\(target.path) exists. Use --replace, or another --name.")
            }
            do { try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true) } catch {
                throw Failure(.ioError, "cannot make \(place.path): \(error.localizedDescription)")
            }
            try baseline.write(to: target, sha256)
            print(target.path)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Every baseline, with where and when it was counted.")
        @OptionGroup var folder: Folder

        func run() throws {
            for file in folder.files() {
                let baseline = try Baseline.read(file, sha256)
                print(
                    "\(file.path)  \(baseline.counts.rows.count) rows, \(baseline.counts.suite), saved \(baseline.savedUTC), revision \(baseline.gitRevision?.prefix(8) ?? "unknown")"
                )
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "A baseline's counts and what they depend on.")
        @Argument var file: String

        func run() throws {
            let baseline = try Baseline.read(URL(fileURLWithPath: file), sha256)
            print("\(baseline.name), saved \(baseline.savedUTC), revision \(baseline.gitRevision ?? "unknown")")
            print(
                "\(baseline.counts.key.architecture), \(baseline.counts.key.instructionSet), \(baseline.counts.key.compiler), \(baseline.counts.key.valgrind ?? "no valgrind")"
            )
            print(CountReport(baseline.counts).terminal)
        }
    }

    struct Promote: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give a baseline another name, for example counts of a branch that became the main line's.")
        @Argument(help: "The baseline to promote.")
        var file: String
        @Option(help: "The name it gets; one that exists is replaced.")
        var to: String

        func run() throws {
            let source = URL(fileURLWithPath: file)
            var baseline = try Baseline.read(source, sha256)
            baseline.name = to
            let target = source.deletingLastPathComponent().appendingPathComponent(to + ".json")
            try baseline.write(to: target, sha256)
            print(target.path)
        }
    }
}
