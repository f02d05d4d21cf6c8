internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Projection
internal import Reporting
internal import Scenarios

/// Overhead everywhere.
struct SurfaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "surface",
        abstract: "Overhead over payload, round-trip time, bandwidth, machine and suite.",
        discussion: """
            EXAMPLES
              juxtapose surface                                        counts here and now
              juxtapose surface --suites rsa2048 --to pentium-m-1.2
              juxtapose surface --arm paper-uncached --format json
            """)

    @Option(help: "paper, or paper-uncached.")
    var arm = "paper"
    @Option(help: "table, or json.")
    var format = OutputFormat.table
    @OptionGroup var targets: ProjectionTargets

    func validate() throws {
        guard Projection.arms.dropFirst().contains(arm) else {
            throw ValidationError("--arm is paper or paper-uncached")
        }
    }

    func run() throws {
        var surface = Surface()
        let projectors = try targets.projectors()
        for table in try targets.tables() {
            if surface.validation == nil { surface.validation = CountedSource.validation(of: table) }
            for (projector, profile) in projectors {
                try surface.add(table, on: projector, profile: profile, arm: arm)
            }
        }
        switch format {
        case .table: print(SurfaceTables(surface).terminal)
        case .json: try printJSON(surface)
        }
    }
}
