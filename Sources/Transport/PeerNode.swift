public import Logging
public import NIOCore
internal import NIOPosix
public import Overlay

/// A client peer on the network: a listener for other peers, a connection to a broker, and links to peers it writes
/// to. It drives one ``ClientPeer`` value on one event loop.
///
/// Its listener, links and timers keep it alive until ``stop()``.
public final class PeerNode: @unchecked Sendable {
    // Sendable: mutable state is touched on `loop` only; public methods hop there or check that they are there.
    public let loop: any EventLoop
    var options: Options
    private let log: Logger
    let clock: @Sendable () -> UnixTime
    var client: ClientPeer
    var listener: (any Channel)?
    var brokerLink: Link?
    var brokerClosed: [CheckedContinuation<Void, Never>] = []
    private var pending: [UInt64: Pending] = [:]
    private var lastRequest: UInt64 = 0
    var peerLinks: [String: PeerLink] = [:] {
        didSet { recent = nil }
    }
    /// The link that the last message went over: the next one usually takes it too.
    private var recent: (address: String, link: Link)?
    var outbox: [String: [OutgoingMessage]] = [:]
    var accepted: [ObjectIdentifier: Link] = [:]
    var renewal: RepeatedTask?
    var streams: [AsyncStream<OverlayEvent>.Continuation] = []
    /// Told of every event, on the loop.
    public var onEvent: (OverlayEvent) -> Void = { _ in }
    /// Told why something that arrived was refused, on the loop.
    public var onRefusal: (OverlayError) -> Void = { _ in }

    private struct Pending {
        let resume: (Result<Message, OverlayError>) -> Void
        let deadline: Scheduled<Void>
    }

    enum PeerLink {
        case opening
        case open(Link)
    }

    /// Messages that may wait for one connection to open; the service is best effort.
    private static let outboxLimit = 64
    /// Connections that other peers may have open here.
    static let acceptLimit = 1024

    public init(
        _ client: ClientPeer, options: Options = Options(), on loop: any EventLoop, log: Logger,
        clock: @escaping @Sendable () -> UnixTime
    ) {
        self.client = client
        self.options = options
        self.loop = loop
        self.log = log
        self.clock = clock
    }

    // MARK: The client value

    /// Changes the client on its loop.
    public func update(_ body: @escaping @Sendable (inout ClientPeer) -> Void) async {
        await onLoop { node in body(&node.client) }
    }

