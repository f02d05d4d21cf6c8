internal import Harness
internal import Metrology
internal import Transport

/// roundtrip/plain: a payload out and 16 bytes back, beside the same bytes over a raw blocking socket and over a bare
/// channel of SwiftNIO.
struct RoundTripCost: Experiment {
    let title = "round trips"
    let needsMembers = true

    /// Round trips at the start of each block that are not recorded, in both arms.
    private static let warmUps = 10

    private static let references = ["raw", "nio"]

    private struct Placed {
        let what: String
        let isOneCore: Bool
        let limit: Double
        let largeLimit: Double

        /// Goals are set up to 64 KiB and at 1 MiB.
        func limit(for size: Int) -> Double? {
            size <= 64 << 10 ? limit : size == 1 << 20 ? largeLimit : nil
        }
    }

    private let placements = [
        Placed(what: "roundtrip", isOneCore: false, limit: 1.3, largeLimit: 1.2),
        Placed(what: "roundtrip-onecore", isOneCore: true, limit: 1.6, largeLimit: 2.4),
    ]

    func rows(_ options: RunOptions) -> [String] {
        guard options.arms.contains("plain") else { return [] }
        return placements.flatMap { placed in
            options.plan.payloadSizes.flatMap { size in
                (["plain"] + Self.references).map { options.id(placed.what, $0, size) }
            }
        }
    }

    func estimateSeconds(_ options: RunOptions) -> Double {
        let rtt = Double(options.link?.roundTripNanoseconds ?? 0) / 1e9
        return Double(options.plan.payloadSizes.count * options.plan.roundTripPairs * 6) * (0.0004 + rtt)
    }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        guard context.options.arms.contains("plain") else { return }
        let (options, sizes) = (context.options, context.options.plan.payloadSizes)
        let order = Interleaving(arms: ["plain"] + Self.references, pairs: options.plan.roundTripPairs, blockSize: 20)
        let turns = order.turns(options.plan.processes, seed: options.seed).count
        for turn in 0..<turns {
            if turn > 0 { try fleet.renewPeers() }
            for placed in placements {
                try fleet.place(onOneCore: placed.isOneCore)
                for size in sizes {
                    let blocks = order.turns(turns, seed: options.seed &+ UInt64(size))[turn]
                    try measure(blocks, placed, size, context, fleet)
                    context.progress.advance(
                        estimateSeconds(options) / Double(2 * sizes.count * turns), now: "\(placed.what) \(size)")
                }
            }
        }
        try fleet.place(onOneCore: false)
        for placed in placements { for size in sizes { addFloor(placed, size, context) } }
    }

    private func measure(
        _ blocks: [Interleaving.Block], _ placed: Placed, _ size: Int, _ context: RunContext, _ fleet: Fleet
    ) throws {
        try MessageOverhead.preparePayload(size, context, fleet)
        // What one message and its reply take on the wire: the references carry exactly that. The connection is open
        // before, so that no welcome counts as part of a reply.
        try exchange(fleet, count: 1)
        let before = try fleet.counters(of: fleet.sender)
        try exchange(fleet, count: 1)
        let after = try fleet.counters(of: fleet.sender)
        let sent = Self.warmUps + 1
        let bytes = ((after["sentBytes"] ?? 0) - (before["sentBytes"] ?? 0)) / sent
        let reply = ((after["receivedBytes"] ?? 0) - (before["receivedBytes"] ?? 0)) / sent
        var commands: [String: PeerCommand] = [:]
        for arm in Self.references {
            var serve = PeerCommand(.referenceServe)
            (serve.arm, serve.bytes, serve.replyBytes) = (arm, bytes, reply)
            var command = PeerCommand(.reference)
            (command.arm, command.bytes, command.replyBytes, command.warmUps) = (arm, bytes, reply, Self.warmUps)
            command.port = try fleet.receiver.ask(serve).values?["port"] ?? 0
            commands[arm] = command
        }
        for block in blocks {
            try context.checkpoint()
            for arm in block.arms {
                var samples: [UInt64]
                if var command = commands[arm] {
                    command.count = block.pairs.count
                    samples = try fleet.sender.ask(command).nanoseconds ?? []
                } else {
                    samples = try exchange(fleet, count: block.pairs.count).map(\.roundTrip)
                }
                for (pair, sample) in zip(block.pairs, samples) {
                    context.add(
                        context.id(placed.what, arm, size), process: fleet.generation, pair: pair, block: block.index,
                        sample)
                }
            }
        }
        try MessageOverhead.checkReceiver(fleet, "roundtrip \(size)")
    }

    private func addFloor(_ placed: Placed, _ size: Int, _ context: RunContext) {
        let plain = context.id(placed.what, "plain", size)
        let cores = placed.isOneCore ? "one core" : "two cores"
        context.addFloor(
            context.id(placed.what, "raw", size), under: plain, what: "blocking socket, same bytes, \(cores)",
            limit: context.options.link == nil ? placed.limit(for: size) : nil)
        context.addFloor(
            context.id(placed.what, "nio", size), under: plain, what: "bare SwiftNIO, same bytes, \(cores)", limit: nil)
    }

    @discardableResult
    private func exchange(_ fleet: Fleet, count: Int) throws -> [ExchangeSample] {
        var command = PeerCommand(.exchange)
        (command.arm, command.count, command.warmUps) = ("plain", count, Self.warmUps)
        return try fleet.sender.ask(command).exchanges ?? []
    }
}
