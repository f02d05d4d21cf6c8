internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Projection
internal import Reporting
internal import Scenarios
internal import Transport

/// A run, on another machine.
struct ProjectCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "project",
        abstract: "Project a run's joins and messages to another machine and link.",
        discussion: """
            Multiplies the counted work of the run by a profile's prices, over every
            price's interval at once. Every figure comes with its 5 and 95 % points.

            EXAMPLES
              juxtapose run --isa sse2                                a run that can be projected
              juxtapose project RUN --to pentium-m-1.2
              juxtapose project RUN --to pentium-m-1.2 --link dsl --validate
            """)

    @Argument(help: "A run folder.")
    var source: String
    @Option(name: .customLong("to"), help: "A profile's id, or a file.")
    var target = "pentium-m-1.2"
    @Option(help: "A link in virtual time: loopback, rtt=10ms, rtt=10ms,bw=10mbit, lan100, wifi54, dsl, wan50.")
    var link = ProjectedLink.loopback.name
    @Flag(help: "Measure again how well this predicts this machine's own instruction sets; kept in the run folder.")
    var validate = false
    @Option(help: "table, or json.")
    var format = OutputFormat.table
    @Option(help: "Seed of the draws.")
    var seed: UInt64 = 1
    @OptionGroup var profiles: ProfileFolder

    func run() throws {
        let counted = try CountedSource(source)
        let (profile, reference) = try profiles.read(target)
        let projector = Projector(profile, seed: seed)
        let projection = try Projection(
            counted.table, on: projector, over: ProjectedLink(text: link), source: counted.name, profile: reference,
            validation: counted.validation(again: validate))
        switch format {
        case .table: print(ProjectionTables(projection).terminal)
        case .json: try printJSON(projection)
        }
    }
}

extension ProjectedLink {
    /// - Parameter text: what `--link` says.
    init(text: String) throws {
        guard text != Self.loopback.name else {
            self = .loopback
            return
        }
        let shape = try LinkShape(text)
        self.init(
            name: text, roundTripNanoseconds: Double(shape.roundTripNanoseconds),
            bitsPerSecond: shape.bitsPerSecond.map(Double.init))
    }

    /// Links separated by semicolons: their own parts are separated by commas.
    static func list(_ text: String) throws -> [ProjectedLink] {
        try text.split(separator: ";").map { try ProjectedLink(text: String($0)) }
    }
}

/// Counted work that may be projected: a run's, or a file of `juxtapose count`.
struct CountedSource {
    let name: String
    let table: WorkTable
    /// Nil for a file of counts.
    let recorded: RecordedRun?

    private init(name: String, table: WorkTable, recorded: RecordedRun?) {
        self.name = name
        self.table = table
        self.recorded = recorded
    }

    /// - Parameter path: a run folder, or a file of counts.
    init(_ path: String) throws {
        guard path.hasSuffix(".json") else {
            try self.init(recordedRun(folder(path)))
            return
        }
        let counts = try StrictJSON.read(Counts.self, from: URL(fileURLWithPath: path))
        try counts.check(path)
        try self.init(
            name: (path as NSString).lastPathComponent, table: WorkTable(counts, from: path), recorded: nil)
    }

    /// - Throws: `.notComparable` for a run whose RSA may have run on AVX-512 IFMA, `.incomplete` for one that counted
    ///   nothing.
    init(_ run: RecordedRun) throws(Failure) {
        let name = run.folder.url.lastPathComponent
        guard !run.manifest.usesIFMA else {
            throw Failure(
                .notComparable,
                "\(name) ran on AVX-512 IFMA, from which no other machine can be told (errors of 60 % were seen). Measure with `juxtapose run --isa sse2`, then project that."
            )
        }
        guard let work = run.work else {
            throw Failure(
                .incomplete,
                "\(name) counted no work (plan \(run.summary.plan)): project a run of plan smoke or standard")
        }
        try self.init(name: name, table: WorkTable(work, from: name), recorded: run)
    }

    /// How well projections from here predict: what was found when it was asked last, or asked now, and kept beside the
    /// run. Nil on another machine than the run's, or where an instruction set cannot be masked.
    func validation(again: Bool = false) throws -> Validation? {
        guard let recorded else { return Self.validation(of: table) }
        let file = recorded.folder.url.appendingPathComponent(RunFolder.validationName)
        if !again, FileManager.default.fileExists(atPath: file.path) {
            return try StrictJSON.read(Validation.self, from: file)
        }
        guard recorded.manifest.cpuModel == Machine().cpuInfo("model name") else {
            note("the run is of another machine: how well its work predicts can be asked there")
            return nil
        }
        let validation = Self.validation(of: table)
        if let validation {
            try AtomicFile.write(json: validation, to: file)
            // It becomes one of the run's files: an edit of it shows like any other.
            try recorded.folder.seal(recorded.manifest, sha256)
        }
        return validation
    }

    /// Asked here and now.
    static func validation(of table: WorkTable) -> Validation? {
        note("measuring how well projections predict this machine's own instruction sets")
        do { return try ProjectionCheck(table).execute(unseen: unseen, note: { _ in }) } catch {
            note("not validated: \(Explanation.failure(for: error).message)")
            return nil
        }
    }

    private static let unseen = [
        "That test changes the instruction set, not the processor. Across processors, with published numbers only, a model of limb products missed RSA-2048 by -4 % (Cortex-A8) and -9 % (Cortex-A15) for private operations, by +28 and +41 % for public ones, and by -45 to -56 % on an ARM11, whose library lacks such a kernel.",
        "What the profile assumes of kernel and memory was tested nowhere: its intervals are factors of two.",
    ]
}