    /// Reads from the client on its loop.
    public func read<R: Sendable>(
        _ body: @escaping @Sendable (ClientPeer) throws(OverlayError) -> R
    ) async throws(OverlayError) -> R {
        let result: Result<R, OverlayError> = await onLoop { node in
            do throws(OverlayError) { return .success(try body(node.client)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    /// Runs on the loop and waits for it.
    public func onLoop<R: Sendable>(_ body: @escaping @Sendable (PeerNode) -> R) async -> R {
        await withCheckedContinuation { continuation in
            loop.execute { continuation.resume(returning: body(self)) }
        }
    }

    // MARK: Messages, on the loop

    /// Sends to one member of a group. On the loop only; composes, writes and returns: nothing waits.
    ///
    /// Hand the payload over with `consume`: a buffer that is held elsewhere is copied before it is sealed.
    /// - Returns: the payload's memory, for the next one.
    /// - Throws: `.tooLarge` for a payload that no frame holds, before anything is computed.
    @discardableResult
    public func send(
        _ payload: consuming ByteBuffer, to peer: JXTAID, in group: JXTAID, secure: Bool
    ) throws(OverlayError) -> ByteBuffer {
        loop.preconditionInEventLoop()
        try check(payload.readableBytes)
        return transmit(try client.compose(payload, to: peer, in: group, secure: secure, at: clock()))
    }

    /// Sends to every other member of a group. On the loop only.
    /// - Returns: how many messages went out.
    @discardableResult
    public func send(_ payload: ByteBuffer, toGroup group: JXTAID, secure: Bool) throws(OverlayError) -> Int {
        loop.preconditionInEventLoop()
        try check(payload.readableBytes)
        let messages = try client.compose(payload, toGroup: group, secure: secure, at: clock())
        for message in messages { transmit(message) }
        return messages.count
    }

    /// The other side would close the connection over a longer frame, and lose what else is on it.
    private func check(_ payloadBytes: Int) throws(OverlayError) {
        let limit = options.frameLimits.payload
        guard payloadBytes <= limit else { throw .tooLarge(what: "payload", limit: limit, actual: payloadBytes) }
    }

    /// Sends a message that has been composed already, or changed since.
    @discardableResult
    public func transmit(_ outgoing: consuming OutgoingMessage) -> ByteBuffer {
        loop.preconditionInEventLoop()
        guard let address = outgoing.addresses.first else {
            onRefusal(.peerUnknown(outgoing.peer.text))
            return ByteBuffer()
        }
        if let link = openLink(to: address) {
            // Moved out: a message with two holders would be copied.
            var message = Message()
            swap(&message, &outgoing.message)
            return link.send(consume message, to: outgoing.pipe, in: outgoing.group)
        }
        if peerLinks[address] == nil {
            peerLinks[address] = .opening
            openPeer(address)
        }
        if outbox[address, default: []].count < Self.outboxLimit {
            outbox[address, default: []].append(outgoing)
        } else {
            onRefusal(.disconnected("\(address): \(Self.outboxLimit) messages wait for the connection already"))
        }
        return ByteBuffer()
    }

    private func openLink(to address: String) -> Link? {
        if recent?.address == address { return recent?.link }
        guard case .open(let link) = peerLinks[address] else { return nil }
        recent = (address, link)
        return link
    }

    /// Composes without sending: for forgeries in tests and for timing apart.
    public func withClient<R, E: Error>(_ body: (inout ClientPeer) throws(E) -> R) throws(E) -> R {
        loop.preconditionInEventLoop()
        return try body(&client)
    }

    // MARK: Links

    enum LinkKind { case broker, peer, accepted }

    func makeLink(for kind: LinkKind, opened: @escaping @Sendable (Result<Void, any Error>) -> Void = { _ in })
        -> Link
    {
        Link(
            own: client.identity.peerID, publicAddress: publicAddress, expectingAlike: kind != .broker,
            limits: options.frameLimits,
            owner: Link.Owner(
                opened: { link, _ in
                    link.raiseLimit()
                    if kind == .accepted { link.doubt(seconds: self.options.strangerSeconds) }
                    opened(.success(()))
                },
                received: { link, message, heading in self.received(message, heading, on: link, from: kind) },
                closed: { link, reason in
                    opened(.failure(reason ?? TransportError.cannotConnect("closed before the welcome")))
                    self.closed(link, kind, reason)
                }))
    }

    func connect(_ link: Link, to address: String) -> EventLoopFuture<Void> {
        guard let (host, port) = hostAndPort(address) else {
            return loop.makeFailedFuture(TransportError.addressInvalid(address))
        }
        return ClientBootstrap(group: loop).overlayOptions().connectTimeout(.seconds(Patience.welcomeSeconds))
            .channelInitializer { channel in
                link.attach(to: channel)
            }.connect(host: host, port: port).map { _ in }
    }

    private func openPeer(_ address: String) {
        let opened = loop.makePromise(of: Void.self)
        let link = makeLink(for: .peer) { opened.completeWith($0) }
        connect(link, to: address).cascadeFailure(to: opened)
        opened.futureResult.whenComplete { result in
            guard case .opening = self.peerLinks[address] else { return }
            // Taken out one by one: a message with two holders would be copied.
            var waiting = self.outbox.removeValue(forKey: address) ?? []
            switch result {
            case .success:
                link.leadsTo = address
                self.peerLinks[address] = .open(link)
                while !waiting.isEmpty { self.transmit(waiting.removeFirst()) }
            case .failure(let error):
                self.peerLinks[address] = nil
                self.onRefusal(.disconnected("\(address): \(error)"))
            }
        }
    }

    private func received(_ message: Message, _ heading: Heading, on link: Link, from kind: LinkKind) {
        // Replies, advertisements and presence come from the broker; other peers send messages and nothing else.
        guard kind == .broker || heading.sender != nil else { return onRefusal(.senderMismatch) }
        if kind == .broker, let number = message[.request]?.getInteger(at: 0, as: UInt64.self),
            let waiting = pending.removeValue(forKey: number)
        {
            waiting.deadline.cancel()
            return waiting.resume(.success(message))
        }
        do throws(OverlayError) {
            let event = try client.receive(message, under: heading, at: clock())
            if case .message(let message) = event, link.leadsTo == nil {
                link.settle()
                learnWay(to: message, over: link)
            }
            onEvent(event)
            if !streams.isEmpty { feedStreams(event) }
        } catch {
            log.notice("message refused", metadata: ["reason": "\(error)"])
            onRefusal(error)
        }
    }

    /// Not inline: every message would look the stream's type up, with a stream or without.
    @inline(never)
    private func feedStreams(_ event: OverlayEvent) {
        let kept = event.detached
        for stream in streams { stream.yield(kept) }
    }

    /// A connection carries messages both ways: replies to a peer that opened one go back over it, and its
    /// acknowledgements with them. Only after a message that was accepted on it, which in the secure profile has shown
    /// who the peer is; a welcome claims what it likes.
    private func learnWay(to message: InboundMessage, over link: Link) {
        guard let address = client.roster[message.group, message.sender]?.advertisement.addresses.first else { return }
        link.leadsTo = address
        if peerLinks[address] == nil { peerLinks[address] = .open(link) }
    }

    private func closed(_ link: Link, _ kind: LinkKind, _ reason: TransportError?) {
        if let reason { log.info("link closed", metadata: ["reason": "\(reason)"]) }
        accepted[ObjectIdentifier(link)] = nil
        for (address, known) in peerLinks {
            if case .open(let open) = known, open === link { peerLinks[address] = nil }
        }
        guard kind == .broker, brokerLink === link else { return }
        brokerLink = nil
        client.loggedOut()
        for waiting in pending.values {
            waiting.deadline.cancel()
            waiting.resume(.failure(.disconnected("the broker closed the connection")))
        }
        pending = [:]
        for continuation in brokerClosed { continuation.resume() }
        brokerClosed = []
    }

    func ask(_ request: Message, _ resume: @escaping @Sendable (Result<Message, OverlayError>) -> Void) {
        guard let link = brokerLink, let broker = link.welcome?.peer else {
            return resume(.failure(.disconnected("no connection to a broker")))
        }
        lastRequest += 1
        let number = lastRequest
        var request = request
        request.append(.request, ByteBuffer(integer: number))
        let deadline = loop.scheduleTask(in: .seconds(options.requestSeconds)) {
            guard let waiting = self.pending.removeValue(forKey: number) else { return }
            waiting.resume(.failure(.disconnected("no reply within \(self.options.requestSeconds) s")))
        }
        pending[number] = Pending(resume: resume, deadline: deadline)
        link.send(request, to: broker.pipe(in: .netGroup), in: .netGroup)
    }
}
