import Accounts
import CryptoCore
import Foundation
import Logging
import NIOCore
import NIOPosix
import Overlay
import Transport

/// A broker on a real port, and peers of it.
struct RealNetwork {
    let engines = EngineTable(.openSSL)
    /// Time stands still: between two steps of a join minutes may pass where other tests hold every thread.
    static let now = Int64(Date().timeIntervalSince1970)

    /// A broker on a real port with a real database, and a way to make peers of it.
    func withBroker(
        strangerSeconds: Int64 = 3600, accounts: (SQLiteDirectory) -> any AccountDirectory = { $0 },
        _ body: (String, TrustAnchor, Cryptography) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let cryptography = try Cryptography(suite: .rsa2048, engines: engines)
        let administrator = try Administrator.make(named: "Adm", suite: .rsa2048, engines: engines, at: Self.now)
        let key = try RSAPrivateKey.generate(bits: 2048, engines: engines)
        let credential = try administrator.issueBroker(
            CertificateRequest(commonName: "broker", key: key), suite: .rsa2048, at: Self.now)
        let directory = try SQLiteDirectory(path: folder.appendingPathComponent("a.sqlite").path, creating: true)
        try directory.addGroup("chat")
        let hash = try PasswordHash.make(Password("pw"), cost: 16)
        for user in ["ada", "bob"] { try directory.addUser(user, password: hash, groups: ["chat"]) }
        let trust = try TrustAnchor(administrator.certificate, at: Self.now)
        let broker = try Broker(
            identity: Identity(key: key, credential: Credential([credential])), trust: trust,
            directory: accounts(directory),
            cryptography: cryptography, policy: BrokerPolicy(passwordCost: 16), addresses: [], at: Self.now)
        var log = Logger(label: "test")
        log.logLevel = .critical
        let server = BrokerServer(
            broker, options: .init(strangerSeconds: strangerSeconds), log: log, clock: { Self.now })
        let address = try await server.start()
        do { try await body(address, trust, cryptography) } catch {
            await server.stop()
            throw error
        }
        await server.stop()
    }

    func join(
        _ user: String, _ broker: String, _ trust: TrustAnchor, _ cryptography: Cryptography, on loop: any EventLoop,
        options: PeerNode.Options = PeerNode.Options(strangerSeconds: 3600),
        clock: @escaping @Sendable () -> UnixTime = { Self.now }
    ) async throws -> PeerNode {
        let identity = try Identity(key: RSAPrivateKey.generate(bits: 2048, engines: engines))
        var log = Logger(label: "test")
        log.logLevel = .critical
        let node = PeerNode(
            try ClientPeer(identity: identity, trust: trust, cryptography: cryptography),
            options: options, on: loop, log: log, clock: clock)
        try await node.listen()
        try await node.open(broker: broker)
        let session = try await node.perform(SecureConnection(trusting: trust, with: cryptography, at: Self.now))
        let membership = try await node.perform(
            SecureLogin(
                user: user, password: Password("pw"), as: identity, session: session, trusting: trust,
                with: cryptography, at: Self.now))
        try await node.join(membership)
        return node
    }

    /// However busy the machine is: each must know the other before anything is sent.
    func acquaint(_ peers: [PeerNode], in group: JXTAID) async throws {
        for peer in peers {
            for _ in 0..<6000 where try await peer.read({ client in client.roster.count(in: group) }) == 0 {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }

    /// Two members of a group that know each other, each on a thread of its own.
    func withPair(
        adaTakes adaLimits: FrameLimits = FrameLimits(), bobTakes bobLimits: FrameLimits = FrameLimits(),
        _ body: (_ ada: PeerNode, _ bob: PeerNode, _ group: JXTAID) async throws -> Void
    ) async throws {
        try await withBroker { address, trust, cryptography in
            let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            let ada = try await join(
                "ada", address, trust, cryptography, on: threads.next(),
                options: .init(strangerSeconds: 3600, frameLimits: adaLimits))
            let bob = try await join(
                "bob", address, trust, cryptography, on: threads.next(),
                options: .init(strangerSeconds: 3600, frameLimits: bobLimits))
            let group = try JXTAID.group(name: "chat")
            try await acquaint([ada, bob], in: group)
            try await body(ada, bob, group)
            await ada.stop()
            await bob.stop()
            try await threads.shutdownGracefully()
        }
    }

    /// The payloads that reach a peer from now on.
    func payloads(to peer: PeerNode) async -> AsyncStream<[UInt8]> {
        let (arrived, feed) = AsyncStream.makeStream(of: [UInt8].self)
        await peer.onLoop { node in
            node.onEvent = {
                if case .message(let message) = $0 { feed.yield(Array(message.payload.readableBytesView)) }
            }
        }
        return arrived
    }

    /// Sends payloads, one right after the other.
    func send(_ payloads: [[UInt8]], from sender: PeerNode, to peer: PeerNode, in group: JXTAID) async throws {
        let recipient = try await peer.read { client in client.identity.peerID }
        let failure: OverlayError? = await sender.onLoop { node in
            do throws(OverlayError) {
                for payload in payloads {
                    try node.send(PayloadBuffer.make(payload), to: recipient, in: group, secure: true)
                }
                return nil
            } catch { return error }
        }
        if let failure { throw failure }
    }
}
