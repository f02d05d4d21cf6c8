internal import Foundation

/// Another program, run to its end.
public enum Tool {
    public struct Result: Sendable {
        public let status: Int32
        /// Standard output.
        public let output: String
        /// Standard error; empty where it was not asked for.
        public let errors: String
    }

    /// - Parameters:
    ///   - arguments: the program's name, found through PATH, and its arguments.
    ///   - environment: nil for this process' own.
    ///   - folder: where it runs; nil for here.
    ///   - keepsErrors: whether standard error is returned instead of dropped.
    /// - Throws: `.unavailable` when it cannot be started.
    public static func run(
        _ arguments: [String], environment: [String: String]? = nil, in folder: String? = nil,
        keepsErrors: Bool = false
    ) throws(Failure) -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        if let environment { process.environment = environment }
        if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder, isDirectory: true) }
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = FileHandle.nullDevice
        // A file, not a second pipe: nobody would empty that one while the first is read.
        let errors = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: errors) }
        if keepsErrors {
            _ = FileManager.default.createFile(atPath: errors.path, contents: nil)
            process.standardError = FileHandle(forWritingAtPath: errors.path)
        } else {
            process.standardError = FileHandle.nullDevice
        }
        do { try process.run() } catch {
            throw Failure(.unavailable, "cannot run \(arguments.first ?? ""): \(error.localizedDescription)")
        }
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        // 127 is how env says that there is no such program.
        if process.terminationStatus == 127 { throw Failure(.unavailable, "\(arguments.first ?? "") is not installed") }
        let text = keepsErrors ? (try? String(contentsOf: errors, encoding: .utf8)) ?? "" : ""
        return Result(status: process.terminationStatus, output: String(decoding: data, as: UTF8.self), errors: text)
    }
}
