internal import Accounts
public import CryptoCore
public import Foundation
internal import Harness
internal import Metrology
internal import Overlay

/// The process that counts: it works with fixed keys, seeded randomness and a standing clock, on one thread. It is
/// started twice, bare and under callgrind, and does exactly the same both times.
public struct CountWorker {
    /// Uncounted runs before the counted one: templates are made in the first and used from the second on, and the
    /// runtime looks a type up when it meets it.
    private static let warmUps = 3

    private let folder: URL
    private let suite: Suite

    public init(folder: URL, suite: Suite) {
        self.folder = folder
        self.suite = suite
    }

    /// Makes the keys, always the same ones, for the measuring processes to read: making them there would take minutes.
    public func prepare() throws {
        DeterministicRandom.install()
        DeterministicRandom.reseed(1)
        for index in 0..<CountedNetwork.keyCount {
            let key = try RSAPrivateKey.generate(for: suite, engines: EngineTable(.openSSL))
            try SecretFile.write(try key.pem(), to: keyFile(index))
        }
    }

    /// A defect put in on purpose: a gate that does not see it is broken.
    public enum Plant: Sendable {
        /// At least so many instructions more in every row.
        case slower(instructions: Int)
        /// Every row's operation done twice.
        case repeated
        case wrongResult
    }

    /// Prints one ``CountRow`` per line, and last how much memory the process took.
    public func measure(engine: RSAEngine, only: Set<String>?, plant: Plant?) throws {
        DeterministicRandom.install()
        let keys = try readKeys(engine)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        for work in CountedWork.all(suite: suite, engine: engine) where only?.contains(work.id) ?? true {
            let row = try Self.measure(work, keys, plant)
            print(String(decoding: try encoder.encode(row), as: UTF8.self))
        }
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        print("{\"peakResidentBytes\":\(usage.ru_maxrss * 1024)}")
    }

    private func keyFile(_ index: Int) -> URL { folder.appendingPathComponent("key-\(index).pem") }

    /// Answers `<row> <repetitions>` on standard input with the CPU nanoseconds of one operation, until its end. The row
    /// `clock` does nothing: what reading the clock costs.
    /// - Parameter slowerPercent: burns so much more CPU time in each sample: a planted slowdown.
    public func pace(engine: RSAEngine, slowerPercent: Double) throws {
        try Placement.pin(to: [0])
        let keys = try readKeys(engine)
        let works = Dictionary(uniqueKeysWithValues: CountedWork.all(suite: suite, engine: engine).map { ($0.id, $0) })
        var operations = [
            PacedProcess.clock: CountedWork.Operation(run: {}, check: {}, state: { CountedWork.Moved() })
        ]
        print("ready")
        fflush(nil)
        while let line = readLine() {
            let parts = line.split(separator: " ")
            guard parts.count == 2, let repetitions = Int(parts[1]),
                let operation = try operations[String(parts[0])] ?? works[String(parts[0])]?.prepare(keys)
            else { throw Failure(.badData, "no such row: \(line)") }
            operations[String(parts[0])] = operation
            var spent: UInt64 = 0
            for _ in 0..<repetitions {
                let start = Clock.threadCPU()
                try operation.run()
                spent += Clock.threadCPU() - start
                try operation.check()
            }
            if slowerPercent > 0 { spent += Self.burn(UInt64(Double(spent) * slowerPercent / 100)) }
            print(spent / UInt64(max(1, repetitions)))
            fflush(nil)
        }
    }

    /// Spends CPU time on nothing.
    /// - Returns: how much it was, at least `nanoseconds`.
    private static func burn(_ nanoseconds: UInt64) -> UInt64 {
        let start = Clock.threadCPU()
        var spent: UInt64 = 0
        while spent < nanoseconds { spent = Clock.threadCPU() - start }
        return spent
    }

    private func readKeys(_ engine: RSAEngine) throws -> [RSAPrivateKey] {
        try (0..<CountedNetwork.keyCount).map { index in
            let pem = try SecretFile.read(keyFile(index))
            return try RSAPrivateKey(pem: pem.span.bytes, engines: EngineTable(engine))
        }
    }

    private static func measure(_ work: CountedWork, _ keys: [RSAPrivateKey], _ plant: Plant?) throws -> CountRow {
        // Every row draws from its own stream: a new row changes no other's counts.
        DeterministicRandom.reseed(
            work.id.utf8.reduce(14_695_981_039_346_656_037) { ($0 ^ UInt64($1)) &* 1_099_511_628_211 })
        let operation = try work.prepare(keys)
        for _ in 0..<warmUps {
            try operation.run()
            try operation.check()
        }
        let (moved, before) = (operation.state(), OperationTally.current)
        try CountedRegion.run {
            try operation.run()
            if case .slower(let instructions) = plant { CountedRegion.burn(instructions) }
            if case .repeated = plant {
                try operation.check()
                try operation.run()
            }
        }
        let done = OperationTally.current - before
        try operation.check()
        if case .wrongResult = plant { throw Failure(.wrongResult, "\(work.id): planted") }
        let after = operation.state()
        return CountRow(
            id: work.id, engine: "\(work.engine.name)", privateOperations: done.privateOperations,
            publicOperations: done.publicOperations, aeadBytes: done.aeadBytes, hashedBytes: done.hashedBytes,
            wireBytes: after.wireBytes - moved.wireBytes, roundTrips: after.roundTrips - moved.roundTrips,
            payloadBytesCopied: after.payloadBytesCopied - moved.payloadBytesCopied,
            passwordHashes: done.passwordHashes)
    }
}
