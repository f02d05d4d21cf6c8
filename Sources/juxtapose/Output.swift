internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Scenarios

/// Data on standard output, for people or for programs.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

/// One line of output, at once: scripts read it. What a peer wrote into it cannot leave the line.
func say(_ text: String) { FileHandle.standardOutput.write(Data((text.onOneLine + "\n").utf8)) }

extension String {
    /// The text with every character spelt out that would move a terminal's cursor, end the line, or turn its direction:
    /// a peer could pose as another with them.
    var onOneLine: String {
        unicodeScalars.reduce(into: "") { line, scalar in
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: line += scalar.escaped(asASCII: true)
            default: line += scalar.properties.isBidiControl ? scalar.escaped(asASCII: true) : String(scalar)
            }
        }
    }
}

/// Tables on standard output, their verdicts in colour on a terminal.
func show(_ text: String) { print(TerminalInk.output.painted(text)) }

/// A recorded run, checked; what makes its figures useless is said.
func recordedRun(_ folder: URL, allowsIncomplete: Bool = false) throws -> RecordedRun {
    let run = try RecordedRun(folder, allowsIncomplete: allowsIncomplete, sha256)
    if run.manifest.isOfDebugBuild { note("\(folder.lastPathComponent): \(Report.debugWarning)") }
    return run
}

/// What happens, on standard error.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// One JSON document on standard output: pretty, keys sorted, the same value the same bytes.
func printJSON(_ value: some Encodable) throws {
    FileHandle.standardOutput.write(try AtomicFile.encode(value))
}
