internal import Harness
internal import Metrology

/// null: what the harness itself costs for each sample, measured like any row with an operation that does nothing.
struct HarnessCost: Experiment {
    let title = "harness"
    private static let pairs = 2000
    /// A microsecond, in nanoseconds.
    private static let largest = 1000.0

    func rows(_ options: RunOptions) -> [String] { [options.id("null", "null")] }

    func estimateSeconds(_ options: RunOptions) -> Double { 0.1 }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let id = context.id("null", "null")
        let order = Interleaving(arms: ["null"], pairs: Self.pairs, blockSize: 100)
        let (nanoseconds, _) = try timed {
            try order.measure(seed: context.options.seed, into: &context.store, row: { _ in id }) { _ in
                // A clock that did not move still took a sample.
                max(1, timed {}.nanoseconds)
            }
        }
        context.summary.goals.append(
            Goal(
                id: id, what: "harness, a sample / 1 us",
                ratio: Double(nanoseconds) / Double(Self.pairs) / Self.largest,
                limit: 1))
    }
}
