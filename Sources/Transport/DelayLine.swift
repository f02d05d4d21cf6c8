internal import NIOCore
internal import NIOPosix

/// A shaped link in user space: a relay that holds every byte back for half of a round-trip time, each way.
///
/// Results over it are of kind `emulated`. Timers fire late, never early, by some tens of microseconds.
public final class DelayLine: Sendable {
    private let shape: LinkShape
    private let target: (host: String, port: Int)
    private let group: MultiThreadedEventLoopGroup

    /// - Parameter target: `tcp://host:port` to relay to.
    public init(_ shape: LinkShape, to target: String) throws(TransportError) {
        guard let place = hostAndPort(target) else { throw .addressInvalid(target) }
        self.shape = shape
        self.target = place
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    }

    /// - Returns: the address to use instead of the target's.
    public func start() async throws(TransportError) -> String {
        let (target, delay) = (target, shape.oneWay)
        let bootstrap = ServerBootstrap(group: group).overlayOptions().childChannelInitializer { near in
            let towardsFar = DelayHandler(delay)
            let towardsNear = DelayHandler(delay)
            return ClientBootstrap(group: near.eventLoop).overlayOptions().channelInitializer { far in
                far.eventLoop.makeCompletedFuture { try far.pipeline.syncOperations.addHandler(towardsNear) }
            }.connect(host: target.host, port: target.port).flatMapThrowing { far in
                towardsFar.peer = far
                towardsNear.peer = near
                try near.pipeline.syncOperations.addHandler(towardsFar)
            }
        }
        do {
            let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
            return "tcp://127.0.0.1:\(channel.localAddress?.port ?? 0)"
        } catch {
            throw .addressInvalid("\(error)")
        }
    }

    public func stop() async { try? await group.shutdownGracefully() }
}

/// What `--link` says.
public struct LinkShape: Equatable, Sendable {
    public let roundTripNanoseconds: Int64

    public init(roundTripNanoseconds: Int64) { self.roundTripNanoseconds = roundTripNanoseconds }

    /// `rtt=10ms`; units us, ms and s.
    public init(_ text: String) throws(TransportError) {
        let units: [(String, Double)] = [("us", 1e3), ("ms", 1e6), ("s", 1e9)]
        guard text.hasPrefix("rtt="), let unit = units.first(where: { text.hasSuffix($0.0) }),
            let value = Double(text.dropFirst(4).dropLast(unit.0.count)), value > 0, value * unit.1 <= 10e9
        else { throw .addressInvalid("link '\(text)': expected rtt=10ms, with us, ms or s, up to 10s") }
        self.init(roundTripNanoseconds: Int64(value * unit.1))
    }

    var oneWay: TimeAmount { .nanoseconds(roundTripNanoseconds / 2) }
}

/// Passes what it reads to the other side's channel, later.
private final class DelayHandler: ChannelInboundHandler, @unchecked Sendable {
    // Sendable: both channels share one event loop.
    typealias InboundIn = ByteBuffer
    private let delay: TimeAmount
    var peer: (any Channel)?

    init(_ delay: TimeAmount) { self.delay = delay }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        // Equal deadlines fire in the order in which they were scheduled, so bytes stay in order.
        context.eventLoop.scheduleTask(in: delay) { [peer] in peer?.writeAndFlush(bytes, promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) {
        context.eventLoop.scheduleTask(in: delay) { [peer] in peer?.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
