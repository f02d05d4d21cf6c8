internal import Metrology

/// The order of a paired measurement: blocks of pairs, the arms of each block in a seeded random order.
public struct Interleaving: Sendable {
    public let arms: [String]
    public let pairs: Int
    public let blockSize: Int

    public init(arms: [String], pairs: Int, blockSize: Int) {
        precondition(!arms.isEmpty && pairs > 0 && blockSize > 0)
        self.arms = arms
        self.pairs = pairs
        self.blockSize = blockSize
    }

    public struct Block: Equatable, Sendable {
        public let index: Int
        /// Pair numbers of this block.
        public let pairs: Range<Int>
        public let arms: [String]
    }

    public func blocks(seed: UInt64) -> [Block] {
        var generator = SeededGenerator(seed: seed)
        return stride(from: 0, to: pairs, by: blockSize).enumerated().map { index, start in
            Block(
                index: index, pairs: start..<min(start + blockSize, pairs), arms: arms.shuffled(using: &generator))
        }
    }

    /// The same blocks dealt out to so many turns, in order: fewer where there are fewer blocks.
    public func turns(_ count: Int, seed: UInt64) -> [[Block]] {
        let blocks = blocks(seed: seed)
        let turns = max(1, min(count, blocks.count))
        return (0..<turns).map { turn in blocks.filter { $0.index * turns / blocks.count == turn } }
    }

    /// Measures closures of this process in that order. Each returns the nanoseconds of one operation and checks its
    /// own result.
    /// - Parameter warmUps: calls of each arm before the first block, not recorded.
    public func measure(
        seed: UInt64, warmUps: Int = 3, into store: inout SampleStore, row: (String) -> String = { $0 },
        _ operation: (String) throws -> UInt64
    ) throws {
        for arm in arms { for _ in 0..<warmUps { _ = try operation(arm) } }
        for block in blocks(seed: seed) {
            // Within a block the arms take turns pair by pair: neighbours in time share the machine's state.
            for pair in block.pairs {
                for arm in block.arms {
                    store.add(
                        SampleStore.Sample(
                            row: row(arm), pair: pair, block: block.index, nanoseconds: try operation(arm)))
                }
            }
        }
    }
}

/// Nanoseconds of wall time that `work` takes, and what it returns.
@inline(__always)
public func timed<R>(_ work: () throws -> R) rethrows -> (nanoseconds: UInt64, result: R) {
    let start = Clock.wall()
    let result = try work()
    return (Clock.wall() - start, result)
}
