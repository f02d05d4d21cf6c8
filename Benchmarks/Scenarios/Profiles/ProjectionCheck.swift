internal import CryptoCore
internal import Foundation
public import Harness
internal import Metrology
public import Projection

/// Predicts joins and messages under one instruction set of this machine from another's, and measures them: how far
/// counted work times prices can be trusted. Cryptography is priced where it is predicted, everything else where it
/// comes from: as a profile does it.
public struct ProjectionCheck {
    private static let rounds = 25
    private static let sample: UInt64 = 3_000_000
    private static let masks = [InstructionMask.noifma, .sse2]
    /// Prices that a profile anchors; all others are taken along.
    private static let anchored = ["private/", "public/", "aes", Cost.hash, Cost.passwordHash]

    private let suite: Suite
    private let table: WorkTable
    private let engine = RSAEngine.openSSL

    /// - Throws: `.badData` for a suite that this program does not know.
    public init(_ table: WorkTable) throws(Failure) {
        guard let suite = Suite(name: table.suite) else { throw Failure(.badData, "unknown suite \(table.suite)") }
        self.suite = suite
        self.table = table
    }

    public func execute(unseen: [String], note: (String) -> Void) throws -> Validation {
        note("making keys")
        let anchor = try InstructionAnchor(suite, engine: engine, table)
        let stations = try Self.masks.map { try Station($0, suite, engine, anchor.keys) }
        defer { for station in stations { station.stop() } }
        for round in 0..<Self.rounds {
            note("round \(round + 1) of \(Self.rounds)")
            for (row, _) in rows {
                // Both sides of a row, and all that its prediction needs, within a fraction of a second: the machine
                // drifts. What the smallest rows hang on, the anchors and the row itself, next to each other.
                for station in stations { try station.price() }
                for station in stations { try station.time(anchor) }
                for station in stations { try station.time(row, sample: Self.sample) }
                for station in stations.reversed() { try station.time(row, sample: Self.sample) }
                for station in stations.reversed() { try station.time(anchor) }
                for station in stations { station.keep(row, anchor) }
            }
        }
        let directions = [(from: 0, to: 1), (from: 1, to: 0)]
        let cases = directions.flatMap { from, to in
            rows.map { row, work in
                Validation.Case(
                    id: row, from: Self.masks[from].rawValue, to: Self.masks[to].rawValue,
                    rounds: Self.compare(row, work, from: stations[from], to: stations[to]))
            }
        }
        return Validation(cases, unseen: unseen)
    }

    /// Predicted and measured nanoseconds, round by round.
    private static func compare(
        _ row: String, _ work: Work, from: Station, to: Station
    ) -> [(predicted: Double, measured: Double)] {
        zip(from.rounds[row] ?? [], to.rounds[row] ?? []).map { source, target in
            var prices = source.prices
            for (id, price) in target.prices where anchored.contains(where: id.hasPrefix) { prices[id] = price }
            return (work.amounts.reduce(0) { $0 + $1.value * (prices[$1.key] ?? 0) }, target.time)
        }
    }

    /// What happens in process: the kernel has no part in it.
    private var rows: [(id: String, work: Work)] {
        let joins = ["plain", "paper"].map { ("join/\($0)/\(suite.name)", table.join($0)) }
        let messages = table.countedBytes.map {
            ("message/paper/\(suite.name)/\($0)", table.message("paper", bytes: $0))
        }
        let others = [
            ("message/plain/\(suite.name)/1024", table.message("plain", bytes: 1024)),
            ("message/paper-uncached/\(suite.name)/1024", table.message("paper-uncached", bytes: 1024)),
        ]
        return (joins + messages + others).map { (id: $0.0, work: $0.1) }
    }

    /// Processes under one mask, and what they measured.
    private final class Station {
        private static let clockReadings = 2000

        private let priced: PricedProcess
        private let paced: PacedProcess
        private var prices: [String: Double] = [:]
        private var anchors: [Double] = []
        private var times: [Double] = []
        private(set) var rounds: [String: [(prices: [String: Double], time: Double)]] = [:]

        init(_ mask: InstructionMask, _ suite: Suite, _ engine: RSAEngine, _ keys: CountKeys) throws {
            priced = try PricedProcess(
                suites: [suite], engine: engine, passwordCost: CountedNetwork.smallPasswordCost, mask: mask)
            paced = try PacedProcess(suite, engine, keys, environment: mask.environment)
        }

        func price() throws { prices = try priced.round() }

        func time(_ anchor: InstructionAnchor) throws { anchors.append(try anchor.total(paced)) }

        func time(_ row: String, sample: UInt64) throws {
            let clock = try paced.nanoseconds(of: PacedProcess.clock, Self.clockReadings)
            let repetitions = try paced.repetitions(of: row, lasting: sample)
            times.append(try paced.nanoseconds(of: row, repetitions) - clock)
        }

        /// Ends a row's round: the medians of what was timed since the last.
        func keep(_ row: String, _ anchor: InstructionAnchor) {
            prices[Cost.instruction] = anchor.price(total: Statistics.median(anchors), prices)
            rounds[row, default: []].append((prices, Statistics.median(times)))
            anchors = []
            times = []
        }

        func stop() {
            priced.stop()
            paced.stop()
        }
    }
}
