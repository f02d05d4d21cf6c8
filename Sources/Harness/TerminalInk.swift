internal import Foundation

/// Verdicts in colour where somebody looks at a terminal. Everything else stays plain: a table is the same text with and
/// without it.
public struct TerminalInk: Sendable {
    public let isOn: Bool

    private static let good = ["met", "improvement", "faster"]
    private static let bad = ["MISSED", "REGRESSION", "GONE", "slower"]

    /// - Parameter environment: `NO_COLOR` and `TERM=dumb` turn colour off, `FORCE_COLOR` turns it on without a terminal.
    ///   `NO_COLOR` wins; each counts where it is not empty, `FORCE_COLOR=0` not.
    public init(environment: [String: String], isTerminal: Bool) {
        func isSet(_ name: String) -> Bool { !(environment[name] ?? "").isEmpty }
        isOn =
            !isSet("NO_COLOR")
            && (isSet("FORCE_COLOR") ? environment["FORCE_COLOR"] != "0" : isTerminal && environment["TERM"] != "dumb")
    }

    /// For what goes to standard output.
    public static var output: TerminalInk {
        TerminalInk(environment: ProcessInfo.processInfo.environment, isTerminal: isatty(STDOUT_FILENO) == 1)
    }

    /// The text with the verdicts at the ends of table lines painted, and a gate's own.
    public func painted(_ text: String) -> String {
        guard isOn else { return text }
        return text.split(separator: "\n", omittingEmptySubsequences: false).map(painted(line:)).joined(separator: "\n")
    }

    private func painted(line: Substring) -> String {
        for (verdict, isGood) in [("Gate passed", true), ("Gate FAILED", false)] where line.hasPrefix(verdict) {
            return ink(verdict, isGood) + line.dropFirst(verdict.count)
        }
        guard line.hasPrefix("  "), let space = line.lastIndex(of: " ") else { return String(line) }
        let last = String(line[line.index(after: space)...])
        guard Self.good.contains(last) || Self.bad.contains(last) else { return String(line) }
        return line[...space] + ink(last, Self.good.contains(last))
    }

    private func ink(_ text: String, _ isGood: Bool) -> String { "\u{1b}[\(isGood ? 32 : 31)m\(text)\u{1b}[0m" }
}
