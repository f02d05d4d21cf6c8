public import CryptoCore
public import Foundation
internal import Harness
public import Metrology

/// CPU time of two programs side by side: pairs interleaved in seeded random order, several processes an arm, both on
/// the same core.
public struct PairedPace {
    /// Who computes in an arm.
    public struct Arm: Sendable {
        public var program: URL
        /// Burns so much more in each sample: a slowdown put in on purpose.
        public var slowerPercent: Double

        /// - Parameter program: nil for this very one.
        public init(program: URL? = nil, slowerPercent: Double = 0) {
            self.program = program ?? ChildProcess.ownProgram
            self.slowerPercent = slowerPercent
        }
    }

    public let suite: Suite
    public let engine: RSAEngine
    public var pairs = 40
    public var seed: UInt64 = 1

    /// A process keeps its memory layout for life, and the layout is worth a per cent or two: many processes with few
    /// pairs each tell more than the reverse.
    private static let processesPerArm = 20
    /// A slice lasts about so long: shorter ones would measure the clock.
    private static let sliceNanoseconds: UInt64 = 2_000_000
    /// Times that the arms of a pair take turns, there and back: a machine that changes its speed within a pair then
    /// changes it for both. Their median stands for the arm: an interrupt in one slice says nothing about it.
    private static let turns = 8
    private static let blockSize = 2

    public init(suite: Suite, engine: RSAEngine) {
        self.suite = suite
        self.engine = engine
    }

    /// What a join or a message costs; RSA alone says nothing about our code.
    public var rows: [String] {
        let name = suite.name
        return [
            "join/plain/\(name)", "join/paper/\(name)", "message/plain/\(name)/1024", "message/paper/\(name)/1024",
            "message/paper/\(name)/1048576", "advertisement/verify/\(name)",
        ]
    }

    /// - Returns: for each row, pairs of base and head.
    public func measure(
        base: Arm, head: Arm, rows: [String], note: (String) -> Void = { _ in }
    ) throws -> [(row: String, comparison: PairedComparison)] {
        let keys = try CountKeys(suite: suite)
        var collected: [String: [PairedComparison.Pair]] = [:]
        let perProcess = max(1, (pairs + Self.processesPerArm - 1) / Self.processesPerArm)
        var generator = SeededGenerator(seed: seed)
        for process in 0..<Self.processesPerArm {
            note("pacing, pair of processes \(process + 1) of \(Self.processesPerArm)")
            // Random which is started first: an earlier process may get the better memory.
            let isBaseFirst = Bool.random(using: &generator)
            let first = try start(isBaseFirst ? base : head, keys)
            defer { first.stop() }
            let second = try start(isBaseFirst ? head : base, keys)
            defer { second.stop() }
            let (baseProcess, headProcess) = isBaseFirst ? (first, second) : (second, first)
            for row in rows {
                // Whoever ran last finds its caches warm: which one that is must not be the same every time.
                let isBaseLast = Bool.random(using: &generator)
                let repetitions = try warmUp(
                    isBaseLast ? [headProcess, baseProcess] : [baseProcess, headProcess], row)
                let order = Interleaving(arms: ["base", "head"], pairs: perProcess, blockSize: Self.blockSize)
                for block in order.blocks(seed: generator.next()) {
                    for _ in block.pairs {
                        var slices: [String: [Double]] = [:]
                        for turn in 0..<Self.turns {
                            for arm in turn % 2 == 0 ? block.arms : block.arms.reversed() {
                                let process = arm == "base" ? baseProcess : headProcess
                                slices[arm, default: []].append(try process.nanoseconds(of: row, repetitions))
                            }
                        }
                        collected[row, default: []].append(
                            PairedComparison.Pair(
                                process: process, block: block.index, base: Statistics.median(slices["base"] ?? []),
                                other: Statistics.median(slices["head"] ?? [])))
                    }
                }
            }
        }
        return rows.compactMap { row in collected[row].map { (row, PairedComparison($0)) } }
    }

    private func start(_ arm: Arm, _ keys: CountKeys) throws -> PacedProcess {
        try PacedProcess(suite, engine, keys, program: arm.program, slowerPercent: arm.slowerPercent)
    }

    /// How many operations make a sample, from the slower arm.
    private func warmUp(_ processes: [PacedProcess], _ row: String) throws -> Int {
        try processes.map { try $0.repetitions(of: row, lasting: Self.sliceNanoseconds) }.min() ?? 1
    }
}
