internal import Foundation
internal import Harness

/// A process of a run, spoken to in JSON lines.
final class ChildProcess {
    let name: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    /// Starts this very program with other arguments.
    init(_ name: String, _ arguments: [String]) throws {
        self.name = name
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
    }

    var processID: Int32 { process.processIdentifier }

    /// The next line that the process prints.
    /// - Throws: when it ends instead.
    func nextLine() throws -> String {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                return line
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else {
                process.waitUntilExit()
                throw Failure(.internalError, "process \(name) ended with status \(process.terminationStatus)")
            }
            unread.append(more)
        }
    }

    /// Sends a command and waits for its reply.
    @discardableResult
    func ask(_ command: PeerCommand) throws -> PeerReply {
        try send(command)
        return try reply()
    }

    func send(_ command: PeerCommand) throws {
        try input.fileHandleForWriting.write(contentsOf: JSONEncoder().encode(command) + Data("\n".utf8))
    }

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
