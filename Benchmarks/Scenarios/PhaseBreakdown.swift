internal import CryptoCore
internal import Harness
internal import Metrology
internal import NIOCore
internal import Overlay
internal import Transport

/// Where the time of a join and of a message goes: a second pass, in this process and over in-memory links, with the
/// clock at the seams. The wire is measured apart, as many bytes over a blocking socket, and added. What the headline
/// rows measured was never decorated.
struct PhaseBreakdown: Experiment {
    let title = "phases"

    private static let sizes = [1024, 1 << 20]
    /// What may stay unexplained, as a share of the whole.
    private static let largestOther = (join: 0.05, message: 0.10)

    func rows(_ options: RunOptions) -> [String] { [] }

    func estimateSeconds(_ options: RunOptions) -> Double { 1 + 0.09 * Double(repetitions(options)) }

    private func repetitions(_ options: RunOptions) -> Int { max(10, options.plan.joinPairs) }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let options = context.options
        let keys = try (0..<CountedNetwork.keyCount).map { _ in
            try RSAPrivateKey.generate(for: options.suite, engines: context.engines)
        }
        let network = try CountedNetwork(
            suite: options.suite, keys: keys, engines: context.engines, passwordCost: PasswordHash.standardCost)
        for arm in ["plain", "paper"] where options.arms.contains(arm) {
            try context.checkpoint()
            try measure(context.id("join", arm), largestOther: Self.largestOther.join, context) {
                arm == "paper" ? try network.joinSecurely() : try network.joinPlain()
                return network.wire
            }
        }
        guard options.arms.contains("paper") else { return }
        try network.introduce()
        for size in Self.sizes {
            for arm in ["paper", "paper-uncached"] where options.arms.contains(arm) {
                try context.checkpoint()
                try measureMessage(arm, size, network, context)
            }
        }
        context.progress.advance(estimateSeconds(options), now: title)
    }

    private func measureMessage(_ arm: String, _ size: Int, _ network: CountedNetwork, _ context: RunContext) throws {
        var generator = SeededGenerator(seed: context.options.seed)
        let payload = generator.bytes(size)
        var filled = PayloadBuffer.make(payload)
        var sent = network.messageWire.sentBytes
        try measure(
            context.id("message", arm, size), largestOther: Self.largestOther.message, context,
            prepare: {
                filled = PayloadBuffer.make(payload)
                if arm == "paper-uncached" { network.forgetVerifications() }
            }
        ) {
            // Moved out: a second holder would make sealing copy the payload.
            var outgoing = ByteBuffer()
            swap(&outgoing, &filled)
            let received = try network.send(consume outgoing, secure: true)
            guard received.readableBytes == size else { throw Failure(.wrongResult, "phases: message \(size)") }
            var one = WireCounts()
            (one.sentFrames, one.sentBytes) = (1, network.messageWire.sentBytes - sent)
            sent = network.messageWire.sentBytes
            return one
        }
    }

    private func measure(
        _ id: String, largestOther: Double, _ context: RunContext, prepare: () -> Void = {},
        _ operation: () throws -> WireCounts
    ) throws {
        let ledger = PhaseLedger()
        let count = repetitions(context.options)
        var wire = WireCounts()
        var total: UInt64 = 0
        // The first ones warm caches and templates up and are not charged.
        for repetition in -3..<count {
            prepare()
            if repetition >= 0 {
                Phase.observe(
                    with: Phase.Observer(
                        began: { ledger.began(at: Clock.wall()) },
                        ended: { name, bytes in ledger.ended("\(name)", bytes: bytes, at: Clock.wall()) }))
            }
            defer { Phase.observe(with: nil) }
            let start = Clock.wall()
            wire = try operation()
            if repetition >= 0 { total += Clock.wall() - start }
        }
        let carried = try Self.carriage(of: wire)
        total += carried * UInt64(count)
        let frames = wire.sentFrames + wire.receivedFrames
        let onWire = PhaseLedger.Entry(
            name: "wire", nanoseconds: carried * UInt64(count), count: count * frames,
            bytes: count * (wire.sentBytes + wire.receivedBytes))
        let explained = (ledger.entries + [onWire]).reduce(0) { $0 + $1.nanoseconds }
        let other = PhaseLedger.Entry(
            name: "other", nanoseconds: total > explained ? total - explained : 0, count: count, bytes: 0)
        for entry in ledger.entries + [onWire, other] {
            context.summary.phases.append(
                PhaseShare(
                    id: id, phase: entry.name, nanoseconds: Int(entry.nanoseconds) / count,
                    percent: 100 * Double(entry.nanoseconds) / Double(total), count: entry.count / count,
                    bytes: entry.bytes / count))
        }
        context.summary.goals.append(
            Goal(
                id: id, what: "\(id): phases leave unexplained", ratio: Double(other.nanoseconds) / Double(total),
                limit: largestOther))
    }

    /// Nanoseconds of the same frames over a blocking socket, one after the other; all are taken as equally long.
    private static func carriage(of wire: WireCounts) throws -> UInt64 {
        let frames = max(1, wire.sentFrames + wire.receivedFrames)
        let bytes = (wire.sentBytes + wire.receivedBytes) / frames
        return UInt64(Double(frames) * (try KernelPrices.oneWay(bytes)).rounded())
    }
}
