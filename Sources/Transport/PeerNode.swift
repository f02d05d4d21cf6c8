public import Logging
public import NIOCore
internal import NIOPosix
public import Overlay

/// A client peer on the network: a listener for other peers, a connection to a broker, and links to peers it writes
/// to. It drives one ``ClientPeer`` value on one event loop.
public final class PeerNode: @unchecked Sendable {
    // Sendable: mutable state is touched on `loop` only; public methods hop there or check that they are there.
    public struct Options: Sendable {
        /// Where to listen for other peers; port 0 lets the system choose.
        public var host: String
        public var port: Int
        /// What advertisements name instead of the listening address, for a forwarded or delayed port.
        public var advertisedAddress: String?
        public var requestSeconds: Int64
        /// How often the own advertisements are published again.
        public var renewalSeconds: Int64

        public init(
            host: String = "127.0.0.1", port: Int = 0, advertisedAddress: String? = nil, requestSeconds: Int64 = 30,
            renewalSeconds: Int64 = 300
        ) {
            self.host = host
            self.port = port
            self.advertisedAddress = advertisedAddress
            self.requestSeconds = requestSeconds
            self.renewalSeconds = renewalSeconds
        }
    }

    public let loop: any EventLoop
    private var options: Options
    private let log: Logger
    private let clock: @Sendable () -> UnixTime
    private var client: ClientPeer
    private var listener: (any Channel)?
    private var brokerLink: Link?
    private var brokerClosed: [CheckedContinuation<Void, Never>] = []
    private var pending: [UInt64: Pending] = [:]
    private var lastRequest: UInt64 = 0
    private var peerLinks: [String: PeerLink] = [:]
    private var outbox: [String: [OutgoingMessage]] = [:]
    private var accepted: [ObjectIdentifier: Link] = [:]
    private var renewal: RepeatedTask?
    private var streams: [AsyncStream<OverlayEvent>.Continuation] = []
    /// Told of every event, on the loop.
    public var onEvent: (OverlayEvent) -> Void = { _ in }
    /// Told why something that arrived was refused, on the loop.
    public var onRefusal: (OverlayError) -> Void = { _ in }

    private struct Pending {
        let resume: (Result<Message, OverlayError>) -> Void
        let deadline: Scheduled<Void>
    }

    private enum PeerLink {
        case opening
        case open(Link)
    }

    /// Messages that may wait for one connection to open; the service is best effort.
    private static let outboxLimit = 64

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

    // MARK: Joining

