internal import ArgumentParser
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Projection
internal import Reporting
internal import Scenarios

/// What machines cost.
struct ProfileCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "profile",
        abstract: "List, show, check and measure hardware profiles.",
        discussion: """
            A profile prices elementary operations of one machine, each number with its
            unit, interval and source. `project`, `section5` and `surface` read them.

            EXAMPLES
              juxtapose profile list
              juxtapose profile show pentium-m-1.2
              juxtapose profile calibrate --id this-machine --output this-machine.json
            """,
        subcommands: [List.self, Show.self, Calibrate.self, Check.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print the profiles there are.")

        @OptionGroup var profiles: ProfileFolder

        func run() throws { print(ProfileTables.list(try profiles.all())) }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print every number of a profile with its source.")

        @Argument(help: "A profile's id, or a file.")
        var profile: String
        @Option(help: "table, or json.")
        var format = OutputFormat.table
        @OptionGroup var profiles: ProfileFolder

        func run() throws {
            let (profile, _) = try profiles.read(profile)
            switch format {
            case .table: print(ProfileTables.show(profile))
            case .json: try printJSON(profile)
            }
        }
    }

    struct Calibrate: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Measure a profile of this machine; about half a minute.")

        @Option(help: "The profile's id.")
        var id = "this-machine"
        @Option(help: "Where it is written; standard output by default.")
        var output: String?
        @Option(help: "Instruction sets: native, noifma, or sse2.")
        var isa = InstructionMask.native

        func run() throws {
            try isa.enter()
            let profile = try Calibration().profile(id: id, seed: 1, note: note)
            try profile.check("the profile")
            guard let output else { return try printJSON(profile) }
            try AtomicFile.write(json: profile, to: URL(fileURLWithPath: output))
            print(ProfileTables.show(profile))
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "validate",
            abstract: "Check profile files: units, sources, intervals, unknown keys.")

        @Argument(help: "Files; all profiles by default.")
        var files: [String] = []
        @OptionGroup var profiles: ProfileFolder

        func run() throws {
            for file in try files.isEmpty ? profiles.files() : files.map({ URL(fileURLWithPath: $0) }) {
                let profile = try HardwareProfile.read(file)
                print("\(file.lastPathComponent): \(profile.figures.count) figures, valid")
            }
        }
    }
}

/// A file or folder that comes with the program: below the current folder, or else beside the executable.
func delivered(_ path: String) -> String {
    let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent(path).path
    let files = FileManager.default
    return !files.fileExists(atPath: path) && files.fileExists(atPath: beside) ? beside : path
}

/// Where profiles are looked for.
struct ProfileFolder: ParsableArguments {
    @Option(name: .customLong("profiles"), help: "The folder of profile files.")
    var path = delivered("Results/profiles")

    func files() throws -> [URL] {
        let found =
            (try? FileManager.default.contentsOfDirectory(at: folder(path), includingPropertiesForKeys: nil)) ?? []
        let files = found.filter { $0.pathExtension == "json" }.sorted { $0.lastPathComponent < $1.lastPathComponent }
        guard !files.isEmpty else {
            throw Failure(.inputMissing, "\(path) has no profiles: name their folder with --profiles")
        }
        return files
    }

    func all() throws -> [HardwareProfile] { try files().map { try HardwareProfile.read($0) } }

    /// - Parameter name: an id, or a file's path.
    func read(_ name: String) throws -> (profile: HardwareProfile, reference: ProfileReference) {
        let file =
            name.hasSuffix(".json") ? URL(fileURLWithPath: name) : folder(path).appendingPathComponent("\(name).json")
        let profile = try HardwareProfile.read(file)
        return (profile, ProfileReference(profile, sha256: try sha256(Data(contentsOf: file))))
    }
}

/// A worker of calibrations and validations; not for people.
struct BenchPricesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-prices", shouldDisplay: false)

    @Argument var suites: String
    @Option var passwordCost: Int
    @Option var engine: RSAEngine?

    func run() throws {
        let named = suites.split(separator: ",").compactMap { SuiteName(argument: String($0))?.suite }
        try PriceWorker(suites: named, engine: engine, passwordCost: passwordCost).run()
    }
}
