internal import CryptoCore
internal import Harness
internal import Projection

/// The work of the operations that the run measures, counted: what a projection to another machine starts from.
struct WorkRecord: Experiment {
    let title = "counted work"

    func rows(_ options: RunOptions) -> [String] { [] }

    func estimateSeconds(_ options: RunOptions) -> Double { 12 }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        var run = CountRun(suite: context.options.suite, engine: .openSSL)
        run.only = Set(run.rows.filter(WorkTable.isPriced))
        try context.checkpoint()
        let counts = try run.execute(requiresInstructions: false)
        try context.folder?.write(work: counts)
        if let reason = counts.notCounted {
            context.summary.voided.append(Voided(id: "work: instructions", reason: reason))
        }
        context.progress.advance(estimateSeconds(context.options), now: title)
    }
}
