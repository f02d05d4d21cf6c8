internal import Foundation
internal import Synchronization

/// Progress on standard error: a bar on a terminal, a line per ten seconds otherwise, and where `CI` is set: its logs keep
/// every bar.
public final class RunProgress: Sendable {
    private struct State {
        var done = 0.0
        var shown = Date.distantPast
    }

    private let total: Double
    private let started = Date()
    private let isTerminal: Bool
    private let state = Mutex(State())

    /// - Parameter totalSeconds: the estimate that the bar is drawn against.
    public init(totalSeconds: Double) {
        total = max(totalSeconds, 0.1)
        isTerminal = isatty(STDERR_FILENO) == 1 && (ProcessInfo.processInfo.environment["CI"] ?? "").isEmpty
    }

    /// - Parameter seconds: how much of the estimate is done with this step.
    public func advance(_ seconds: Double, now: String) {
        let line: String? = state.withLock { state in
            state.done += seconds
            let share = min(1, state.done / total)
            let elapsed = Date().timeIntervalSince(started)
            let left = share > 0.02 ? elapsed / share - elapsed : total
            let text = "\(Int(share * 100)) %  \(now)  (\(Int(elapsed)) s, about \(max(0, Int(left))) s left)"
            guard isTerminal else {
                guard Date().timeIntervalSince(state.shown) >= 10 else { return nil }
                state.shown = Date()
                return text + "\n"
            }
            let filled = Int(share * 24)
            return "\r\u{1b}[K[" + String(repeating: "#", count: filled) + String(repeating: ".", count: 24 - filled)
                + "] " + text
        }
        if let line { FileHandle.standardError.write(Data(line.utf8)) }
    }

    public func finish() {
        guard isTerminal else { return }
        FileHandle.standardError.write(Data("\r\u{1b}[K".utf8))
    }
}
