import Accounts
import CryptoCore
import Foundation
import NIOCore
import Overlay
import Testing
import Transport

@Suite("§4.2.2 secureLogin")
struct SecureLoginTests {
    let network: PaperNetwork
    let client: ClientPeer
    let link: InMemoryLink

    init() throws {
        network = try PaperNetwork()
        (client, link) = try network.peer(1)
    }

    @Test("§4.2.2 steps 1 to 3: user name, password and sid do not appear on the wire")
    func steps1to3() throws {
        var login = try network.secureLogin("ada", as: client, session())
        let request = try MessageEncoder.bytes(of: login.begin())
        let text = String(decoding: request.readableBytesView, as: UTF8.self)
        #expect(!text.contains("ada") && !text.contains("lovelace"))
    }

    @Test("§4.2.2 steps 8 to 10: the credential names the user, the key, the peer id and the groups")
    func success() throws {
        let membership = try link.perform(network.secureLogin("ada", as: client, session()), at: PaperNetwork.now)
        let credential = try #require(membership.credential)
        #expect(credential.holder == "ada" && credential.role == .client)
        #expect(credential.key.isSameKey(as: client.identity.key.publicKey))
        #expect(credential.peerID == client.identity.peerID.text)
        #expect(membership.groups.map(\.name) == ["chat", "math"])
        #expect(credential.certificate.extensions.groupIDs == membership.groups.map(\.id.text))
        #expect(credential.certificate.validity.upperBound <= PaperNetwork.now + 24 * 3600)
        let issued = try network.directory.serials(of: "ada", at: PaperNetwork.now)
        #expect(issued == [credential.certificate.serial], "recorded before it was handed out")
    }

    @Test("§4.2.2 step 5: a login without a session is aborted")
    func step5() throws {
        let session = try session()
        let (_, other) = try network.peer(1)
        try refused(.sessionNotStored, on: other, network.secureLogin("ada", as: client, session))
    }

    @Test("§4.2.2 step 5: sid is no longer stored: a second login with it is aborted")
    func step5Reuse() throws {
        let session = try session()
        var first = try network.secureLogin("ada", as: client, session)
        let request = try first.begin()
        let (accepted, again) = (
            try link.exchange(request, at: PaperNetwork.now), try link.exchange(request, at: PaperNetwork.now)
        )
        #expect(accepted[.credential] != nil && again[.refusal] != nil)
        #expect(link.answers.last?.refusal == .sessionNotStored)
    }

    @Test("§4.2.2 step 5: sid expires after sixty seconds")
    func step5Expiry() throws {
        let session = try session()
        var login = try network.secureLogin("ada", as: client, session)
        let reply = try link.exchange(login.begin(), at: PaperNetwork.now + 60)
        #expect(reply[.refusal] != nil)
        #expect(link.answers.last?.refusal == .sessionNotStored)
    }

    @Test("§4.2.2 step 5: a request made for one session is aborted on another connection")
    func step5OtherConnection() throws {
        let (_, other) = try network.peer(1)
        let mine = try session()
        _ = try other.perform(network.secureConnection(), at: PaperNetwork.now)
        try refused(.sessionNotStored, on: other, network.secureLogin("ada", as: client, mine))
    }

    @Test("§4.2.2 step 5: any failure ends the session")
    func failureEndsSession() throws {
        let session = try session()
        try refused(.userNotAuthentic, network.secureLogin("ada", "wrong", as: client, session))
        try refused(.sessionNotStored, network.secureLogin("ada", as: client, session))
    }

    @Test("§4.2.2 step 6: wrong password, unknown user and disabled user are refused alike")
    func step6() throws {
        try network.directory.disableUser("bob")
        var replies: [[MessageElement]] = []
        for (user, password) in [("ada", "wrong"), ("eve", "lovelace"), ("bob", "lovelace"), ("ada", "")] {
            var login = try network.secureLogin(user, password, as: client, session())
            let reply = try link.exchange(login.begin(), at: PaperNetwork.now)
            #expect(link.answers.last?.refusal == .userNotAuthentic)
            replies.append(reply.elements)
        }
        #expect(Set(replies.map { "\($0)" }).count == 1)
    }

    @Test("§4.2.2 step 6: the sixth try within a minute after five failures is refused, the next minute's is not")
    func rateLimit() throws {
        for _ in 0..<5 { try refused(.userNotAuthentic, network.secureLogin("ada", "wrong", as: client, session())) }
        try refused(.tooManyFailures(user: "ada"), network.secureLogin("ada", as: client, session()))
        let later = PaperNetwork.now + 60
        let session = try link.perform(network.secureConnection(later), at: later)
        _ = try link.perform(network.secureLogin("ada", as: client, session, at: later), at: later)
    }

