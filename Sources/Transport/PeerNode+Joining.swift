internal import NIOCore
internal import NIOPosix
public import Overlay

/// Joining and leaving: the listener, the connection to a broker, inquiries and publications.
extension PeerNode {
    /// Opens the listener that other peers send to.
    public func listen() async throws(TransportError) {
        let bootstrap = ServerBootstrap(group: loop, childGroup: loop).overlayOptions()
            .childChannelInitializer { channel in
                guard self.accepted.count < Self.acceptLimit else { return channel.close() }
                let link = self.makeLink(for: .accepted)
                self.accepted[ObjectIdentifier(link)] = link
                return link.attach(to: channel)
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
    var publicAddress: String { options.advertisedAddress ?? localAddress }

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

    /// Publishes every group's advertisement again from time to time: members that came and went stay known. Ends, and
    /// says so, when the credential has.
    func startRenewal() {
        renewal?.cancel()
        let period = TimeAmount.seconds(options.renewalSeconds)
        renewal = loop.scheduleRepeatedTask(initialDelay: period, delay: period) { task in
            guard let membership = self.client.membership else { return task.cancel() }
            do throws(OverlayError) {
                if membership.credential != nil { try self.client.checkCredential(at: self.clock()) }
            } catch {
                task.cancel()
                return self.onRefusal(error)
            }
            for group in membership.groups {
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
        await onLoop { $0.brokerLink?.close() }
        await brokerHasClosed()
    }

    /// Waits until the connection to the broker is closed, by whichever side.
    public func brokerHasClosed() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            loop.execute {
                guard self.brokerLink != nil else { return continuation.resume() }
                self.brokerClosed.append(continuation)
            }
        }
    }

    /// Waits until messages sent so far have left, or the deadline for opening a connection has passed.
    public func drain() async {
        for _ in 0..<(Patience.welcomeSeconds * 100) {
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
            for link in node.allPeerLinks { link.close() }
        }
    }
}
