internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Scenarios

/// Can this machine measure?
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this machine can measure now, and how small an effect it can tell.",
        discussion: """
            Probes counters, clock, load and libraries, then measures this program against
            itself in interleaved pairs: whatever it finds there is noise.

            EXAMPLES
              juxtapose doctor
              juxtapose doctor --plant 5
              juxtapose doctor --format json
            """)

    @Option(help: "Pairs of each row against itself; 0 for probes only.")
    var pairs = 40
    @Option(help: "Seed of the order and the intervals.")
    var seed: UInt64 = 1
    @Option(help: "Slow one side down by so many per cent, to see that it is found.")
    var plant = 0.0
    @Option(help: "table, or json on standard output.")
    var format = OutputFormat.table

    func validate() throws {
        guard pairs == 0 || (8...10_000).contains(pairs) else { throw ValidationError("--pairs is 0, or 8 to 10000") }
        guard (0...100).contains(plant) else { throw ValidationError("--plant is 0 to 100 per cent") }
    }

    func run() throws {
        let doctor = Doctor()
        let probes = doctor.probes()
        let resolution =
            pairs == 0
            ? [] : try doctor.resolution(pairs: pairs, seed: seed, plantedPercent: plant, note: note)
        let diagnosis = Diagnosis(probes: probes, resolution: resolution)
        if format == .json { try printJSON(diagnosis) } else { show(diagnosis.terminal) }
    }
}
