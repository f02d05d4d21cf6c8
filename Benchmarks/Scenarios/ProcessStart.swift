internal import Harness

/// start/peer: from the start of a peer's process to its first reply. No join contains it.
struct ProcessStart: Experiment {
    let title = "process start"
    private static let pairs = 10

    func rows(_ options: RunOptions) -> [String] { [options.id("start", "peer")] }

    func estimateSeconds(_ options: RunOptions) -> Double { 0.5 }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let id = context.id("start", "peer")
        context.measuredAlone(id)
        var command = PeerCommand(.pin)
        command.cores = [0]
        for pair in 0..<Self.pairs {
            try context.checkpoint()
            let (nanoseconds, process) = try timed {
                let process = try ChildProcess("start", ["bench-peer"])
                try process.ask(command)
                return process
            }
            process.stop()
            context.add(id, pair: pair, block: 0, nanoseconds)
        }
        context.progress.advance(estimateSeconds(context.options), now: title)
    }
}
