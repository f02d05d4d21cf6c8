import CryptoCore
import Foundation
import NIOCore
import Overlay
import Testing
import Transport
import XMLSecurity

@Suite("§4.3.1 secureMsgPeer and secureMsgPeerGroup")
struct SecureMessageTests {
    let network: PaperNetwork
    var ada: ClientPeer
    var bob: ClientPeer
    let group: JXTAID

    init() throws {
        network = try PaperNetwork()
        (ada, bob) = try network.pair()
        group = try chat()
    }

    @Test("§4.3.1 steps 1 to 7: a message arrives, with the user behind it", arguments: [1, 16, 1024, 65536, 1 << 20])
    mutating func success(_ size: Int) throws {
        let payload = [UInt8](repeating: 7, count: size)
        let outgoing = try send(payload)
        let message = try receive(outgoing)
        #expect(Array(message.payload.readableBytesView) == payload)
        #expect(message.user == "ada" && message.sender == ada.identity.peerID && message.isSecure)
        #expect(message.group == group)
    }

    @Test("the payload is sealed where it lies: nothing is copied on the way out, and once opened on the way in")
    mutating func copies() throws {
        for _ in 0..<3 { _ = try receive(send([UInt8](repeating: 1, count: 200_000))) }
        #expect(ada.copies.sending == 0)
        #expect(bob.copies.opening >= 3 * 200_000 && bob.copies.opening < 3 * 201_000)
    }

    @Test("a payload without room around it is copied, and counted")
    mutating func countedCopy() throws {
        let bare = ByteBuffer(bytes: [UInt8](repeating: 1, count: 500))
        let outgoing = try ada.compose(bare, to: bob.identity.peerID, in: group, secure: true, at: PaperNetwork.now)
        #expect(ada.copies.sending == 500)
        _ = try receive(outgoing)
    }

