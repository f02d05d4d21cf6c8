public import Foundation

/// Runs a real program and returns its status and what it printed.
public func run(_ program: String, _ arguments: [String], input: [UInt8] = []) throws -> (status: Int32, output: String)
{
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    let output = Pipe()
    let feed = Pipe()
    process.standardOutput = output
    process.standardError = output
    process.standardInput = feed
    try process.run()
    feed.fileHandleForWriting.write(Data(input))
    try feed.fileHandleForWriting.close()
    let printed = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: printed, as: UTF8.self))
}

/// Whether a program is on the PATH.
public func isInstalled(_ program: String) -> Bool {
    (try? run("sh", ["-c", "command -v \(program)"]))?.status == 0
}

/// A folder that is removed when the closure ends.
public func withTemporaryFolder<R>(_ body: (URL) throws -> R) throws -> R {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("juxtapose-" + UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
