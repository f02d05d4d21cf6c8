public import CryptoCore
internal import Dispatch
internal import Synchronization

extension RSAPrivateKey {
    /// The same key for threads that use it at once: their operations share the lanes of a vector where there are enough.
    /// - Parameter cores: operations, or batches of them, that run at the same time.
    public func gathering(onCores cores: Int) throws(OverlayError) -> RSAPrivateKey {
        let gathering = LaneGathering(of: self, cores: cores)
        return try crypto { () throws(CryptoError) in
            try gathered(by: { (job) throws(CryptoError) in try gathering.run(job) })
        }
    }
}

/// Private operations of several threads, done in batches.
///
/// Nobody waits for company: an operation that finds a core free runs at once, alone. What comes while every core is at
/// work queues, and the first of the queue does the next batch for all of it.
private final class LaneGathering: Sendable {
    private struct State {
        var running = 0
        var queue: [Waiting] = []
    }

    private let state = Mutex(State())
    private let key: RSAPrivateKey
    private let cores: Int

    init(of key: RSAPrivateKey, cores: Int) {
        precondition(cores > 0)
        self.key = key
        self.cores = cores
    }

    func run(_ job: PrivateJob) throws(CryptoError) {
        let own = Waiting(job)
        let isFree = state.withLock { state in
            guard state.running < cores else {
                state.queue.append(own)
                return false
            }
            state.running += 1
            own.batch = [own]
            return true
        }
        // Woken either with the result or with a batch to do, whose first is the own job.
        if !isFree { own.turn.wait() }
        if !own.batch.isEmpty {
            perform(own.batch)
            passOn()
        }
        if let failure = own.failure { throw failure }
    }

    private func perform(_ batch: [Waiting]) {
        // What a peer can do wrong is refused before an operation queues. A fault of the machine refuses the whole batch.
        let jobs = batch.map(\.job)
        var failure: CryptoError?
        do throws(CryptoError) { try key.apply(jobs.span) } catch { failure = error }
        for waiting in batch { waiting.failure = failure }
        for waiting in batch.dropFirst() { waiting.turn.signal() }
        // It holds itself.
        batch[0].batch = []
    }

    /// Gives the core to the first in the queue, and as many behind it as fill the lanes; too few for that stay, each for
    /// a core of its own.
    private func passOn() {
        let next = state.withLock { state -> Waiting? in
            guard !state.queue.isEmpty else {
                state.running -= 1
                return nil
            }
            let count = state.queue.count < RSAPrivateKey.leastBatch ? 1 : min(RSAPrivateKey.lanes, state.queue.count)
            let batch = Array(state.queue.prefix(count))
            state.queue.removeFirst(count)
            batch[0].batch = batch
            return batch[0]
        }
        next?.turn.signal()
    }
}

/// One thread's operation.
private final class Waiting: @unchecked Sendable {
    // Sendable: LaneGathering guarantees it: its own thread touches it until it is queued and after its turn, the thread
    // that does its batch in between, and a semaphore stands between the two.
    let job: PrivateJob
    let turn = DispatchSemaphore(value: 0)
    /// What its thread has to do, itself first; empty where another thread has done it.
    var batch: [Waiting] = []
    var failure: CryptoError?

    init(_ job: PrivateJob) { self.job = job }
}
