internal import Accounts
internal import CryptoCore
internal import Foundation
internal import Logging
internal import Metrology
internal import NIOCore
internal import NIOPosix
internal import Overlay
internal import Transport

/// Clients that log in securely and then do nothing, in one process.
final class IdleCrowd {
    private let group: MultiThreadedEventLoopGroup
    private var nodes: [PeerNode] = []
    private var door: Door?

    init(on group: MultiThreadedEventLoopGroup) { self.group = group }

    /// Logs in, one after another, until there are `count` clients.
    func join(_ count: Int, _ configuration: PeerConfiguration?) async throws {
        let door = try door(configuration)
        while nodes.count < count {
            let user = Fleet.idleUser(nodes.count)
            nodes.append(try await door.join(user, door.cache.key(nodes.count), on: group.next()))
        }
    }

    /// So many clients log in at once, and leave when all are in.
    func rush(_ count: Int, _ configuration: PeerConfiguration?) async throws {
        let door = try door(configuration)
        let loop = group.next()
        let keys = try (0..<count).map(door.cache.key)
        let joined = try await withThrowingTaskGroup(of: PeerNode.self) { tasks in
            for (index, key) in keys.enumerated() {
                tasks.addTask { try await door.join(Fleet.rushUser(index), key, on: loop) }
            }
            return try await tasks.reduce(into: []) { $0.append($1) }
        }
        for node in joined { await node.stop() }
    }

    private func door(_ configuration: PeerConfiguration?) throws -> Door {
        guard let configuration else { throw CocoaError(.coderInvalidValue) }
        if let door, door.configuration.broker == configuration.broker { return door }
        let made = try Door(configuration)
        door = made
        return made
    }
}

/// All that clients of one broker share.
private struct Door: Sendable {
    let configuration: PeerConfiguration
    let cache: KeyCache
    private let cryptography: Cryptography
    private let trust: TrustAnchor

    init(_ configuration: PeerConfiguration) throws {
        guard let suite = Suite(name: configuration.suite), let choice = EngineChoice(name: configuration.engine) else {
            throw CocoaError(.coderInvalidValue)
        }
        self.configuration = configuration
        cryptography = try Cryptography(suite: suite, engines: choice.table(for: suite))
        let certificate = try readCertificate(
            URL(fileURLWithPath: configuration.administratorFile), engines: cryptography.engines)
        trust = try TrustAnchor(certificate, at: Clock.unix())
        cache = try KeyCache(suite: suite, engines: cryptography.engines)
    }

    func join(_ user: String, _ key: RSAPrivateKey, on loop: any EventLoop) async throws -> PeerNode {
        let identity = try Identity(key: key)
        var log = Logger(label: "idle")
        log.logLevel = .error
        let node = PeerNode(
            try ClientPeer(identity: identity, trust: trust, cryptography: cryptography), on: loop, log: log,
            clock: Clock.unix)
        try await node.open(broker: configuration.broker)
        let session = try await node.perform(SecureConnection(trusting: trust, with: cryptography, at: Clock.unix()))
        let membership = try await node.perform(
            SecureLogin(
                user: user, password: Password(configuration.password), as: identity, session: session,
                trusting: trust, with: cryptography, at: Clock.unix()))
        guard membership.credential?.holder == user else { throw OverlayError.credentialNotMine(user) }
        try await node.join(membership, publishing: false)
        return node
    }
}

/// Keys of idle clients, kept between runs: a thousand of them take a minute or two to make.
struct KeyCache: Sendable {
    private let folder: URL
    private let suite: Suite
    private let engines: EngineTable

    init(suite: Suite, engines: EngineTable) throws {
        let caches = try FileManager.default.url(
            for: .cachesDirectory, in: .userDomainMask, appropriateFor: nil, create: true)
        folder = caches.appendingPathComponent("juxtapose/idle-\(suite.name)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        self.suite = suite
        self.engines = engines
    }

    func key(_ index: Int) throws -> RSAPrivateKey {
        let file = folder.appendingPathComponent("\(index).key")
        if FileManager.default.fileExists(atPath: file.path) { return try readKey(file, engines: engines) }
        let key = try RSAPrivateKey.generate(for: suite, engines: engines)
        try SecretFile.write(key.pem(), to: file)
        return key
    }
}
