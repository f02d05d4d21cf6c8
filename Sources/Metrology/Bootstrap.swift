/// Resampling that keeps what neighbours in time share together.
enum Bootstrap {
    /// Blocks drawn with replacement, then values within each.
    static func draw<Value>(_ blocks: [[Value]], using generator: inout SeededGenerator) -> [Value] {
        var drawn: [Value] = []
        drawn.reserveCapacity(blocks.reduce(0) { $0 + $1.count })
        for _ in blocks.indices {
            let block = blocks[Int.random(in: blocks.indices, using: &generator)]
            for _ in block.indices { drawn.append(block[Int.random(in: block.indices, using: &generator)]) }
        }
        return drawn
    }

    /// Processes drawn with replacement, then blocks within each, then values: three stages, for arms that ran in
    /// several processes, whose memory layout and placement differ.
    static func draw<Value>(_ processes: [[[Value]]], using generator: inout SeededGenerator) -> [Value] {
        processes.indices.flatMap { _ in
            draw(processes[Int.random(in: processes.indices, using: &generator)], using: &generator)
        }
    }
}