    /// Opens the listener that other peers send to.
    public func listen() async throws(TransportError) {
        let bootstrap = ServerBootstrap(group: loop, childGroup: loop).overlayOptions().childChannelInitializer {
            [weak self] channel in
            guard let self else { return channel.close() }
            let link = self.makeLink(for: .peer)
            self.accepted[ObjectIdentifier(link)] = link
            return channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(link) }
        }
        let place = "\(options.host):\(options.port)"
        do {
            let channel = try await bootstrap.bind(host: options.host, port: options.port).get()
            try await loop.submit { self.listener = channel }.get()
        } catch let error as IOError where error.errnoCode == EADDRINUSE {
            throw .addressInUse(place)
        } catch {
            throw .addressInvalid("\(place): \(error)")
        }
    }

    /// Where the listener listens.
    public func listeningAddress() async -> String { await onLoop { $0.localAddress } }

    /// Names another address in advertisements from now on: that of a forwarded or delayed port.
    public func advertise(_ address: String) async { await onLoop { $0.options.advertisedAddress = address } }

    private var localAddress: String { "tcp://\(options.host):\(listener?.localAddress?.port ?? 0)" }
    private var publicAddress: String { options.advertisedAddress ?? localAddress }

    /// Opens the connection to a broker and exchanges welcomes (4.2.1 step 1).
    /// - Parameter address: `tcp://host:port`.
    public func open(broker address: String) async throws(TransportError) {
        let opened = loop.makePromise(of: Void.self)
        let link = makeLink(for: .broker) { opened.completeWith($0) }
        do {
            try await connect(link, to: address).get()
            try await loop.submit { self.brokerLink = link }.get()
            try await opened.futureResult.get()
        } catch let error as TransportError {
            opened.fail(error)
            throw error
        } catch {
            opened.fail(error)
            throw .cannotConnect("\(address): \(error)")
        }
    }

    /// Performs an inquiry with the broker.
    public func perform<I: Inquiry & ~Copyable>(
        _ inquiry: consuming sending I
    ) async throws(OverlayError) -> I.Outcome {
        let reply = try await exchange(inquiry.begin())
        return try inquiry.finish(reply)
    }

    /// Sends a request to the broker and waits for its reply, up to the deadline.
    public func exchange(_ request: Message) async throws(OverlayError) -> Message {
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Message, OverlayError>, Never>) in
            loop.execute { self.ask(request) { continuation.resume(returning: $0) } }
        }
        return try result.get()
    }

    /// Takes up a membership and publishes an advertisement for each of its groups.
    public func join(_ membership: Membership, publishing: Bool = true) async throws(OverlayError) {
        await update { $0.joined(membership) }
        guard publishing else { return }
        for group in membership.groups { try await publish(group.id) }
        await onLoop { $0.startRenewal() }
    }

    /// The events of this peer as a stream, for an application that need not be told on the loop. The newest 1,024
    /// wait for a slow reader. Payloads are copied: the peer's own buffer is reused.
    public func events() async -> AsyncStream<OverlayEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: OverlayEvent.self, bufferingPolicy: .bufferingNewest(1024))
        await onLoop { $0.streams.append(continuation) }
        return stream
    }

    /// Publishes the own pipe advertisement of one group.
    public func publish(_ group: JXTAID) async throws(OverlayError) {
        let address = await onLoop { $0.publicAddress }
        let document = try await read { (client) throws(OverlayError) in
            try client.advertisement(for: group, addresses: [address])
        }
        try await perform(Publish(document))
    }

    /// Publishes every group's advertisement again from time to time: members that came and went stay known.
    private func startRenewal() {
        renewal?.cancel()
        let period = TimeAmount.seconds(options.renewalSeconds)
        renewal = loop.scheduleRepeatedTask(initialDelay: period, delay: period) { [weak self] task in
            guard let self, let groups = self.client.membership?.groups else { return task.cancel() }
            for group in groups {
                do throws(OverlayError) {
                    let document = try self.client.advertisement(for: group.id, addresses: [self.publicAddress])
                    var inquiry = Publish(document)
                    self.ask(inquiry.begin()) { result in
                        if case .failure(let error) = result { self.onRefusal(error) }
                    }
                } catch { self.onRefusal(error) }
            }
        }
    }

    /// Closes the connection to the broker and waits until it is closed.
    public func leaveBroker() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute {
                guard let link = self.brokerLink else { return continuation.resume() }
                self.brokerClosed.append(continuation)
                link.close()
            }
        }
    }

    /// Waits until messages sent so far have left, or the deadline for opening a connection has passed.
    public func drain() async {
        for _ in 0..<(Link.welcomeSeconds * 100) {
            let isEmpty = await onLoop { $0.outbox.isEmpty }
            guard !isEmpty else { break }
            try? await Task.sleep(for: .milliseconds(10))
        }
        let writes = await onLoop { node in
            node.peerLinks.values.compactMap { if case .open(let link) = $0 { link.flushed() } else { nil } }
        }
        for write in writes { try? await write.get() }
    }

    /// Sends what is waiting, then closes everything.
    public func stop() async {
        await drain()
        await leaveBroker()
        await onLoop { node in
            node.renewal?.cancel()
            for stream in node.streams { stream.finish() }
            node.streams = []
            node.listener?.close(promise: nil)
            for case .open(let link) in node.peerLinks.values { link.close() }
            for link in node.accepted.values { link.close() }
        }
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
    @discardableResult
    public func send(
        _ payload: consuming ByteBuffer, to peer: JXTAID, in group: JXTAID, secure: Bool
    ) throws(OverlayError) -> ByteBuffer {
        loop.preconditionInEventLoop()
        return transmit(try client.compose(payload, to: peer, in: group, secure: secure, at: clock()))
    }

    /// Sends to every other member of a group. On the loop only.
    /// - Returns: how many messages went out.
    @discardableResult
    public func send(_ payload: ByteBuffer, toGroup group: JXTAID, secure: Bool) throws(OverlayError) -> Int {
        loop.preconditionInEventLoop()
        let messages = try client.compose(payload, toGroup: group, secure: secure, at: clock())
        for message in messages { transmit(message) }
        return messages.count
    }

    /// Sends a message that has been composed already, or changed since.
    @discardableResult
    public func transmit(_ outgoing: consuming OutgoingMessage) -> ByteBuffer {
        loop.preconditionInEventLoop()
        guard let address = outgoing.addresses.first else {
            onRefusal(.peerUnknown(outgoing.peer.text))
            return ByteBuffer()
        }
        switch peerLinks[address] {
        case .open(let link):
            // Moved out: a message with two holders would be copied.
            var message = Message()
            swap(&message, &outgoing.message)
            return link.send(consume message, to: outgoing.pipe, in: outgoing.group)
        case .opening: break
        case nil:
            peerLinks[address] = .opening
            openPeer(address)
        }
        if outbox[address, default: []].count < Self.outboxLimit { outbox[address, default: []].append(outgoing) }
        return ByteBuffer()
    }

    /// Composes without sending: for forgeries in tests and for timing apart.
    public func withClient<R, E: Error>(_ body: (inout ClientPeer) throws(E) -> R) throws(E) -> R {
        loop.preconditionInEventLoop()
        return try body(&client)
    }

    /// Payload bytes copied on the way in and out so far. On the loop only.
    public var copies: CopyCounts {
        var counts = client.copies
        for link in accepted.values { counts.gathering += link.gatheredBytes }
        for case .open(let link) in peerLinks.values { counts.sending += link.copiedBytes }
        return counts
    }

    /// Bytes and frames on the links to and from other peers. On the loop only.
    public var peerWire: WireCounts {
        var sum = WireCounts()
        var links = Array(accepted.values)
        for case .open(let link) in peerLinks.values { links.append(link) }
        for link in links {
            sum.sentBytes += link.wire.sentBytes
            sum.sentFrames += link.wire.sentFrames
            sum.receivedBytes += link.wire.receivedBytes
            sum.receivedFrames += link.wire.receivedFrames
        }
        return sum
    }

    /// Bytes and frames on the link to the broker. On the loop only.
    public var brokerWire: WireCounts { brokerLink?.wire ?? WireCounts() }

    // MARK: Links

    private enum LinkKind { case broker, peer }

    private func makeLink(for kind: LinkKind, opened: @escaping @Sendable (Result<Void, any Error>) -> Void = { _ in })
        -> Link
    {
        Link(
            own: client.identity.peerID, publicAddress: publicAddress, expectingAlike: kind == .peer,
            owner: Link.Owner(
                opened: { link, _ in
                    link.raiseLimit()
                    opened(.success(()))
                },
                received: { [weak self] _, message, address in self?.received(message, address) },
                closed: { [weak self] link, reason in
                    opened(.failure(reason ?? TransportError.cannotConnect("closed before the welcome")))
                    self?.closed(link, kind, reason)
                }))
    }

    private func connect(_ link: Link, to address: String) -> EventLoopFuture<Void> {
        guard let (host, port) = hostAndPort(address) else {
            return loop.makeFailedFuture(TransportError.addressInvalid(address))
        }
        return ClientBootstrap(group: loop).overlayOptions().connectTimeout(.seconds(Link.welcomeSeconds))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(link) }
            }.connect(host: host, port: port).map { _ in }
    }

    private func openPeer(_ address: String) {
        let opened = loop.makePromise(of: Void.self)
        let link = makeLink(for: .peer) { opened.completeWith($0) }
        connect(link, to: address).cascadeFailure(to: opened)
        opened.futureResult.whenComplete { [weak self] result in
            guard let self, case .opening = self.peerLinks[address] else { return }
            // Taken out one by one: a message with two holders would be copied.
            var waiting = self.outbox.removeValue(forKey: address) ?? []
            switch result {
            case .success:
                self.peerLinks[address] = .open(link)
                while !waiting.isEmpty { self.transmit(waiting.removeFirst()) }
            case .failure(let error):
                self.peerLinks[address] = nil
                self.onRefusal(.disconnected("\(address): \(error)"))
            }
        }
    }

    private func received(_ message: Message, _ address: EndpointAddress) {
        if let number = message[.request]?.getInteger(at: 0, as: UInt64.self),
            let waiting = pending.removeValue(forKey: number)
        {
            waiting.deadline.cancel()
            return waiting.resume(.success(message))
        }
        do throws(OverlayError) {
            let event = try client.receive(message, on: address.pipe ?? "", at: clock())
            onEvent(event)
            if !streams.isEmpty {
                let kept = event.detached
                for stream in streams { stream.yield(kept) }
            }
        } catch {
            log.notice("message refused", metadata: ["reason": "\(error)"])
            onRefusal(error)
        }
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

    private func ask(_ request: Message, _ resume: @escaping @Sendable (Result<Message, OverlayError>) -> Void) {
        guard let link = brokerLink, let broker = link.welcome?.peer else {
            return resume(.failure(.disconnected("no connection to a broker")))
        }
        lastRequest += 1
        let number = lastRequest
        var request = request
        request.append(.request, ByteBuffer(integer: number))
        let deadline = loop.scheduleTask(in: .seconds(options.requestSeconds)) { [weak self] in
            guard let waiting = self?.pending.removeValue(forKey: number) else { return }
            waiting.resume(.failure(.disconnected("no reply within \(self?.options.requestSeconds ?? 0) s")))
        }
        pending[number] = Pending(resume: resume, deadline: deadline)
        link.send(request, to: broker.pipe(in: .netGroup), in: .netGroup)
    }
}

/// Host and port of `tcp://host:port`.
func hostAndPort(_ address: String) -> (host: String, port: Int)? {
    let prefix = "tcp://"
    guard address.hasPrefix(prefix), let colon = address.lastIndex(of: ":"),
        let port = Int(address[address.index(after: colon)...]), (1...65535).contains(port)
    else { return nil }
    let host = address[address.index(address.startIndex, offsetBy: prefix.count)..<colon]
    return host.isEmpty ? nil : (String(host), port)
}
