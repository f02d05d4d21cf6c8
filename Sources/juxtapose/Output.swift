internal import ArgumentParser
internal import Foundation
internal import Harness

/// Data on standard output, for people or for programs.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable { case table, json }

/// What happens, on standard error.
func note(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }

/// One JSON document on standard output: pretty, keys sorted, the same value the same bytes.
func printJSON(_ value: some Encodable) throws {
    FileHandle.standardOutput.write(try AtomicFile.encode(value))
}
