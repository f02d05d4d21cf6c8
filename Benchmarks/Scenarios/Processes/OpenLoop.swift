internal import Metrology
internal import NIOCore
internal import Overlay
internal import Transport

/// Sends at a fixed rate from a peer's event loop, whatever has been answered, and collects when each message arrived.
final class OpenLoop: @unchecked Sendable {
    // Sendable: touched on the node's event loop only. PingPong guarantees it: it makes one in startOpenLoop(), which
    // checks that it is on that loop, and calls it from there; timers are the loop's own.
    private let node: PeerNode
    private let send: () throws(OverlayError) -> Void
    private var schedule: OpenSchedule
    private var intended: [UInt64] = []
    private var lateness: [UInt64] = []
    private var latencies: [UInt64] = []
    private var finished: ((Result<[OpenSample], OverlayError>) -> Void)?
    private var deadline: Scheduled<Void>?

    /// After the last send: what has not arrived by then is lost.
    private static let patience = TimeAmount.seconds(10)
    private static let leadNanoseconds: UInt64 = 5_000_000

    /// - Parameter send: composes and writes one message, on the loop.
    init(
        _ node: PeerNode, intervalNanoseconds: UInt64, count: Int, send: @escaping () throws(OverlayError) -> Void,
        finished: @escaping (Result<[OpenSample], OverlayError>) -> Void
    ) {
        self.node = node
        self.send = send
        self.finished = finished
        schedule = OpenSchedule(
            start: Clock.wall() + Self.leadNanoseconds, intervalNanoseconds: intervalNanoseconds, count: count)
    }

    /// Sends all that is due, and comes back for the next.
    func tick() {
        guard finished != nil else { return }
        while let time = schedule.takeDue(at: Clock.wall()) {
            intended.append(time)
            lateness.append(Clock.wall() - time)
            do throws(OverlayError) { try send() } catch { return end(.failure(error)) }
        }
        if let upcoming = schedule.upcoming {
            let now = Clock.wall()
            let wait = Int64(upcoming > now ? upcoming - now : 0)
            node.loop.scheduleTask(in: .nanoseconds(wait)) { self.tick() }
        } else {
            deadline = node.loop.scheduleTask(in: Self.patience) {
                self.end(
                    .failure(.disconnected("\(self.intended.count - self.latencies.count) messages were not answered")))
            }
        }
    }

    /// An answer came: answers come in the order of the messages, on one connection.
    func arrived(at time: UInt64) {
        guard latencies.count < intended.count else { return }
        latencies.append(time &- intended[latencies.count])
        guard latencies.count == schedule.count else { return }
        end(.success(zip(latencies, lateness).map { OpenSample(latency: $0, lateness: $1) }))
    }

    private func end(_ result: Result<[OpenSample], OverlayError>) {
        deadline?.cancel()
        let finished = finished
        self.finished = nil
        finished?(result)
    }
}