    @Test("§4.2.2 step 7: a key that does not give the claimed peer id is refused")
    func step7() throws {
        // The connection claimed key 1's peer id; the request is made with key 2.
        let (other, _) = try network.peer(2)
        let claimed = client.identity.peerID.text
        try refused(
            .identifierMismatch(claimed: claimed, derived: other.identity.peerID.text),
            network.secureLogin("ada", as: other, session()))
    }

    @Test("every flipped bit and every truncation of the request is refused, with one reply")
    func damaged() throws {
        let session = try session()
        var login = try network.secureLogin("ada", as: client, session)
        let envelope = try login.begin().bytes(.envelope)
        for index in stride(from: 0, to: envelope.count, by: 7) {
            for forged in [flip(envelope, index), Array(envelope.prefix(index))] {
                _ = try self.session()
                var request = Message()
                request.append(.primitive, text: "secureLogin")
                request.append(.envelope, forged)
                let reply = try link.exchange(request, at: PaperNetwork.now)
                #expect(reply.bytes(.refusal) == Array("refused".utf8) && reply.elements.count == 2)
            }
        }
    }

    @Test("step 10: a credential for another key, user or peer, or from another issuer, is refused")
    func step10() throws {
        let session = try session()
        var login = try network.secureLogin("ada", as: client, session)
        let reply = try link.exchange(login.begin(), at: PaperNetwork.now)
        let issuer = try PaperNetwork.brokerCertificate.get()
        func credential(_ user: String, _ key: Int, role: CredentialRole = .client, by signer: RSAPrivateKey) throws
            -> [UInt8]
        {
            let subject = PaperNetwork.keys[key].publicKey
            return try Certificate.issue(
                CertificateTemplate(
                    commonName: user,
                    extensions: CertificateExtensions(role: role, peerID: try JXTAID.peer(key: subject).text),
                    validity: PaperNetwork.now...(PaperNetwork.now + 60)), for: subject, by: issuer, key: signer,
                engines: PaperNetwork.engines
            ).der
        }
        let broker = network.brokerKey
        for forged in [
            try credential("bob", 1, by: broker), try credential("ada", 2, by: broker),
            try credential("ada", 1, role: .broker, by: broker), try credential("ada", 1, by: PaperNetwork.keys[4]),
        ] {
            #expect(throws: OverlayError.self) {
                try finish(session, reply.replacing(.credential, with: forged))
            }
        }
        try finish(session, reply)
    }

    @Test("plain connect and login are refused unless they are allowed")
    func plain() throws {
        #expect(throws: OverlayError.refusedByPeer("refused")) { try connect(link) }
        #expect(throws: OverlayError.refusedByPeer("refused")) { try login("lovelace", link) }
        #expect(link.answers.map(\.refusal) == [.plainRefused, .plainRefused])
        let allowing = try PaperNetwork(allowsInsecure: true).peer(1).link
        try connect(allowing)
        let membership = try login("lovelace", allowing)
        #expect(membership.credential == nil && membership.groups.count == 2)
        #expect(throws: OverlayError.refusedByPeer("refused")) { try login("wrong", allowing) }
    }

    private func connect(_ link: InMemoryLink) throws { _ = try link.perform(Connect(), at: PaperNetwork.now) }

    @discardableResult
    private func login(_ password: String, _ link: InMemoryLink) throws -> Membership {
        try link.perform(Login(user: "ada", password: Password(password)), at: PaperNetwork.now)
    }

    private func finish(_ session: BrokerSession, _ reply: Message) throws {
        _ = try network.secureLogin("ada", as: client, session).finish(reply)
    }

    /// Private operations are counted where nothing runs beside: by `juxtapose count`, and in the test of its worker.
    @Test("a secure join takes the plain join's two round trips")
    func budget() throws {
        _ = try link.perform(network.secureLogin("ada", as: client, session()), at: PaperNetwork.now)
        #expect(link.wire.sentFrames == 2 && link.wire.receivedFrames == 2)
    }

    private func session() throws -> BrokerSession {
        try link.perform(network.secureConnection(), at: PaperNetwork.now)
    }

    private func flip(_ bytes: [UInt8], _ index: Int) -> [UInt8] {
        var forged = bytes
        forged[index] ^= 1
        return forged
    }

    /// The login is refused; the peer learns nothing but that.
    private func refused(_ reason: OverlayError, on other: InMemoryLink? = nil, _ login: consuming SecureLogin) throws {
        let link = other ?? self.link
        var login = login
        let request = try login.begin()
        let reply = try link.exchange(request, at: PaperNetwork.now)
        #expect(reply.bytes(.refusal) == Array("refused".utf8))
        #expect(link.answers.last?.refusal == reason)
    }
}
