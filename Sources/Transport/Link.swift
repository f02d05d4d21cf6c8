public import NIOCore
internal import NIOPosix
public import Overlay

/// One connection of the JXTA TCP binding: welcomes first, then framed messages both ways.
///
/// Confined to its channel's event loop; ``deliver(_:to:)`` may be called from anywhere.
public final class Link: ChannelInboundHandler, @unchecked Sendable {
    // Sendable: every property but `channel` is touched on the channel's event loop only, which `send` checks.
    public typealias InboundIn = ByteBuffer
    public typealias OutboundOut = ByteBuffer

    /// What the owner of a link is told, on the link's event loop.
    public struct Owner: Sendable {
        public var opened: @Sendable (Link, Welcome) -> Void
        public var received: @Sendable (Link, Message, Heading) -> Void
        /// The reason is nil when the other side just closed.
        public var closed: @Sendable (Link, TransportError?) -> Void

        public init(
            opened: @escaping @Sendable (Link, Welcome) -> Void,
            received: @escaping @Sendable (Link, Message, Heading) -> Void,
            closed: @escaping @Sendable (Link, TransportError?) -> Void
        ) {
            self.opened = opened
            self.received = received
            self.closed = closed
        }
    }

    private let own: JXTAID
    private let publicAddress: String
    private let limits: FrameLimits
    /// Let go of when the link has closed: until then each holds the other.
    private var owner: Owner?
    private var channel: (any Channel)?
    private var context: ChannelHandlerContext?
    private var reader: FrameReader
    private var greeting: ByteBuffer? = ByteBuffer()
    /// For the welcome, and after it for whoever has to show who it is.
    private var deadline: Scheduled<Void>?
    private var frameDeadline: Scheduled<Void>?
    /// The number of the frame that has begun and is not complete, and when it began.
    private var unfinished = (frame: -1, since: NIODeadline.uptimeNanoseconds(0))
    private var failure: TransportError?
    private var encoder: WireEncoder
    private var decoder: WireDecoder
    public private(set) var welcome: Welcome?
    /// Where the peer at the other end listens, once that is known from its advertisement: the address that messages to
    /// it name.
    var leadsTo: String? {
        didSet { encoder.remoteTransport = leadsTo ?? encoder.remoteTransport }
    }
    /// Frames and bytes sent and received, headers included: what the wire carried.
    public private(set) var wire = WireCounts()

    public init(
        own: JXTAID, publicAddress: String, expectingAlike: Bool, limits: FrameLimits = FrameLimits(), owner: Owner
    ) {
        self.own = own
        self.publicAddress = publicAddress
        self.limits = limits
        self.owner = owner
        encoder = WireEncoder(publicAddress: publicAddress, expectingAlike: expectingAlike)
        decoder = WireDecoder(expectingAlike: expectingAlike)
        reader = FrameReader(
            limit: limits.beforeLogin, sizes: expectingAlike ? messageSizes : requestSizes)
    }

    /// The loop that the link lives on, while it is open.
    public var eventLoop: (any EventLoop)? { channel?.eventLoop }

    /// Bytes gathered by the frame reader so far.
    public var gatheredBytes: Int { reader.gatheredBytes }

    /// Frames of full size may come from now on.
    public func raiseLimit() { reader.limit = limits.afterLogin }

    /// Gives the peer at the other end a time to show who it is: the link closes unless ``settle()`` comes before.
    /// - Parameter isExcused: whether it is waiting for an answer, and gets as much time again.
    func doubt(seconds: Int64, isExcused: @escaping @Sendable () -> Bool = { false }) {
        deadline?.cancel()
        deadline = eventLoop?.scheduleTask(in: .seconds(seconds)) {
            guard !isExcused() else { return self.doubt(seconds: seconds, isExcused: isExcused) }
            self.fail(.deadline("a stranger for \(seconds) s"))
        }
    }

    /// The peer at the other end has shown who it is.
    func settle() {
        deadline?.cancel()
        deadline = nil
    }

