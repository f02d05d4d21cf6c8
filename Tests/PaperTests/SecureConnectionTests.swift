import CryptoCore
import Foundation
import NIOCore
import Overlay
import Testing
import Transport

@Suite("§4.2.1 secureConnection")
struct SecureConnectionTests {
    let network: PaperNetwork
    let link: InMemoryLink

    init() throws {
        network = try PaperNetwork()
        link = try network.peer(1).link
    }

    @Test("§4.2.1 step 2: chall is 32 random bytes, new each time")
    func step2() throws {
        var first = network.secureConnection()
        var second = network.secureConnection()
        let (a, b) = (try first.begin().bytes(.challenge), try second.begin().bytes(.challenge))
        #expect(a.count == 32 && b.count == 32 && a != b)
    }

    @Test("§4.2.1 step 3: a chall of another length is refused")
    func step3() throws {
        for count in [0, 31, 33, 256] {
            var request = Message()
            request.append(.primitive, text: "secureConnection")
            request.append(.challenge, [UInt8](repeating: 1, count: count))
            let reply = try link.exchange(request, at: PaperNetwork.now)
            #expect(reply[.refusal] != nil && reply[.signature] == nil)
            #expect(link.answers.last?.refusal == .challengeLength(count))
        }
    }

    @Test("§4.2.1 steps 4 and 5: Br answers with a fresh sid of 32 bytes, S(chall) and Cred_Br")
    func steps4and5() throws {
        var inquiry = network.secureConnection()
        let request = try inquiry.begin()
        let (first, second) = (
            try link.exchange(request, at: PaperNetwork.now), try link.exchange(request, at: PaperNetwork.now)
        )
        #expect(first.bytes(.session).count == 32 && first.bytes(.session) != second.bytes(.session))
        let challenge = request.bytes(.challenge)
        let signature = first.bytes(.signature)
        try network.brokerKey.publicKey.verify(signature.span.bytes, of: challenge.span.bytes, for: .challenge)
        let credential = first.bytes(.credential)
        #expect(try Certificate(der: credential.span.bytes, engines: PaperNetwork.engines).commonName == "broker")
    }

    @Test("§4.2.1 steps 6 to 9: a legitimate broker is accepted, its credential kept")
    func success() throws {
        let session = try link.perform(network.secureConnection(), at: PaperNetwork.now)
        #expect(session.broker.holder == "broker" && session.broker.role == .broker)
    }

    @Test("§4.2.1 step 6: a broker credential that the administrator did not issue is refused")
    func step6() throws {
        let other = try Administrator.make(
            named: "Adm", suite: PaperNetwork.suite, engines: PaperNetwork.engines, at: PaperNetwork.now)
        let forged = try other.issueBroker(
            CertificateRequest(commonName: "broker", key: network.brokerKey), suite: PaperNetwork.suite,
            at: PaperNetwork.now)
        #expect(throws: OverlayError.brokerNotLegitimate(.certificate(.signatureInvalid))) {
            try finish { $0.replacing(.credential, with: forged.der) }
        }
    }

    @Test("§4.2.1 step 6: an expired, a future and a client's credential are refused")
    func step6Dates() throws {
        for (time, defect) in [
            (PaperNetwork.now + 31 * 86400, CertificateDefect.expired), (PaperNetwork.now - 3600, .notYetValid),
        ] {
            #expect(throws: OverlayError.brokerNotLegitimate(.certificate(defect))) { try finish(at: time) { $0 } }
        }
        let (ada, _) = try network.member("ada", 3)
        let credential = try #require(ada.identity.credential?.certificate.der)
        #expect(throws: OverlayError.brokerNotLegitimate(.certificate(.wrongRole))) {
            try finish { $0.replacing(.credential, with: credential) }
        }
    }

    @Test("§4.2.1 step 6: a revoked broker is refused")
    func step6Revoked() throws {
        var trust = network.trust
        trust.revocations = try network.administrator.revoke(
            PaperNetwork.brokerCertificate.get().serial, after: nil, at: PaperNetwork.now)
        let (link, cryptography) = (link, network.cryptography)
        #expect(throws: OverlayError.brokerNotLegitimate(.certificate(.revoked))) {
            let inquiry = SecureConnection(trusting: trust, with: cryptography, at: PaperNetwork.now)
            _ = try link.perform(inquiry, at: PaperNetwork.now)
        }
    }

    @Test("§4.2.1 step 7: a broker without SK_Br is an impersonator")
    func step7() throws {
        #expect(throws: OverlayError.brokerIsImpersonator) {
            try finish { reply in
                let signature = try PaperNetwork.keys[4].sign([1].span.bytes, for: .challenge)
                return reply.replacing(.signature, with: signature)
            }
        }
    }

    @Test("§4.2.1 step 7: an answer to another chall is refused")
    func step7Replay() throws {
        var earlier = network.secureConnection()
        let recorded = try link.exchange(earlier.begin(), at: PaperNetwork.now)
        #expect(throws: OverlayError.brokerIsImpersonator) {
            try finish { $0.replacing(.signature, with: recorded.bytes(.signature)) }
        }
    }

    @Test("every flipped bit and every truncation of the reply is refused")
    func damaged() throws {
        for element in [ElementName.signature, .credential] {
            let genuine = try reply().bytes(element)
            for index in genuine.indices {
                var forged = genuine
                forged[index] ^= 1 << UInt8(index % 8)
                #expect(throws: OverlayError.self) { try finish { $0.replacing(element, with: forged) } }
                if index % 16 == 0 {
                    let short = Array(genuine.prefix(index))
                    #expect(throws: OverlayError.self) { try finish { $0.replacing(element, with: short) } }
                }
            }
        }
        #expect(throws: OverlayError.self) { try finish { $0.replacing(.session, with: [1, 2, 3]) } }
    }

    private func reply() throws -> Message {
        var inquiry = network.secureConnection()
        return try link.exchange(inquiry.begin(), at: PaperNetwork.now)
    }

    /// A whole secureConnection whose reply is changed on the way.
    private func finish(at time: UnixTime = PaperNetwork.now, _ change: (Message) throws -> Message) throws {
        var inquiry = network.secureConnection(time)
        let reply = try link.exchange(inquiry.begin(), at: PaperNetwork.now)
        _ = try inquiry.finish(try change(reply))
    }
}
