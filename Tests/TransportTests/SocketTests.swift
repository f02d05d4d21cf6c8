import CryptoCore
import Logging
import NIOCore
import NIOPosix
import Overlay
import Synchronization
import TestSupport
import Testing
import Transport

@Suite("Real sockets", .serialized)
struct SocketTests {
    private let network = RealNetwork()

    @Test("two peers join over TCP and exchange messages of every size class", arguments: [1, 1024, 100_000, 1 << 20])
    func messages(_ size: Int) async throws {
        try await network.withPair { ada, bob, group in
            let arrived = await network.payloads(to: bob)
            let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            // Three at once: what follows a large body may come with its last read.
            let payloads: [[UInt8]] = [payload, [1, 2, 3], payload.reversed()]
            try await network.send(payloads, from: ada, to: bob, in: group)
            var iterator = arrived.makeAsyncIterator()
            for payload in payloads { #expect(await iterator.next() == payload) }
            let gathered = await bob.onLoop { $0.copies.gathering }
            #expect(gathered <= size, "two large bodies, and most of each was read into its place")
            let copies = await ada.onLoop { $0.copies.sending }
            #expect(copies == 0, "nothing is copied between the application's buffer and the socket write")
        }
    }

    @Test("of large messages in a row only the first is gathered, and small ones between them arrive as they are")
    func largeInARow() async throws {
        try await network.withPair { ada, bob, group in
            var iterator = await network.payloads(to: bob).makeAsyncIterator()
            func deliver(_ size: Int) async throws -> Int {
                let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) }
                try await network.send([payload], from: ada, to: bob, in: group)
                #expect(await iterator.next() == payload)
                return await bob.onLoop { $0.copies.gathering }
            }
            let first = try await deliver(1 << 20)
            for size in [1 << 20, 1 << 20, (1 << 20) - 5000] { #expect(try await deliver(size) == first) }
            // The memory for a large one is there when it comes, however small those before it were.
            for size in [1, 300_000, 2, 3, 1 << 20, 200_000, 1 << 20] { #expect(try await deliver(size) == first) }
        }
    }

    @Test("another peer cannot push presence: that comes from the broker")
    func forgedPresence() async throws {
        try await network.withPair { ada, bob, group in
            let (refused, feed) = AsyncStream.makeStream(of: OverlayError.self)
            await bob.onLoop { $0.onRefusal = { feed.yield($0) } }
            let adaID = try await ada.read { client in client.identity.peerID }
            let bobID = try await bob.read { client in client.identity.peerID }
            let listening = await bob.listeningAddress()
            var forged = Message()
            forged.append(.primitive, text: "presence")
            forged.append(
                .presence,
                text: PresenceAdvertisement(peer: adaID, user: "ada", group: group, status: .offline).document)
            let message = forged
            await ada.onLoop { node in
                _ = node.transmit(
                    OutgoingMessage(
                        peer: bobID, pipe: bobID.pipe(in: group), group: group, addresses: [listening],
                        message: message))
            }
            var iterator = refused.makeAsyncIterator()
            #expect(await iterator.next() == .senderMismatch)
        }
    }

    @Test(
        "a reply goes back over the connection that a message came on, but not after one that was refused",
        arguments: [false, true])
    func wayBack(isTampered: Bool) async throws {
        try await network.withPair { ada, bob, group in
            let (heard, feed) = AsyncStream.makeStream(of: String.self)
            for (name, peer) in [("ada", ada), ("bob", bob)] {
                await peer.onLoop { node in
                    node.onEvent = { if case .message = $0 { feed.yield("\(name): message") } }
                    node.onRefusal = { _ in feed.yield("\(name): refusal") }
                }
            }
            let adaID = try await ada.read { client in client.identity.peerID }
            let bobID = try await bob.read { client in client.identity.peerID }
            let now = RealNetwork.now
            let sent: Bool = await ada.onLoop { node in
                let composed = try? node.withClient { (client) throws(OverlayError) in
                    try client.compose(PayloadBuffer.make([1, 2, 3]), to: bobID, in: group, secure: true, at: now)
                }
                guard var outgoing = composed else { return false }
                if isTampered {
                    var sealed = outgoing.message.elements[1].content
                    sealed.setInteger(
                        sealed.getInteger(at: sealed.writerIndex - 1, as: UInt8.self)! ^ 1,
                        at: sealed.writerIndex - 1)
                    outgoing.message.elements[1].content = sealed
                }
                _ = node.transmit(outgoing)
                return true
            }
            try #require(sent)
            var iterator = heard.makeAsyncIterator()
            #expect(await iterator.next() == (isTampered ? "bob: refusal" : "bob: message"))
            let answered: Bool = await bob.onLoop { node in
                (try? node.send(PayloadBuffer.make([4]), to: adaID, in: group, secure: true)) != nil
            }
            try #require(answered)
            #expect(await iterator.next() == "ada: message")
            for peer in [ada, bob] { #expect(await peer.onLoop { $0.peerConnections } == (isTampered ? 2 : 1)) }
        }
    }

    @Test("the largest payload arrives; a larger one is refused by name before it is sent, to one or to all")
    func largest() async throws {
        try await network.withPair { ada, bob, group in
            var arrived = await network.payloads(to: bob).makeAsyncIterator()
            let limit = FrameLimits().payload
            let refusal = OverlayError.tooLarge(what: "payload", limit: limit, actual: limit + 1)
            let tooLarge = [UInt8](repeating: 7, count: limit + 1)
            await #expect(throws: refusal) { try await network.send([tooLarge], from: ada, to: bob, in: group) }
            let toAll: OverlayError? = await ada.onLoop { node in
                do throws(OverlayError) {
                    try node.send(PayloadBuffer.make(tooLarge), toGroup: group, secure: true)
                    return nil
                } catch { return error }
            }
            #expect(toAll == refusal)
            let largest = [UInt8](repeating: 8, count: limit)
            try await network.send([largest, [9]], from: ada, to: bob, in: group)
            #expect(await arrived.next() == largest)
            #expect(await arrived.next() == [9])
        }
    }

    @Test("between peers that take them, messages of several MiB arrive, one after another")
    func longer() async throws {
        let limits = FrameLimits(afterLogin: 8 << 20)
        try await network.withPair(adaTakes: limits, bobTakes: limits) { ada, bob, group in
            var arrived = await network.payloads(to: bob).makeAsyncIterator()
            for size in [5 << 20, limits.payload, 1] {
                let payload = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
                try await network.send([payload], from: ada, to: bob, in: group)
                #expect(await arrived.next() == payload)
            }
        }
    }

    @Test("a frame over the receiver's own limit closes the connection, and the next message opens another")
    func ownLimit() async throws {
        try await network.withPair(bobTakes: FrameLimits(afterLogin: 32 << 10)) { ada, bob, group in
            var arrived = await network.payloads(to: bob).makeAsyncIterator()
            try await network.send([[1]], from: ada, to: bob, in: group)
            #expect(await arrived.next() == [1])
            try await network.send([[UInt8](repeating: 2, count: 40_000)], from: ada, to: bob, in: group)
            while await ada.onLoop({ $0.peerConnections }) > 0 { try await Task.sleep(for: .milliseconds(10)) }
            try await network.send([[3]], from: ada, to: bob, in: group)
            #expect(await arrived.next() == [3])
        }
    }

    @Test("a message for a connection that has closed tries to open another, and the sender is told that it cannot")
    func closedConnection() async throws {
        try await network.withPair { ada, bob, group in
            let (refused, feed) = AsyncStream.makeStream(of: OverlayError.self)
            await ada.onLoop { $0.onRefusal = { feed.yield($0) } }
            var arrived = await network.payloads(to: bob).makeAsyncIterator()
            try await network.send([[1]], from: ada, to: bob, in: group)
            #expect(await arrived.next() == [1])
            let (bobID, now) = (try await bob.read { client in client.identity.peerID }, RealNetwork.now)
            let composed: OutgoingMessage? = await ada.onLoop { node in
                try? node.withClient { (client) throws(OverlayError) in
                    try client.compose(PayloadBuffer.make([2]), to: bobID, in: group, secure: true, at: now)
                }
            }
            let outgoing = try #require(composed)
            await bob.stop()
            while await ada.onLoop({ $0.peerConnections }) > 0 { try await Task.sleep(for: .milliseconds(10)) }
            await ada.onLoop { _ = $0.transmit(outgoing) }
            var iterator = refused.makeAsyncIterator()
            guard case .disconnected = await iterator.next() else {
                Issue.record("nobody said that the message went nowhere")
                return
            }
        }
    }

    @Test("64 messages wait for a connection to open; of each more, and of a connection that fails, the sender is told")
    func outbox() async throws {
        try await network.withPair { ada, bob, group in
            let bobID = try await bob.read { client in client.identity.peerID }
            let refusals = Mutex<[OverlayError]>([])
            let (told, feed) = AsyncStream.makeStream(of: Void.self)
            await ada.onLoop { node in
                node.onRefusal = { error in
                    refusals.withLock { $0.append(error) }
                    feed.yield()
                }
                for _ in 0..<67 {
                    _ = node.transmit(
                        OutgoingMessage(
                            peer: bobID, pipe: bobID.pipe(in: group), group: group, addresses: ["tcp://127.0.0.1:1"],
                            message: Message([MessageElement(.payload, ByteBuffer(string: "x"))])))
                }
            }
            var iterator = told.makeAsyncIterator()
            for _ in 0..<4 { await iterator.next() }
            let texts = refusals.withLock { $0.map { "\($0)" } }
            #expect(texts.count == 4 && texts.allSatisfy { $0.contains("tcp://127.0.0.1:1: ") })
            #expect(texts.filter { $0.contains("64 messages wait") }.count == 3)
        }
    }

    @Test("a peer whose credential has expired says so when it would renew its advertisements")
    func expiry() async throws {
        try await network.withBroker { address, trust, cryptography in
            let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let time = Mutex(RealNetwork.now)
            let ada = try await network.join(
                "ada", address, trust, cryptography, on: threads.next(),
                options: .init(renewalSeconds: 1, strangerSeconds: 3600), clock: { time.withLock { $0 } })
            let (refused, feed) = AsyncStream.makeStream(of: OverlayError.self)
            await ada.onLoop { $0.onRefusal = { feed.yield($0) } }
            time.withLock { $0 += 25 * 3600 }
            var iterator = refused.makeAsyncIterator()
            #expect(await iterator.next() == .credentialEnded(.expired))
            await ada.stop()
            try await threads.shutdownGracefully()
        }
    }

    @Test("a port in use is refused by name")
    func portInUse() async throws {
        try await network.withBroker { address, trust, cryptography in
            let port = try #require(Int(address.split(separator: ":").last ?? ""))
            let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let identity = try Identity(key: RSAPrivateKey.generate(bits: 2048, engines: network.engines))
            let node = PeerNode(
                try ClientPeer(identity: identity, trust: trust, cryptography: cryptography),
                options: .init(port: port), on: threads.next(), log: Logger(label: "t"), clock: { 0 })
            await #expect(throws: TransportError.addressInUse("127.0.0.1:\(port)")) { try await node.listen() }
            try await threads.shutdownGracefully()
        }
    }

    @Test("a delay line delays both ways and keeps the bytes in order")
    func delayLine() async throws {
        try await network.withBroker { address, trust, cryptography in
            let line = try DelayLine(LinkShape("rtt=30ms"), to: address)
            let delayed = try await line.start()
            let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
            let clock = ContinuousClock()
            let took = try await clock.measure {
                let ada = try await network.join("ada", delayed, trust, cryptography, on: threads.next())
                await ada.stop()
            }
            // Welcome, connection, login and publication cannot be faster than the link: a bound, not a timing.
            #expect(took >= .milliseconds(90))
            try await threads.shutdownGracefully()
            await line.stop()
        }
    }
}
