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
              juxtapose surface --suites rsa1024,rsa2048 --to pentium-m-1.2,pentium-m-1.2-java6
              juxtapose surface --arm paper-uncached --format json
            """)

    @Option(help: "Suites, separated by commas.")
    var suites = "rsa2048"
    @Option(name: .customLong("to"), help: "Profiles, separated by commas.")
    var targets = "pentium-m-1.2"
    @Option(help: "paper, or paper-uncached.")
    var arm = "paper"
    @Option(help: "table, or json.")
    var format = OutputFormat.table
    @Option(help: "Seed of the draws.")
    var seed: UInt64 = 1
    @OptionGroup var profiles: ProfileFolder

    func validate() throws {
        guard Projection.arms.dropFirst().contains(arm) else {
            throw ValidationError("--arm is paper or paper-uncached")
        }
    }

    func run() throws {
        var surface = Surface()
        for name in suites.split(separator: ",") {
            guard let suite = SuiteName(argument: String(name))?.suite else {
                throw ValidationError("--suites: there is no suite '\(name)'")
            }
            let table = try WorkTable.counted(suite, note: note)
            if surface.validation == nil { surface.validation = CountedSource.validation(of: table) }
            for target in targets.split(separator: ",") {
                let (profile, reference) = try profiles.read(String(target))
                try surface.add(table, on: Projector(profile, seed: seed), profile: reference, arm: arm)
            }
        }
        switch format {
        case .table: print(SurfaceTables(surface).terminal)
        case .json: try printJSON(surface)
        }
    }
}