    @Test("§4.3.1 step 2: a tampered advertisement is deemed invalid", arguments: ["EA", "Name", "Id"])
    func step2(_ element: String) throws {
        let document = try bob.advertisement(for: group, addresses: ["tcp://127.0.0.1:1"])
        let text = String(decoding: document, as: UTF8.self)
        let forged = text.replacingOccurrences(of: "<\(element)>", with: "<\(element)>x")
        #expect(forged != text)
        var verifier = AdvertisementVerifier(trust: network.trust, cryptography: network.cryptography)
        _ = try verifier.verify(document.span.bytes, at: PaperNetwork.now)
        let bytes = Array(forged.utf8)
        #expect(throws: OverlayError.xml(.digestMismatch)) {
            try verifier.verify(bytes.span.bytes, at: PaperNetwork.now)
        }
    }

    @Test("§4.3.1 step 2: an advertisement with one flipped bit, or cut, at any byte never verifies as another")
    func step2Bits() throws {
        let document = try bob.advertisement(for: group, addresses: ["tcp://127.0.0.1:1"])
        var verifier = AdvertisementVerifier(trust: network.trust, cryptography: network.cryptography)
        let genuine = try verifier.verify(document.span.bytes, at: PaperNetwork.now)
        for index in document.indices {
            var forged = document
            forged[index] ^= 1 << UInt8(index % 7)
            // White space in base64 and in the prolog is not signed: such a change may pass, but then says the same.
            if let verified = try? verifier.verify(forged.span.bytes, at: PaperNetwork.now) {
                #expect(verified.advertisement == genuine.advertisement)
            }
            let short = Array(document.prefix(index))
            if index < document.count - 1 {
                #expect(throws: OverlayError.self) { try verifier.verify(short.span.bytes, at: PaperNetwork.now) }
            }
        }
    }

    @Test("§4.3.1 step 2: an advertisement for a pipe that the signer's key does not give is refused")
    func step2Binding() throws {
        let other = try JXTAID.peer(key: PaperNetwork.keys[4].publicKey)
        // The right pipe's 32 bytes, and more behind them.
        let longer = try JXTAID(String(bob.identity.peerID.pipe(in: group).text.dropLast(2)) + "0104")
        for forged in [
            PipeAdvertisement(id: longer, peer: bob.identity.peerID, group: group),
            PipeAdvertisement(id: other.pipe(in: group), peer: bob.identity.peerID, group: group),
            PipeAdvertisement(id: bob.identity.peerID.pipe(in: group), peer: other, group: group),
            PipeAdvertisement(id: bob.identity.peerID.pipe(in: try JXTAID.group(name: "math")), group: group),
        ] {
            let document = try AdvertisementVerifier.sign(forged, as: bob.identity)
            var verifier = AdvertisementVerifier(trust: network.trust, cryptography: network.cryptography)
            #expect(throws: OverlayError.self) { try verifier.verify(document.span.bytes, at: PaperNetwork.now) }
        }
    }

    @Test("§4.3.1 step 2: a verified advertisement expires with its credential, also from the cache")
    func step2Expiry() throws {
        let document = try bob.advertisement(for: group, addresses: [])
        var verifier = AdvertisementVerifier(trust: network.trust, cryptography: network.cryptography)
        _ = try verifier.verify(document.span.bytes, at: PaperNetwork.now)
        #expect(throws: OverlayError.crypto(.certificate(.expired))) {
            try verifier.verify(document.span.bytes, at: PaperNetwork.now + 25 * 3600)
        }
        verifier.trust.revocations = try network.administrator.revoke(
            try #require(bob.identity.credential).certificate.serial, after: nil, at: PaperNetwork.now)
        #expect(throws: OverlayError.crypto(.certificate(.revoked))) {
            try verifier.verify(document.span.bytes, at: PaperNetwork.now)
        }
    }

    @Test("§4.3.1 step 4: the payload does not appear on the wire")
    mutating func step4() throws {
        let outgoing = try send(Array("attack at dawn".utf8))
        let wire = try MessageEncoder.bytes(of: outgoing.message)
        #expect(!String(decoding: wire.readableBytesView, as: UTF8.self).contains("dawn"))
    }

    @Test("§4.3.1 step 5: a sealed message with one flipped bit at any byte, or cut, is refused")
    mutating func step5() throws {
        let outgoing = try send([UInt8](repeating: 5, count: 64))
        let sealed = outgoing.message.bytes(.sealed)
        for index in sealed.indices {
            var forged = sealed
            forged[index] ^= 1 << UInt8(index % 8)
            #expect(throws: OverlayError.crypto(.openingFailed)) {
                try receive(outgoing, changing: { $0.replacing(.sealed, with: forged) })
            }
            let short = Array(sealed.prefix(index))
            #expect(throws: OverlayError.crypto(.openingFailed)) {
                try receive(outgoing, changing: { $0.replacing(.sealed, with: short) })
            }
        }
        _ = try receive(outgoing)
    }

    @Test("§4.3.1 step 6: a message of a sender without an advertisement is refused")
    mutating func step6() throws {
        let outgoing = try send([1, 2, 3])
        let stranger = try JXTAID.peer(key: PaperNetwork.keys[4].publicKey)
        #expect(throws: OverlayError.peerUnknown(stranger.text)) {
            try receive(outgoing, changing: { $0.replacing(.sender, with: Array(stranger.text.utf8)) })
        }
    }

    @Test("§4.3.1 step 7: a message signed by another member is refused")
    mutating func step7() throws {
        // Bob's own key sealed for Bob, but the sender claims to be Ada.
        var (carol, carolLink) = try network.peer(3)
        _ = carolLink
        carol.joined(
            try carolLink.perform(
                network.secureLogin(
                    "ada", as: carol, carolLink.perform(network.secureConnection(), at: PaperNetwork.now)),
                at: PaperNetwork.now))
        let recipient = try verified(bob)
        let forged = try SecureMessage(
            PayloadBuffer.make([9, 9]), to: recipient, from: carol.identity,
            with: network.cryptography.messages
        ).compose()
        let outgoing = try send([1])
        let claimed = forged.replacing(.sender, with: Array(ada.identity.peerID.text.utf8))
        #expect(throws: OverlayError.crypto(.signatureInvalid)) { try receive(outgoing, changing: { _ in claimed }) }
    }

    @Test("a message already delivered is refused for ten minutes")
    mutating func replay() throws {
        let outgoing = try send([1, 2, 3])
        _ = try receive(outgoing)
        #expect(throws: OverlayError.messageReplayed) { try receive(outgoing) }
        #expect(throws: OverlayError.messageReplayed) { try receive(outgoing, at: PaperNetwork.now + 599) }
    }

    @Test("a message to a pipe that is not one's own, or for a foreign group, is refused")
    mutating func foreignPipe() throws {
        let outgoing = try send([1])
        let other = ada.identity.peerID.pipe(in: group)
        for (pipe, refusal) in [
            (other.text, OverlayError.notMember(group: other.text)),
            (nil, .missingElement("pipe in the destination address")),
        ] {
            #expect(throws: refusal) {
                try bob.receive(
                    outgoing.message, under: Heading(of: outgoing.message, on: pipe), at: PaperNetwork.now)
            }
        }
        #expect(throws: OverlayError.peerUnknown(bob.identity.peerID.text)) {
            try ada.compose(
                PayloadBuffer.make([1]), to: bob.identity.peerID, in: JXTAID.group(name: "math"), secure: true,
                at: PaperNetwork.now)
        }
    }

    @Test("under a credential that has expired or was revoked nothing is sealed, for one member or for all")
    mutating func ownCredentialEnded() throws {
        let (bobID, group, later) = (bob.identity.peerID, group, PaperNetwork.now + 25 * 3600)
        try receive(send([1]))
        for time in [later, PaperNetwork.now] {
            let refusal = OverlayError.credentialEnded(time == later ? .expired : .revoked)
            #expect(throws: refusal) {
                try ada.compose(PayloadBuffer.make([2]), to: bobID, in: group, secure: true, at: time)
            }
            #expect(throws: refusal) {
                try ada.compose(PayloadBuffer.make([2]), toGroup: group, secure: true, at: time)
            }
            ada.verifier.trust.revocations = try network.administrator.revoke(
                try #require(ada.identity.credential).certificate.serial, after: nil, at: PaperNetwork.now)
        }
        ada.loggedOut()
        #expect(throws: OverlayError.notLoggedIn) { try ada.checkCredential(at: PaperNetwork.now) }
    }

    @Test("a group that was left is left at once, both ways, however lately a message of it passed")
    mutating func left() throws {
        try receive(send([1]))
        let last = try send([2])
        let record = try #require(bob.membership?.groups.first { $0.id == group })
        bob.left(record)
        ada.left(record)
        #expect(throws: OverlayError.notMember(group: last.pipe.text)) { try receive(last) }
        #expect(throws: OverlayError.peerUnknown(bob.identity.peerID.text)) { try send([3]) }
    }

    @Test("plain messages are refused unless they are allowed")
    mutating func plain() throws {
        let (bobID, group) = (bob.identity.peerID, group)
        #expect(throws: OverlayError.plainRefused) {
            try ada.compose(PayloadBuffer.make([1]), to: bobID, in: group, secure: false, at: PaperNetwork.now)
        }
        let message = SendMessage(PayloadBuffer.make([1]), from: ada.identity).compose()
        #expect(throws: OverlayError.plainRefused) {
            try bob.receive(
                message, under: Heading(of: message, on: bobID.pipe(in: group).text), at: PaperNetwork.now)
        }
    }

    @Test("secureMsgPeerGroup: every member gets its own envelope around one signature")
    mutating func groupMessage() throws {
        let messages = try ada.compose(
            PayloadBuffer.make(Array("hello all".utf8)), toGroup: group, secure: true, at: PaperNetwork.now)
        #expect(messages.map(\.peer) == [bob.identity.peerID])
        let message = try receive(try #require(messages.first))
        #expect(String(buffer: message.payload) == "hello all")
    }

    private mutating func send(_ payload: [UInt8]) throws -> OutgoingMessage {
        try ada.compose(
            PayloadBuffer.make(payload), to: bob.identity.peerID, in: group, secure: true, at: PaperNetwork.now)
    }

    private func verified(_ client: ClientPeer) throws -> VerifiedAdvertisement {
        let document = try client.advertisement(for: group, addresses: [])
        var verifier = AdvertisementVerifier(trust: network.trust, cryptography: network.cryptography)
        return try verifier.verify(document.span.bytes, at: PaperNetwork.now)
    }

    @discardableResult
    private mutating func receive(
        _ outgoing: OutgoingMessage, at time: UnixTime = PaperNetwork.now, changing: (Message) -> Message = { $0 }
    ) throws -> InboundMessage {
        let carried = try MessageDecoder.decode(MessageEncoder.bytes(of: changing(outgoing.message)))
        let heading = try Heading(of: carried, on: outgoing.pipe.text)
        guard case .message(let message) = try bob.receive(carried, under: heading, at: time) else {
            throw OverlayError.unexpectedReply("no message")
        }
        return message
    }
}
