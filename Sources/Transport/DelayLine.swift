internal import NIOCore
internal import NIOPosix

/// A shaped link in user space: a relay that puts bytes onto a wire of a given speed and holds them back for half of a
/// round-trip time, each way.
///
/// Results over it are of kind `emulated`. Timers fire late, never early, by some tens of microseconds: a link is
/// measured back before it is used.
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
        let (target, shape) = (target, shape)
        let bootstrap = ServerBootstrap(group: group).overlayOptions().childChannelInitializer { near in
            let towardsFar = DelayHandler(shape)
            let towardsNear = DelayHandler(shape)
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

/// Passes what it reads to the other side's channel, later: after the bytes before it are on the wire, it is, and half a
/// round trip has passed.
private final class DelayHandler: ChannelInboundHandler, @unchecked Sendable {
    // Sendable: both channels share one event loop.
    typealias InboundIn = ByteBuffer
    private let shape: LinkShape
    private var wireIsFree = NIODeadline.uptimeNanoseconds(0)
    var peer: (any Channel)?

    init(_ shape: LinkShape) { self.shape = shape }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        let start = max(wireIsFree, context.eventLoop.now)
        wireIsFree = start + .nanoseconds(shape.transferNanoseconds(bytes.readableBytes))
        // Equal deadlines fire in the order in which they were scheduled, so bytes stay in order.
        context.eventLoop.scheduleTask(deadline: wireIsFree + shape.oneWay) { [peer] in
            peer?.writeAndFlush(bytes, promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        let last = max(wireIsFree, context.eventLoop.now) + shape.oneWay
        context.eventLoop.scheduleTask(deadline: last) { [peer] in peer?.close(promise: nil) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
