internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Projection
internal import Reporting
internal import Scenarios

/// The paper's figures, asked again.
struct Section5Command: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "section5",
        abstract: "The paper's section 5: when do 81.76 % hold, and how does Figure 2 fall?",
        discussion: """
            Counts the work of joins and messages here and now (half a minute), prices it
            on the paper's machine, and solves for the conditions. Runs that are named
            are shown beside the published figure.

            EXAMPLES
              juxtapose section5
              juxtapose section5 Results/runs/RUN --suites rsa1024,rsa2048
              juxtapose section5 --to pentium-m-1.2 --links "loopback;dsl" --format json
            """)

    @Argument(help: "Run folders whose joins stand beside the paper's.")
    var runs: [String] = []
    @Option(help: "Links of Figure 2, separated by semicolons: loopback, lan100, wifi54, dsl, wan50, rtt=..,bw=..")
    var links = "loopback;lan100;wifi54;dsl;wan50"
    @Option(help: "The published figures.")
    var published = delivered("Results/published/arnedo-moreno-2009.json")
    @Option(help: "table, or json.")
    var format = OutputFormat.table
    @OptionGroup var targets: ProjectionTargets

    func run() throws {
        var section = Section5(try PublishedFigures.read(URL(fileURLWithPath: published)))
        for run in runs {
            let recorded = try recordedRun(folder(run))
            section.add(measured: recorded, named: recorded.folder.url.lastPathComponent)
        }
        let projectors = try targets.projectors()
        let shapes = try ProjectedLink.list(links)
        for table in try targets.tables() {
            if section.validation == nil { section.validation = CountedSource.validation(of: table) }
            for (projector, _) in projectors { try section.add(table, on: projector, over: shapes) }
        }
        switch format {
        case .table: print(Section5Tables(section).terminal)
        case .json: try printJSON(section)
        }
    }
}
