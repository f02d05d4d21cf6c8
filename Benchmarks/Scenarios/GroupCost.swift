internal import CryptoCore
internal import Harness
internal import Metrology

/// group/plain and group/paper: the sender's CPU for one message to sixteen members.
struct GroupCost: Experiment {
    let title = "group messages"
    let needsMembers = true
    private static let size = 1024

    func rows(_ options: RunOptions) -> [String] { arms(options).map { Self.id($0, options) } }

    func estimateSeconds(_ options: RunOptions) -> Double { 5 + 0.04 * Double(options.plan.joinPairs) }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        try context.checkpoint()
        let arms = arms(context.options)
        let engine = context.engines.name
        let (sender, crowd) = try fleet.startCrowd(engine: engine)
        defer {
            sender.stop()
            crowd.stop()
        }
        for (core, process) in [sender, crowd].enumerated() {
            var pin = PeerCommand(.pin)
            pin.cores = [core % Placement.coreCount]
            try process.ask(pin)
            var command = PeerCommand(.payload)
            (command.bytes, command.seed) = (Self.size, context.options.seed)
            try process.ask(command)
        }
        for arm in arms { _ = try send(sender, arm, count: 1) }
        let order = Interleaving(arms: arms, pairs: 4 * context.options.plan.joinPairs, blockSize: 10)
        for block in order.blocks(seed: context.options.seed) {
            try context.checkpoint()
            for arm in block.arms {
                let id = Self.id(arm, context.options)
                context.measuredOnCPU(id)
                for (pair, spent) in zip(block.pairs, try send(sender, arm, count: block.pairs.count)) {
                    context.add(id, pair: pair, block: block.index, spent)
                }
            }
        }
        let wrong = try crowd.ask(PeerCommand(.counters)).values?["wrongPayloads"] ?? 0
        guard wrong == 0 else { throw Failure(.wrongResult, "group: \(wrong) payloads arrived changed") }
        addFigures(context)
        context.progress.advance(estimateSeconds(context.options), now: title)
    }

    private func addFigures(_ context: RunContext) {
        let paper = Self.id("paper", context.options)
        context.addOverhead(paper, over: Self.id("plain", context.options))
        guard
            let ratio = context.store.compare(paper, to: Self.id("iterated", context.options))?
                .ratio(seed: context.options.seed)
        else { return }
        context.summary.goals.append(
            Goal(
                id: paper, what: "\(paper), sender's CPU / sixteen secureMsgPeer", ratio: ratio.point, low: ratio.low,
                high: ratio.high, limit: 0.2))
    }

    private func arms(_ options: RunOptions) -> [String] {
        ["plain", "paper"].filter(options.arms.contains) + (options.arms.contains("paper") ? ["iterated"] : [])
    }

    private func send(_ sender: ChildProcess, _ arm: String, count: Int) throws -> [UInt64] {
        var command = PeerCommand(.group)
        (command.arm, command.count) = (arm, count)
        return try sender.ask(command).nanoseconds ?? []
    }

    private static func id(_ arm: String, _ options: RunOptions) -> String {
        "group/\(arm)/\(options.suite.name)/\(Fleet.crowd.count)x\(size)"
    }
}
