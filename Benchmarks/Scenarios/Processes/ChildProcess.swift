internal import Foundation
internal import Harness

/// A process of a run, spoken to in JSON lines.
final class ChildProcess {
    let name: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread: [UInt8] = []

    /// This very program.
    static var ownProgram: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// Starts a program, this very one unless another is named.
    /// - Parameter environment: added to this process's own.
    init(
        _ name: String, _ arguments: [String], program: URL = ChildProcess.ownProgram,
        environment: [String: String] = [:]
    ) throws {
        self.name = name
        process.executableURL = program
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { _, added in added }
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }

    /// The next line that the process prints.
    /// - Throws: when it ends instead.
    func nextLine() throws -> String {
        // Replies bring thousands of samples in one line: each byte is looked at once.
        var searched = 0
        while true {
            if let end = unread[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[..<end], as: UTF8.self)
                unread.removeFirst(end + 1)
                return line
            }
            searched = unread.count
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                throw Failure(.internalError, "process \(name) ended with status \(process.terminationStatus)")
            }
            unread.append(contentsOf: more)
        }
    }

    /// Sends a command and waits for its reply.
    @discardableResult
    func ask(_ command: PeerCommand) throws -> PeerReply {
        try send(command)
        return try reply()
    }

    func send(_ command: PeerCommand) throws {
        try send(line: String(decoding: try JSONEncoder().encode(command), as: UTF8.self))
    }

    func send(line: String) throws { try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8)) }

    func reply() throws -> PeerReply {
        let reply = try JSONDecoder().decode(PeerReply.self, from: Data(nextLine().utf8))
        if let error = reply.error { throw Failure(.wrongResult, "\(name): \(error)") }
        return reply
    }

    /// Ends the process: asked first, told after two seconds.
    func stop() {
        try? input.fileHandleForWriting.close()
        process.terminate()
        let deadline = Date().addingTimeInterval(2)
        while process.isRunning, Date() < deadline { usleep(5000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }
}
