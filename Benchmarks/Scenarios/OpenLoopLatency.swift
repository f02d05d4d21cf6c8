internal import Harness
internal import Metrology

/// message-open: latency of messages that come at a fixed rate, from their intended start. Only with `--rate`.
struct OpenLoopLatency: Experiment {
    let title = "open loop"
    let needsMembers = true
    let rate: Double

    private var interval: UInt64 { UInt64((1e9 / rate).rounded()) }

    func rows(_ options: RunOptions) -> [String] {
        options.plan.payloadSizes.flatMap { size in arms(options).map { options.id("message-open", $0, size) } }
    }

    private func arms(_ options: RunOptions) -> [String] { ["plain", "paper"].filter(options.arms.contains) }

    /// A second of messages, at least as many as pairs were asked for.
    private func count(_ options: RunOptions) -> Int { max(options.plan.messagePairs, Int(rate.rounded(.up))) }

    func estimateSeconds(_ options: RunOptions) -> Double { Double(rows(options).count * count(options)) / rate }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let options = context.options
        for size in options.plan.payloadSizes {
            try MessageOverhead.preparePayload(size, context, fleet)
            for arm in arms(options) {
                try context.checkpoint()
                try measure(arm, size, context, fleet)
                context.progress.advance(Double(count(options)) / rate, now: "open loop \(arm) \(size)")
            }
        }
    }

    private func measure(_ arm: String, _ size: Int, _ context: RunContext, _ fleet: Fleet) throws {
        var command = PeerCommand(.openLoop)
        (command.arm, command.count, command.intervalNanoseconds) = (arm, count(context.options), interval)
        let samples = try fleet.sender.ask(command).openSamples ?? []
        guard samples.count == count(context.options) else {
            throw Failure(.wrongResult, "message-open/\(arm) \(size): \(samples.count) of \(count(context.options))")
        }
        try MessageOverhead.checkReceiver(fleet, "message-open/\(arm) \(size)")
        let id = context.id("message-open", arm, size)
        let punctuality = Punctuality(lateness: samples.map(\.lateness), intervalNanoseconds: interval)
        context.count("\(id): late sends of \(punctuality.count) at \(Int(rate))/s", punctuality.late, "messages")
        guard !punctuality.isSaturated else {
            context.summary.voided.append(
                Voided(
                    id: id,
                    reason:
                        "the generator was saturated: \(punctuality.overtaken) of \(punctuality.count) sends began an interval late"
                ))
            return
        }
        context.measuredAlone(id)
        for (pair, sample) in samples.enumerated() {
            context.add(id, pair: pair, block: pair / 50, max(1, sample.latency))
        }
    }
}
