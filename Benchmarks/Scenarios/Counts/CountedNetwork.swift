internal import CryptoCore
internal import NIOCore
internal import Overlay
internal import Transport

/// An administrator, a broker and two peers in one process with given keys, at a standing clock, over in-memory links.
final class CountedNetwork {
    static let users = ["ada", "bob"]
    static let keyCount = 4
    private static let now: UnixTime = 1_800_000_000
    private static let word = "lovelace"
    /// scrypt's N for counts: the password hash is not what is counted, and counting the real one would take minutes.
    static let smallPasswordCost = 2

    let suite: Suite
    private let engines: EngineTable
    private let keys: [RSAPrivateKey]
    private let cryptography: Cryptography
    private let trust: TrustAnchor
    private let broker: Broker
    private let group: JXTAID
    private var connections: ConnectionID = 0
    private(set) var wire = WireCounts()
    private(set) var ada: ClientPeer
    private(set) var bob: ClientPeer
    private var way = InMemoryPeerLink(from: "tcp://127.0.0.1:9701", to: "tcp://127.0.0.1:9702")

    /// - Parameter keys: administrator's, broker's, ada's, bob's.
    init(
        suite: Suite, keys: [RSAPrivateKey], engines: EngineTable, passwordCost: Int = smallPasswordCost
    ) throws {
        self.suite = suite
        self.keys = keys
        self.engines = engines
        cryptography = try Cryptography(suite: suite, engines: engines)
        let administrator = try Administrator.make(named: "Adm", key: keys[0], engines: engines, at: Self.now)
        trust = try TrustAnchor(administrator.certificate, at: Self.now)
        let credential = try administrator.issueBroker(
            CertificateRequest(commonName: "broker", key: keys[1]), suite: suite, at: Self.now)
        group = try JXTAID.group(name: "chat")
        broker = try Broker(
            identity: Identity(key: keys[1], credential: Credential([credential])), trust: trust,
            directory: FixedDirectory(
                password: try PasswordHash.make(Password(Self.word), cost: passwordCost),
                group: GroupRecord(id: group, name: "chat", isOpen: false)),
            cryptography: cryptography, policy: BrokerPolicy(allowsInsecure: true, passwordCost: passwordCost),
            addresses: [], at: Self.now)
        ada = try Self.client(keys[2], trust, cryptography)
        bob = try Self.client(keys[3], trust, cryptography)
    }

    private static func client(
        _ key: RSAPrivateKey, _ trust: TrustAnchor, _ cryptography: Cryptography
    ) throws -> ClientPeer {
        try ClientPeer(identity: Identity(key: key), trust: trust, cryptography: cryptography, allowsPlain: true)
    }

    /// connect and login of a new client, both sides.
    func joinPlain() throws {
        let (client, link) = try newcomer()
        _ = try link.perform(Connect(), at: Self.now)
        finish(client, link, try link.perform(Login(user: "ada", password: Password(Self.word)), at: Self.now))
    }

    /// secureConnection and secureLogin of a new client, both sides.
    func joinSecurely() throws {
        let (client, link) = try newcomer()
        finish(client, link, try secureLogin("ada", client, link))
    }

    private func newcomer() throws -> (ClientPeer, InMemoryLink) {
        let client = try Self.client(keys[2], trust, cryptography)
        connections += 1
        return (client, InMemoryLink(to: broker, as: client.identity.peerID, connection: connections))
    }

    private func secureLogin(
        _ user: String, _ client: ClientPeer, _ link: InMemoryLink
    ) throws -> Membership {
        let session = try link.perform(
            SecureConnection(trusting: trust, with: cryptography, at: Self.now), at: Self.now)
        return try link.perform(
            SecureLogin(
                user: user, password: Password(Self.word), as: client.identity, session: session, trusting: trust,
                with: cryptography, at: Self.now), at: Self.now)
    }

    private func finish(_ client: ClientPeer, _ link: InMemoryLink, _ membership: Membership) {
        var client = client
        client.joined(membership)
        wire = link.wire
    }

    /// Both peers join securely, publish, and learn of each other.
    func introduce() throws {
        var links: [InMemoryLink] = []
        for user in Self.users {
            connections += 1
            var client = user == "ada" ? ada : bob
            let link = InMemoryLink(to: broker, as: client.identity.peerID, connection: connections)
            client.joined(try secureLogin(user, client, link))
            let document = try client.advertisement(
                for: group, addresses: ["tcp://127.0.0.1:\(user == "ada" ? 9701 : 9702)"])
            try link.perform(Publish(document), at: Self.now)
            if user == "ada" { ada = client } else { bob = client }
            links.append(link)
        }
        for push in links.flatMap(\.answers).flatMap(\.pushes) {
            let carried = try MessageDecoder.decode(MessageEncoder.bytes(of: push.message))
            if push.connection == links[0].connection {
                _ = try ada.receive(carried, under: Heading(of: carried, on: nil), at: Self.now)
            } else {
                _ = try bob.receive(carried, under: Heading(of: carried, on: nil), at: Self.now)
            }
        }
    }

    /// A payload from ada to bob, from the application's buffer to the application's event.
    /// - Returns: what bob got.
    func send(_ payload: consuming ByteBuffer, secure: Bool) throws -> ByteBuffer {
        let outgoing = try ada.compose(payload, to: bob.identity.peerID, in: group, secure: secure, at: Self.now)
        let event = try way.carry(consume outgoing, to: &bob, at: Self.now)
        guard case .message(let message) = event else { throw OverlayError.unexpectedReply("no message") }
        return message.payload
    }

    func forgetVerifications() {
        ada.verifier.forget(chainsToo: true)
        bob.verifier.forget(chainsToo: true)
    }

    /// Ada's own advertisement, as it is pushed.
    func advertisement() throws -> [UInt8] {
        try ada.advertisement(for: group, addresses: ["tcp://127.0.0.1:9701"])
    }

    func verifier() throws -> AdvertisementVerifier {
        AdvertisementVerifier(trust: trust, cryptography: cryptography)
    }

    func verify(_ document: [UInt8], _ verifier: inout AdvertisementVerifier) throws -> String {
        try verifier.verify(document.span.bytes, at: Self.now).user
    }

    /// Bytes and frames between the two peers so far.
    var messageWire: WireCounts { way.wire }

    /// Payload bytes copied so far, decryption included.
    var copiedBytes: Int {
        [ada.copies, bob.copies].reduce(way.wire.copiedBytes + way.gatheredBytes) {
            $0 + $1.sending + $1.gathering + $1.opening
        }
    }
}
