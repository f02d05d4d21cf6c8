import Foundation
import Testing

/// The real executable, which lies beside the test bundle.
enum Program {
    static let url: URL = {
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let beside = bundle.appendingPathComponent("juxtapose")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent(".build/debug/juxtapose")
    }()

    /// Runs to the end.
    /// - Parameter environment: added to this process's own.
    static func run(
        _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> (status: Int32, output: String) {
        let running = try Running(arguments, environment: environment)
        running.write(input)
        running.closeInput()
        let output = running.readToEnd()
        return (running.wait(), output)
    }

    /// Runs to the end, and returns what it wrote to standard output alone.
    static func output(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = url
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }
}

/// A process under test: its output line by line.
final class Running {
    private static let patienceMilliseconds: Int32 = 120_000

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = ""
    private var lines: [String] = []
    private(set) var seen = ""

    init(_ arguments: [String], environment: [String: String] = [:]) throws {
        process.executableURL = Program.url
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, added in added }
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.standardError = output
        try process.run()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    func write(_ text: String) { try? input.fileHandleForWriting.write(contentsOf: Data(text.utf8)) }

    func closeInput() { try? input.fileHandleForWriting.close() }

    /// Waits for a line that contains the text. Lines before it stay for later questions: two threads of the process
    /// may print in either order.
    func waitFor(_ text: String) throws -> String {
        while true {
            if let index = lines.firstIndex(where: { $0.contains(text) }) { return lines.remove(at: index) }
            // A line that never comes is a failure, not a test that never ends.
            var ready = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, Self.patienceMilliseconds) == 1 else { throw Missing(text: text, seen: seen) }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Missing(text: text, seen: seen) }
            unread += String(decoding: more, as: UTF8.self)
            seen += String(decoding: more, as: UTF8.self)
            while let end = unread.firstIndex(of: "\n") {
                lines.append(String(unread[..<end]))
                unread = String(unread[unread.index(after: end)...])
            }
        }
    }

    func readToEnd() -> String { String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
            ? 128 + process.terminationStatus : process.terminationStatus
    }

    struct Missing: Error, CustomStringConvertible {
        let text: String
        let seen: String
        var description: String { "'\(text)' never came; there was:\n\(seen)" }
    }
}
