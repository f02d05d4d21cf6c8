internal import CryptoCore
public import Foundation
internal import Harness
internal import Metrology

/// A process of the core comparison, started under a mask: reads row ids, answers with nanoseconds.
public struct CoreWorker {
    private let folder: URL

    /// - Parameter folder: holds one PKCS#8 file per suite.
    public init(folder: URL) { self.folder = folder }

    public func run() throws {
        let words = LibcryptoCapabilities.current.words
        answer("\(words.first) \(words.second)")
        var keys: [Suite: RSAPrivateKey] = [:]
        var workloads: [CoreRow: CoreWorkload] = [:]
        while let line = readLine() {
            do {
                guard let row = CoreRow(id: line) else { throw Failure(.internalError, "no row: \(line)") }
                let key = try keys[row.suite] ?? Self.key(row.suite, in: folder)
                keys[row.suite] = key
                let workload: CoreWorkload
                if let made = workloads[row] {
                    workload = made
                } else {
                    workload = try CoreWorkload(row, key: key)
                    // Contexts and scratch space come with the first operation.
                    _ = try workload.once()
                    workloads[row] = workload
                }
                // The process has just been woken: one operation for its caches, one for the record.
                _ = try workload.once()
                answer("\(try workload.once())")
            } catch {
                answer("error \(error)")
            }
        }
    }

    private func answer(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

    static func file(_ suite: Suite, in folder: URL) -> URL { folder.appendingPathComponent("\(suite.name).der") }

    private static func key(_ suite: Suite, in folder: URL) throws -> RSAPrivateKey {
        let der = Array(try Data(contentsOf: file(suite, in: folder)))
        return try RSAPrivateKey(der: der.span.bytes, engines: EngineTable(.openSSL))
    }
}
