public import CryptoCore
internal import Foundation
internal import Harness

/// A process that times elementary operations under the instruction sets it was started with, a round for each line on
/// its standard input.
public struct PriceWorker {
    private let suites: [Suite]
    private let passwordCost: Int
    private let engine: RSAEngine?

    /// - Parameter engine: nil for each suite's fastest.
    public init(suites: [Suite], engine: RSAEngine?, passwordCost: Int) {
        self.suites = suites
        self.engine = engine
        self.passwordCost = passwordCost
    }

    public func run() throws {
        // Where paced rows run: two cores of one machine need not be equally fast.
        try Placement.pin(to: [0])
        let operations = try ElementaryOperations(suites: suites, engine: engine, passwordCost: passwordCost)
        _ = try operations.round()
        let words = LibcryptoCapabilities.current.words
        answer("\(words.first) \(words.second)")
        while readLine() != nil {
            answer(String(decoding: try JSONEncoder().encode(operations.round()), as: UTF8.self))
        }
    }

    private func answer(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
}

/// The other end of a ``PriceWorker``.
final class PricedProcess {
    private let process: ChildProcess

    /// - Throws: `.notComparable` when the mask did not take effect.
    init(suites: [Suite], engine: RSAEngine?, passwordCost: Int, mask: InstructionMask) throws {
        var arguments = [
            "bench-prices", suites.map(\.name).joined(separator: ","), "--password-cost", "\(passwordCost)",
        ]
        if let engine { arguments += ["--engine", "\(engine.name)"] }
        process = try ChildProcess("prices \(mask.rawValue)", arguments, environment: mask.environment)
        let words = try process.nextLine().split(separator: " ").compactMap { UInt64($0) }
        guard words.count == 2 else { throw Failure(.internalError, "prices: no capabilities") }
        try mask.check(LibcryptoCapabilities(words: (words[0], words[1])), native: .current)
    }

    func round() throws -> [String: Double] {
        try process.send(line: "")
        return try JSONDecoder().decode([String: Double].self, from: Data(process.nextLine().utf8))
    }

    func stop() { process.stop() }
}
