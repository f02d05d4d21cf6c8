public import ArgumentParser
internal import Foundation
internal import Harness
internal import Projection
public import Reporting
internal import Scenarios

extension ChartStyle: ExpressibleByArgument {}

/// A page that can be defended.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Make a report of runs: one HTML page, Markdown, charts.",
        discussion: """
            Overhead against payload, where joins and messages spend their time, latencies,
            engines, every row with its kind; projected to another machine where a run can
            be (one made with --isa sse2 or noifma). Charts are drawn by Vega-Lite where
            `tools/setup --charts` installed it, simply where not.

            EXAMPLES
              juxtapose report Results/runs/RUN
              juxtapose report LOOPBACK DSL --output overhead
              juxtapose report RUN --to pentium-m-1.2 --links "lan100;dsl"
            """)

    @Argument(help: "Run folders; charts that hold one run show the first.")
    var runs: [String]
    @Option(name: .customLong("to"), help: "The profile to project to: an id, or a file.")
    var target = "pentium-m-1.2"
    @Option(help: "Links to project over, separated by semicolons.")
    var links = "loopback;lan100;wifi54;dsl;wan50"
    @Option(help: "Where the report goes: Results/reports/<first run> by default.")
    var output: String?
    @Option(help: "auto, vega, simple or none.")
    var charts = ChartStyle.auto
    @Flag(help: "Report runs that were interrupted or failed; every page says so.")
    var allowIncomplete = false
    @Option(help: "Seed of the draws.")
    var seed: UInt64 = 1
    @OptionGroup var profiles: ProfileFolder

    func validate() throws {
        guard !runs.isEmpty else { throw ValidationError("name at least one run folder") }
    }

    func run() throws {
        let recorded = try runs.map { try recordedRun(folder($0), allowsIncomplete: allowIncomplete) }
        let (projections, surface, reason) = try project(recorded)
        let report = OverheadReport(
            runs: recorded, projections: projections, surface: surface, unprojected: reason)
        let place = output ?? "Results/reports/\(recorded[0].folder.url.lastPathComponent)"
        let written = try ReportFolder(folder(place))
        try written.write(report, style: charts)
        print(written.url.appendingPathComponent("index.html").path)
    }

    /// Projections of the first run that can be projected, or why there are none.
    private func project(_ recorded: [RecordedRun]) throws -> ([Projection], Surface?, String?) {
        var reason: String?
        for run in recorded {
            let source: CountedSource
            do { source = try CountedSource(run) } catch {
                reason = reason ?? "Nothing is projected: \(error.message)"
                continue
            }
            let (profile, reference) = try profiles.read(target)
            let projector = Projector(profile, seed: seed)
            let validation = try source.validation()
            let projections = try ProjectedLink.list(links).map { link in
                try Projection(
                    source.table, on: projector, over: link, source: source.name, profile: reference,
                    validation: validation)
            }
            var surface = Surface()
            surface.validation = validation
            try surface.add(source.table, on: projector, profile: reference, arm: "paper")
            return (projections, surface, nil)
        }
        return ([], nil, reason)
    }
}