    /// Sends a message to a pipe of the peer at the other end. On the event loop only.
    /// - Returns: the memory of the last element's content: free for the next message once the socket has taken it,
    ///   which ``PayloadBuffer/reuse(_:capacity:)`` finds out.
    @discardableResult
    public func send(_ message: consuming Message, to pipe: JXTAID, in group: JXTAID) -> ByteBuffer {
        guard let channel else { return ByteBuffer() }
        channel.eventLoop.preconditionInEventLoop()
        guard let context, channel.isWritable else {
            fail(.deadline("the peer does not read"))
            return ByteBuffer()
        }
        let encoded: MessageEncoder.Encoded
        do throws(OverlayError) { encoded = try encoder.encode(consume message, to: pipe, in: group) } catch {
            fail(.overlay(error))
            return ByteBuffer()
        }
        wire.countSent(encoded)
        if encoded.head.readableBytes > 0 { context.write(wrapOutboundOut(encoded.head), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(encoded.body), promise: nil)
        return encoded.body
    }

    /// Sends from any thread.
    public func deliver(_ message: Message, to pipe: JXTAID, in group: JXTAID) {
        guard let loop = channel?.eventLoop else { return }
        loop.execute { _ = self.send(message, to: pipe, in: group) }
    }

    /// Done when everything sent so far has been taken by the socket.
    public func flushed() -> EventLoopFuture<Void>? { channel?.writeAndFlush(ByteBuffer()) }

    public func close() {
        guard let channel else { return }
        channel.close(promise: nil)
    }

    /// Makes this link the handler of a channel that is being set up, and its reads' source of memory.
    package func attach(to channel: any Channel) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            try channel.syncOptions?.setOption(.recvAllocator, value: reader.receiving)
            try channel.pipeline.syncOperations.addHandler(self)
        }
    }

    // MARK: ChannelInboundHandler

    public func handlerAdded(context: ChannelHandlerContext) {
        channel = context.channel
        self.context = context
        if context.channel.isActive { greet(context) }
    }

    public func channelActive(context: ChannelHandlerContext) {
        greet(context)
        context.fireChannelActive()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var read = unwrapInboundIn(data)
        wire.receivedBytes += read.readableBytes - reader.knownBytes
        do throws(TransportError) {
            if greeting != nil {
                greeting?.writeBuffer(&read)
                guard var pending = greeting, let welcome = try Welcome.read(from: &pending) else { return }
                greeting = nil
                settle()
                self.welcome = welcome
                owner?.opened(self, welcome)
                read = pending
            }
            guard read.readableBytes > 0 else { return }
            let isUnfinished = try reader.feed(consume read) { (body) throws(TransportError) in try receive(body) }
            if isUnfinished { watchFrame(on: context.eventLoop) }
        } catch {
            fail(error)
        }
    }

    public func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        frameDeadline?.cancel()
        owner?.closed(self, failure)
        owner = nil
        channel = nil
        self.context = nil
        context.fireChannelInactive()
    }

    public func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(.cannotConnect("\(error)"))
    }

    // MARK: Parts

    private func greet(_ context: ChannelHandlerContext) {
        guard welcome == nil, deadline == nil else { return }
        let remote = context.remoteAddress.flatMap { address in
            address.ipAddress.map { "tcp://\($0):\(address.port ?? 0)" }
        }
        encoder.remoteTransport = remote ?? "tcp://unknown:0"
        let welcome = Welcome(destination: encoder.remoteTransport, publicAddress: publicAddress, peer: own)
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: welcome.line)), promise: nil)
        deadline = context.eventLoop.scheduleTask(in: .seconds(Patience.welcomeSeconds)) {
            self.fail(.deadline("no welcome within \(Patience.welcomeSeconds) s"))
        }
    }

    /// A frame that has begun must end: what there is of it takes memory. One timer at most, which looks again when it
    /// fires: frames that are complete in time, nearly all, set none of their own.
    private func watchFrame(on loop: any EventLoop) {
        if unfinished.frame != wire.receivedFrames { unfinished = (wire.receivedFrames, loop.now) }
        // A message may have closed the link.
        guard frameDeadline == nil, channel != nil else { return }
        frameDeadline = loop.scheduleTask(deadline: frameEnd) {
            self.frameDeadline = nil
            guard self.unfinished.frame == self.wire.receivedFrames else { return }
            guard loop.now >= self.frameEnd else { return self.watchFrame(on: loop) }
            self.fail(.deadline("a frame did not end within \(Patience.frameSeconds(self.reader.bytesUnderWay)) s"))
        }
    }

    private var frameEnd: NIODeadline {
        unfinished.since + .seconds(Patience.frameSeconds(reader.bytesUnderWay))
    }

    private func receive(_ body: ByteBuffer) throws(TransportError) {
        wire.receivedFrames += 1
        do throws(OverlayError) {
            let (message, heading) = try decoder.decode(body)
            owner?.received(self, message, heading)
        } catch {
            throw .overlay(error)
        }
    }

    /// Closes the link and tells its owner why.
    func fail(_ reason: TransportError) {
        failure = failure ?? reason
        channel?.close(promise: nil)
    }
}

public struct WireCounts: Equatable, Sendable {
    public var sentFrames = 0
    public var sentBytes = 0
    public var receivedFrames = 0
    public var receivedBytes = 0
    /// Payload bytes that moved between the caller's buffer and the socket write.
    public var copiedBytes = 0

    public init() {}

    mutating func countSent(_ encoded: MessageEncoder.Encoded) {
        sentFrames += 1
        sentBytes += encoded.readableBytes
        copiedBytes += encoded.copiedBytes
    }
}
