internal import CryptoCore
internal import Foundation
internal import Harness

/// A process that does a counted row's operation when it is asked to, and says what CPU time it took.
final class PacedProcess {
    /// The row that does nothing.
    static let clock = "clock"

    private let process: ChildProcess

    /// - Parameters:
    ///   - slowerPercent: burns so much more in each sample: a slowdown put in on purpose.
    ///   - environment: added to this process's own.
    init(
        _ suite: Suite, _ engine: RSAEngine, _ keys: CountKeys, program: URL = ChildProcess.ownProgram,
        slowerPercent: Double = 0, environment: [String: String] = [:]
    ) throws {
        var arguments = ["bench-count", "pace", keys.folder.path, suite.name, "\(engine.name)"]
        if slowerPercent > 0 { arguments += ["--slower-percent", "\(slowerPercent)"] }
        process = try ChildProcess("pace", arguments, program: program, environment: environment)
        guard try process.nextLine() == "ready" else {
            throw Failure(.notComparable, "\(program.path) cannot be paced")
        }
    }

    /// CPU nanoseconds of one operation, the mean of so many.
    func nanoseconds(of row: String, _ repetitions: Int) throws -> Double {
        try process.send(line: "\(row) \(repetitions)")
        guard let nanoseconds = Double(try process.nextLine()), nanoseconds > 0 else {
            throw Failure(.wrongResult, "\(row): no CPU time came back")
        }
        return nanoseconds
    }

    /// How many operations last about so long. The first few, which make what is made at first use, are done by then.
    func repetitions(of row: String, lasting sample: UInt64) throws -> Int {
        _ = try nanoseconds(of: row, 2)
        return max(1, Int((Double(sample) / (try nanoseconds(of: row, 2))).rounded(.up)))
    }

    func stop() { process.stop() }
}
