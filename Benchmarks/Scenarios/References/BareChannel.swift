internal import Metrology
internal import NIOCore
internal import NIOPosix
internal import Transport

/// What SwiftNIO alone takes for a round trip: the same bytes over a channel with the overlay's socket options, on the
/// peer's own event loop, and no protocol above it.
final class BareChannel: @unchecked Sendable {
    // Sendable: both properties stay as they are, and the handler's state is touched on the channel's loop only.
    // exchange() guarantees it: it alone reaches the handler from elsewhere, by a hop to that loop.
    private let channel: any Channel
    private let asking: Asking

    private init(_ channel: any Channel, _ asking: Asking) {
        self.channel = channel
        self.asking = asking
    }

    /// Listens on loopback, and answers every `size` bytes with `reply` bytes.
    /// - Parameter check: told the parts of each request after it has been answered.
    /// - Returns: the port.
    static func serve(
        size: Int, reply: Int, on loop: any EventLoop, check: @escaping @Sendable ([ByteBuffer]) -> Void
    ) async throws -> Int {
        let listener = try await ServerBootstrap(group: loop).overlayOptions().childChannelInitializer { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(
                    Answering(size: size, answer: ByteBuffer(repeating: 0, count: reply), check: check))
            }
        }.bind(host: "127.0.0.1", port: 0).get()
        return listener.localAddress?.port ?? 0
    }

    static func connect(port: Int, on loop: any EventLoop) async throws -> BareChannel {
        let asking = Asking()
        let channel = try await ClientBootstrap(group: loop).overlayOptions().channelInitializer { channel in
            channel.pipeline.addHandler(asking)
        }.connect(host: "127.0.0.1", port: port).get()
        return BareChannel(channel, asking)
    }

    /// Sends `request` so many times, each after the `reply` bytes that answer the last.
    /// - Returns: nanoseconds of each round trip.
    func exchange(_ request: ByteBuffer, reply: Int, count: Int) async throws -> [UInt64] {
        try await channel.eventLoop.flatSubmit { self.asking.start(request, reply: reply, count: count) }.get()
    }
}

private final class Answering: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let size: Int
    private let answer: ByteBuffer
    private let check: @Sendable ([ByteBuffer]) -> Void
    private var parts: [ByteBuffer] = []
    private var missing: Int

    init(size: Int, answer: ByteBuffer, check: @escaping @Sendable ([ByteBuffer]) -> Void) {
        self.size = size
        self.answer = answer
        self.check = check
        missing = size
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        missing -= part.readableBytes
        parts.append(part)
        guard missing == 0 else { return }
        context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        check(parts)
        parts.removeAll(keepingCapacity: true)
        missing = size
    }
}

private final class Asking: ChannelInboundHandler, @unchecked Sendable {
    // Sendable: touched on the channel's loop only. BareChannel guarantees it: its exchange() hops there before it calls
    // start(), and the channel calls the rest.
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var context: ChannelHandlerContext?
    private var request = ByteBuffer()
    private var (reply, missing, remaining) = (0, 0, 0)
    private var sentAt: UInt64 = 0
    private var samples: [UInt64] = []
    private var done: EventLoopPromise<[UInt64]>?

    func start(_ request: ByteBuffer, reply: Int, count: Int) -> EventLoopFuture<[UInt64]> {
        guard let context else { preconditionFailure("a connected channel has its handler") }
        self.request = request
        self.reply = reply
        remaining = count
        samples = []
        samples.reserveCapacity(count)
        let promise = context.eventLoop.makePromise(of: [UInt64].self)
        done = promise
        send(context)
        return promise.futureResult
    }

    private func send(_ context: ChannelHandlerContext) {
        missing = reply
        sentAt = Clock.wall()
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        missing -= unwrapInboundIn(data).readableBytes
        guard missing == 0 else { return }
        samples.append(Clock.wall() - sentAt)
        remaining -= 1
        guard remaining == 0 else { return send(context) }
        done?.succeed(samples)
        done = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        done?.fail(ChannelError.alreadyClosed)
        done = nil
        context.fireChannelInactive()
    }
}
