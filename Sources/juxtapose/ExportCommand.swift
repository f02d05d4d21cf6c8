public import ArgumentParser
internal import Foundation
public import Harness
internal import Scenarios

extension ExportFormat: ExpressibleByArgument {}

/// A run for other tools.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Print a run in the form that another tool reads.",
        discussion: """
            EXAMPLES
              juxtapose export Results/runs/RUN --format csv > rows.csv
              juxtapose export Results/runs/RUN --format github-action-benchmark
              juxtapose export Results/runs/RUN --format openmetrics
            """)

    @Argument(help: "A run folder.")
    var folder: String
    @Option(help: "csv, jsonl, jmh, github-action-benchmark, bencher, openmetrics or markdown.")
    var format: ExportFormat
    @Flag(help: "Export a run that was interrupted, too.")
    var allowIncomplete = false

    func run() throws {
        let recorded = try recordedRun(URL(fileURLWithPath: folder), allowsIncomplete: allowIncomplete)
        FileHandle.standardOutput.write(Data(try Export(recorded).text(format).utf8))
    }
}
