import Accounts
import CryptoCore
import Foundation
import NIOCore
import Overlay
import TestSupport
import Transport

/// The entities of section 2.1 in one process: an administrator, a broker on a real database, and client peers whose
/// messages are carried encoded, without sockets. Time stands still unless a test moves it.
final class PaperNetwork {
    static let suite = Suite.rsa2048
    static let engines = EngineTable(.openSSL)
    static let keys: [RSAPrivateKey] = (0..<5).map { _ in
        try! RSAPrivateKey.generate(bits: 2048, engines: engines)
    }
    static let now: UnixTime = 1_800_000_000

    let cryptography: Cryptography
    let administrator: Administrator
    let trust: TrustAnchor
    let directory: SQLiteDirectory
    let broker: Broker
    let brokerKey: RSAPrivateKey
    private let folder: URL
    private var connections: ConnectionID = 0

    init(allowsInsecure: Bool = false) throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("paper-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        // Groups and large payloads take their way over several cores.
        cryptography = try Cryptography(suite: Self.suite, engines: Self.engines, cores: { 2 })
        administrator = try Self.administrator.get()
        trust = try TrustAnchor(administrator.certificate, at: Self.now)
        directory = try SQLiteDirectory(path: folder.appendingPathComponent("accounts.sqlite").path, creating: true)
        for group in ["chat", "math"] { try directory.addGroup(group) }
        // A small cost: these tests are about order and refusal, not about the hash's strength.
        let hash = try PasswordHash.make(Password("lovelace"), cost: 16)
        try directory.addUser("ada", password: hash, groups: ["chat", "math"])
        try directory.addUser("bob", password: hash, groups: ["chat"])
        brokerKey = Self.keys[0]
        broker = try Broker(
            identity: Identity(key: brokerKey, credential: Credential([Self.brokerCertificate.get()])), trust: trust,
            directory: directory, cryptography: cryptography,
            policy: BrokerPolicy(allowsInsecure: allowsInsecure, passwordCost: 16),
            addresses: ["tcp://127.0.0.1:9700"], at: Self.now)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    static let administrator = Result {
        try Administrator.make(named: "Adm", suite: suite, engines: engines, at: now)
    }
    static let brokerCertificate = Result {
        try administrator.get().issueBroker(
            CertificateRequest(commonName: "broker", key: keys[0]), suite: suite, at: now)
    }

    /// A client peer with its own key, connected to the broker.
    func peer(_ key: Int, allowsPlain: Bool = false) throws -> (client: ClientPeer, link: InMemoryLink) {
        let identity = try Identity(key: Self.keys[key])
        let client = try ClientPeer(
            identity: identity, trust: trust, cryptography: cryptography, allowsPlain: allowsPlain)
        connections += 1
        return (client, InMemoryLink(to: broker, as: identity.peerID, connection: connections))
    }

    func secureConnection(_ time: UnixTime = now) -> SecureConnection {
        SecureConnection(trusting: trust, with: cryptography, at: time)
    }

    func secureLogin(
        _ user: String, _ password: String = "lovelace", as client: ClientPeer, _ session: BrokerSession,
        at time: UnixTime = now
    ) throws -> SecureLogin {
        SecureLogin(
            user: user, password: try Password(password), as: client.identity, session: session, trusting: trust,
            with: cryptography, at: time)
    }

    /// A member that has joined securely and published for a group.
    func member(_ user: String, _ key: Int, in group: String = "chat") throws -> (
        client: ClientPeer, link: InMemoryLink
    ) {
        var (client, link) = try peer(key)
        let session = try link.perform(secureConnection(), at: Self.now)
        client.joined(try link.perform(secureLogin(user, as: client, session), at: Self.now))
        try publish(client, link, in: group)
        return (client, link)
    }

    func publish(_ client: ClientPeer, _ link: InMemoryLink, in group: String) throws {
        let document = try client.advertisement(for: JXTAID.group(name: group), addresses: ["tcp://127.0.0.1:1"])
        try link.perform(Publish(document), at: Self.now)
    }

    /// What the broker pushed to a connection, delivered.
    func deliverPushes(from links: [InMemoryLink], to connection: ConnectionID, _ client: inout ClientPeer) throws {
        for answer in links.flatMap(\.answers) {
            for push in answer.pushes where push.connection == connection {
                let carried = try MessageDecoder.decode(MessageEncoder.bytes(of: push.message))
                _ = try client.receive(carried, under: Heading(of: carried, on: nil), at: Self.now)
            }
        }
    }

    /// Two members of "chat" that know each other.
    func pair() throws -> (ada: ClientPeer, bob: ClientPeer) {
        var (ada, adaLink) = try member("ada", 1)
        var (bob, bobLink) = try member("bob", 2)
        try deliverPushes(from: [adaLink, bobLink], to: adaLink.connection, &ada)
        try deliverPushes(from: [adaLink, bobLink], to: bobLink.connection, &bob)
        return (ada, bob)
    }
}

extension Message {
    /// The message with one element's content replaced: a forgery.
    func replacing(_ name: ElementName, with content: [UInt8]) -> Message {
        Message(
            elements.map {
                $0.name == name
                    ? MessageElement(name, ByteBuffer(bytes: content), type: $0.type) : $0
            })
    }

    func bytes(_ name: ElementName) -> [UInt8] { self[name].map { Array($0.readableBytesView) } ?? [] }
}

func chat() throws -> JXTAID { try JXTAID.group(name: "chat") }
