internal import CryptoCore
internal import Harness
internal import Metrology

/// join-rush: the broker's CPU for each of 32 clients that join at once, where the private operations of all of them
/// share lanes and where each runs alone. Two brokers with one identity and one database take turns.
///
/// H is left out: the accounts' hashes cost some microseconds.
struct JoinRush: Experiment {
    let title = "joins at once"
    private static let clients = 32

    func rows(_ options: RunOptions) -> [String] {
        Arm.allCases.map { options.id("join-rush", $0.rawValue, Self.clients) }
    }

    func estimateSeconds(_ options: RunOptions) -> Double { 4 + 0.3 * Double(options.plan.operationPairs) }

    private enum Arm: String, CaseIterable {
        case gathered, alone

        var argument: String { self == .gathered ? "--gathering" : "--no-gathering" }
    }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        try fleet.addRushUsers(Self.clients)
        var brokers: [Arm: (process: ChildProcess, address: String)] = [:]
        defer { for broker in brokers.values { broker.process.stop() } }
        for arm in Arm.allCases { brokers[arm] = try fleet.startBroker([arm.argument]) }
        let crowd = try ChildProcess("clients", ["bench-peer"])
        defer { crowd.stop() }
        let order = Interleaving(
            arms: Arm.allCases.map(\.rawValue), pairs: context.options.plan.operationPairs, blockSize: 4)
        for arm in Arm.allCases { context.measuredOnCPU(id(arm, context)) }
        try order.measure(
            seed: context.options.seed, into: &context.store,
            row: { context.id("join-rush", $0, Self.clients) },
            { name in
                guard let arm = Arm(rawValue: name), let broker = brokers[arm] else {
                    throw Failure(.internalError, name)
                }
                var command = PeerCommand(.rush)
                command.count = Self.clients
                command.configuration = fleet.idleConfiguration
                command.configuration?.broker = broker.address
                let before = Clock.processCPU(of: broker.process.processID)
                try crowd.ask(command)
                return (Clock.processCPU(of: broker.process.processID) - before) / UInt64(Self.clients)
            })
        context.addFloor(
            id(.alone, context), under: id(.gathered, context), what: "the broker that gathers nothing",
            limit: context.engines.private == .ifma ? 0.6 : 1)
        context.progress.advance(estimateSeconds(context.options), now: title)
    }

    private func id(_ arm: Arm, _ context: RunContext) -> String { context.id("join-rush", arm.rawValue, Self.clients) }
}
