/// What a command's exit says to a script. Codes from 64 follow sysexits.h.
public enum ExitCode: Int32, Sendable {
    case success = 0
    case internalError = 1
    case regression = 3
    /// Only where it was asked for.
    case improvement = 4
    /// Only where it was asked for.
    case unresolved = 5
    /// A foreign baseline: other machine, compiler, libraries or suite.
    case notComparable = 6
    case wrongResult = 7
    case incomplete = 8
    /// A secret stands in a record.
    case secretFound = 9
    case usage = 64
    case badData = 65
    case inputMissing = 66
    case unavailable = 69
    case ioError = 74
    case temporary = 75
    case permission = 77
    case interrupted = 130
}

/// A failure that a user can act on: what was refused, what to do, and the exit code.
public struct Failure: Error, Sendable, CustomStringConvertible {
    public let code: ExitCode
    public let message: String

    public init(_ code: ExitCode, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }
}
