internal import CryptoCore
internal import Foundation
internal import Harness

/// The fixed keys of a count or a pacing, in a folder that only we can read, gone with this value.
final class CountKeys {
    let folder: URL

    init(suite: Suite) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("juxtapose-count-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        _ = try worker(["prepare", folder.path, suite.name])
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// Runs a worker to its end.
    func worker(_ arguments: [String]) throws -> String {
        let result = try Tool.run(
            [ChildProcess.ownProgram.path, "bench-count"] + arguments,
            environment: ProcessInfo.processInfo.environment.merging(["SWIFT_DETERMINISTIC_HASHING": "1"]) { $1 },
            keepsErrors: true)
        guard result.status == 0 else {
            throw Failure(
                ExitCode(rawValue: result.status) ?? .internalError,
                result.errors.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return result.output
    }
}
