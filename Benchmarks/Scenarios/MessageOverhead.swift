internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Overlay
internal import Transport

/// Section 5's second figure: what secureMsgPeer adds, over payload sizes.
struct MessageOverhead: Experiment {
    let title = "messages"
    let needsMembers = true
    /// Messages at the start of each block, in every arm, that are kept apart: the first one is a row of its own, cold
    /// after the other arms' turns.
    private static let warmUps = 2

    private static let equalWire = ["plain-wire", "plain-paused"]

    func rows(_ options: RunOptions) -> [String] {
        options.plan.payloadSizes.flatMap { size in
            arms(options).flatMap { [options.id("message", $0, size), options.id("message-first", $0, size)] }
        }
    }

    func estimateSeconds(_ options: RunOptions) -> Double {
        let rtt = Double(options.link?.roundTripNanoseconds ?? 0) / 1e9
        return Double(options.plan.payloadSizes.count * options.plan.messagePairs * arms(options).count)
            * (0.0022 + rtt)
    }

    /// What is collected for one size beside the samples.
    private struct Collected {
        /// Of each pair, the secure message less its sealing and opening.
        var transport: [Int: Double] = [:]
        /// What sealing the last secure message took.
        var sealing: UInt64?
        /// Bytes copied by sending, gathering and decryption.
        var copied = [0, 0, 0]
        var messages = 0
    }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let (options, sizes) = (context.options, context.options.plan.payloadSizes)
        let order = Interleaving(arms: arms(options), pairs: options.plan.messagePairs, blockSize: 8)
        var collected = [Int: Collected]()
        let turns = order.turns(options.plan.processes, seed: options.seed)
        for turn in turns.indices {
            if turn > 0 { try fleet.renewPeers() }
            for size in sizes {
                // Each size has an order of its own.
                for block in order.turns(options.plan.processes, seed: options.seed &+ UInt64(size))[turn] {
                    try measure(block, size, &collected[size, default: Collected()], context, fleet)
                }
                context.progress.advance(
                    estimateSeconds(options) / Double(sizes.count * turns.count), now: "message \(size)")
            }
        }
        for size in sizes { addFigures(size, collected[size] ?? Collected(), context) }
        guard sizes.count > 2 else { return }
        context.addFits("message", plain: "plain", secure: ["paper", "paper-uncached"], sizes: sizes)
    }

    /// `plain-wire` is a plain message of as many bytes on the wire as the secure one. `plain-paused` is the same, sent
    /// after a pause as long as sealing takes: the receiver's core has slept as long when it comes, and on a virtual
    /// machine waking one costs more than the message.
    private func arms(_ options: RunOptions) -> [String] {
        let chosen = ["plain", "paper", "paper-uncached"].filter(options.arms.contains)
        return options.arms.isSuperset(of: ["plain", "paper"]) ? chosen + Self.equalWire : chosen
    }

    private func measure(
        _ block: Interleaving.Block, _ size: Int, _ collected: inout Collected, _ context: RunContext, _ fleet: Fleet
    ) throws {
        let extra = try wireGrowth(context.options.suite)
        try context.checkpoint()
        for arm in block.arms {
            let counts = try copies(fleet)
            var pause: UInt64 = 0
            if arm == "plain-paused" {
                pause = try collected.sealing ?? sealing(size, context, fleet)
            }
            let (first, samples) = try exchange(
                arm, size, extra, pause: pause, count: block.pairs.count, context, fleet)
            guard samples.count == block.pairs.count else {
                throw Failure(.wrongResult, "message/\(arm): \(samples.count) of \(block.pairs.count) replies")
            }
            try Self.checkReceiver(fleet, "message/\(arm) \(size)")
            if let first {
                let id = context.id("message-first", arm, size)
                context.measuredAlone(id)
                context.add(id, process: fleet.generation, pair: block.index, block: block.index, first.oneWay)
            }
            for (pair, sample) in zip(block.pairs, samples) {
                context.add(
                    context.id("message", arm, size), process: fleet.generation, pair: pair, block: block.index,
                    sample.oneWay)
                if arm == "paper" {
                    collected.transport[pair] = Double(sample.oneWay) - Double(sample.seal + sample.open)
                    collected.sealing = sample.seal
                }
            }
            if arm == "paper" {
                collected.copied = zip(collected.copied, zip(counts, try copies(fleet))).map { $0 + $1.1 - $1.0 }
                collected.messages += samples.count + Self.warmUps
            }
        }
        if context.options.arms.contains("paper") { try refuseTampered(fleet, size) }
    }

    private func addFigures(_ size: Int, _ collected: Collected, _ context: RunContext) {
        let plain = context.id("message", "plain", size)
        context.addOverhead(context.id("message", "paper", size), over: plain)
        context.addOverhead(context.id("message", "paper-uncached", size), over: plain)
        for (arm, what) in zip(Self.equalWire, ["", " after an equal pause"]) {
            addTransportGoal(size, collected.transport, arm, "plain message of equal wire bytes" + what, context)
        }
        guard collected.messages > 0 else { return }
        for (what, bytes) in zip(["sending", "gathering", "decryption"], collected.copied) {
            context.count(
                "message/paper \(size): bytes copied per message, \(what)", bytes / collected.messages, "bytes")
        }
    }

    /// What is left of a secure message without its cryptography, beside a plain one of equal wire bytes.
    private func addTransportGoal(
        _ size: Int, _ transport: [Int: Double], _ arm: String, _ base: String, _ context: RunContext
    ) {
        let pairs = context.store.samples(of: context.id("message", arm, size)).compactMap { sample in
            transport[sample.pair].map {
                PairedComparison.Pair(
                    process: sample.process, block: sample.block, base: Double(sample.nanoseconds), other: $0)
            }
        }
        guard !pairs.isEmpty else { return }
        let ratio = PairedComparison(pairs).ratio(seed: context.options.seed)
        context.summary.goals.append(
            Goal(
                id: context.id("message", "paper", size),
                what: "message/paper \(size) less seal and open / \(base)",
                ratio: ratio.point, low: ratio.low, high: ratio.high, limit: 1.5))
    }

    /// Sends `count` messages of one arm, with the payload and the receiver prepared for it.
    private func exchange(
        _ arm: String, _ size: Int, _ extra: Int, pause: UInt64 = 0, count: Int, _ context: RunContext, _ fleet: Fleet
    ) throws -> (first: ExchangeSample?, counted: [ExchangeSample]) {
        try Self.preparePayload(Self.equalWire.contains(arm) ? size + extra : size, context, fleet)
        var mode = PeerCommand(.mode)
        mode.arm = arm
        try fleet.receiver.ask(mode)
        var command = PeerCommand(.exchange)
        (command.arm, command.count, command.warmUps) = (arm, count, Self.warmUps)
        command.pauseNanoseconds = pause
        let reply = try fleet.sender.ask(command)
        return (reply.warmUps?.first, reply.exchanges ?? [])
    }

    /// What sealing takes here, before any block of the secure arm has told.
    private func sealing(_ size: Int, _ context: RunContext, _ fleet: Fleet) throws -> UInt64 {
        guard let sample = try exchange("paper", size, 0, count: 1, context, fleet).counted.last else {
            throw Failure(.wrongResult, "message/paper \(size): no reply")
        }
        return sample.seal
    }

    /// A message with one flipped bit must be refused, in every block.
    private func refuseTampered(_ fleet: Fleet, _ size: Int) throws {
        let before = try fleet.counters(of: fleet.receiver)["refusals"] ?? 0
        try fleet.sender.ask(PeerCommand(.tamper))
        let after = try fleet.counters(of: fleet.receiver)["refusals"] ?? 0
        guard after == before + 1 else {
            throw Failure(.wrongResult, "message \(size): a tampered message was accepted")
        }
    }

    private func copies(_ fleet: Fleet) throws -> [Int] {
        let (sender, receiver) = (try fleet.counters(of: fleet.sender), try fleet.counters(of: fleet.receiver))
        return [sender["copiedSending"] ?? 0, receiver["copiedGathering"] ?? 0, receiver["opened"] ?? 0]
    }

    /// Bytes that sealing adds to a message, less what the shorter element name saves.
    private func wireGrowth(_ suite: Suite) throws -> Int {
        let layout = try PaperProtection(suite).layout
        let modulus = suite.modulusBits / 8
        return layout.prefixBytes(recipientModulusBytes: modulus) + layout.suffixBytes(senderModulusBytes: modulus)
            + ElementName.sealed.name.utf8.count - ElementName.payload.name.utf8.count
    }

    // MARK: Shared with the round trips

    /// The same payload at both ends; a file's first bytes where one was named.
    static func preparePayload(_ size: Int, _ context: RunContext, _ fleet: Fleet) throws {
        for process in [fleet.sender, fleet.receiver] {
            var command = PeerCommand(.payload)
            (command.bytes, command.seed) = (size, context.options.seed)
            command.file = context.options.payloadFile?.path
            try process.ask(command)
        }
    }

    /// Every payload that arrived since it was prepared was the right one.
    static func checkReceiver(_ fleet: Fleet, _ what: String) throws {
        let wrong = try fleet.counters(of: fleet.receiver)["wrongPayloads"] ?? 0
        guard wrong == 0 else { throw Failure(.wrongResult, "\(what): \(wrong) payloads arrived changed") }
    }
}
