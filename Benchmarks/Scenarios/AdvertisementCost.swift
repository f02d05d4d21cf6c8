internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Overlay
internal import XMLSecurity

/// advertisement/verify, -cold and -cached: one signed pipe advertisement, beside the floors of each.
struct AdvertisementCost: Experiment {
    let title = "advertisements"

    func rows(_ options: RunOptions) -> [String] {
        ["verify", "verify-cold", "cached"].flatMap {
            [options.id("advertisement", $0), options.id("advertisement", "\($0)-floor")]
        }
    }

    func estimateSeconds(_ options: RunOptions) -> Double { 1.5 + 0.002 * Double(options.plan.operationPairs) }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        try context.checkpoint()
        let subject = try Subject(context)
        let order = Interleaving(
            arms: ["verify", "verify-cold", "cached"].flatMap { [$0, "\($0)-floor"] },
            pairs: context.options.plan.operationPairs, blockSize: 10)
        try order.measure(
            seed: context.options.seed, into: &context.store, row: { context.id("advertisement", $0) }, subject.once)
        let goals = [
            ("verify", "bare libxml2 parse + exclusive C14N + libcrypto verify", 1.3),
            ("verify-cold", "the same and libcrypto's chain", 1.3), ("cached", "SHA-256 of the same bytes", 1.5),
        ]
        for (arm, what, limit) in goals {
            context.addFloor(
                context.id("advertisement", "\(arm)-floor"), under: context.id("advertisement", arm), what: what,
                limit: limit)
        }
        context.progress.advance(estimateSeconds(context.options), now: title)
    }

    /// A client's signed advertisement and everything that verifies it.
    private final class Subject {
        private let document: [UInt8]
        private let now = Clock.unix()
        private var verifier: AdvertisementVerifier
        private let floor: LeanXMLSignature
        private let chain: LeanChain
        private let lean: LeanLibcrypto

        init(_ context: RunContext) throws {
            let (suite, engines) = (context.options.suite, context.engines)
            let administrator = try Administrator.make(named: "Adm", suite: suite, engines: engines, at: now)
            let brokerKey = try RSAPrivateKey.generate(for: suite, engines: engines)
            let broker = try administrator.issueBroker(
                CertificateRequest(commonName: "broker", key: brokerKey), suite: suite, at: now)
            let key = try RSAPrivateKey.generate(for: suite, engines: engines)
            let group = try JXTAID.group(name: Fleet.group)
            let peer = try JXTAID.peer(key: key.publicKey)
            let client = try Certificate.issue(
                CertificateTemplate(
                    commonName: "ada",
                    extensions: CertificateExtensions(role: .client, peerID: peer.text, groupIDs: [group.text]),
                    validity: (now - 60)...(now + 3600)), for: key.publicKey, by: broker, key: brokerKey,
                engines: engines)
            let identity = try Identity(key: key, credential: try Credential([client, broker]))
            document = try AdvertisementVerifier.sign(
                PipeAdvertisement(
                    id: peer.pipe(in: group), name: "ada", peer: peer, group: group,
                    addresses: ["tcp://127.0.0.1:9701"]), as: identity)
            verifier = AdvertisementVerifier(
                trust: try TrustAnchor(administrator.certificate, at: now),
                cryptography: try Cryptography(suite: suite, engines: engines))
            lean = LeanLibcrypto(privateKey: try key.pkcs8(), keyBytes: suite.contentKeyBytes)
            let text = String(decoding: document, as: UTF8.self)
            floor = LeanXMLSignature(
                lean, signature: Self.base64(in: text, "SignatureValue"), digest: Self.base64(in: text, "DigestValue"))
            chain = LeanChain(anchor: administrator.certificate.der, leaf: client.der, issuer: broker.der)
        }

        func once(_ arm: String) throws -> UInt64 {
            switch arm {
            case "verify":
                verifier.forget(chainsToo: false)
                return try verify()
            case "verify-cold":
                verifier.forget(chainsToo: true)
                return try verify()
            case "cached": return try verify()
            case "verify-floor": return try check { floor.verify(document) }
            case "verify-cold-floor": return try check { chain.verify() && floor.verify(document) }
            default: return try check { document.withUnsafeBytes { lean.hash($0).count == 32 } }
            }
        }

        private func verify() throws -> UInt64 {
            let document = document
            let (nanoseconds, verified) = try timed { try verifier.verify(document.span.bytes, at: now) }
            guard verified.user == "ada" else { throw Failure(.wrongResult, "advertisement: another user") }
            return nanoseconds
        }

        private func check(_ work: () -> Bool) throws -> UInt64 {
            let (nanoseconds, isRight) = timed(work)
            guard isRight else { throw Failure(.wrongResult, "advertisement floor: not verified") }
            return nanoseconds
        }

        private static func base64(in text: String, _ name: String) -> [UInt8] {
            let parts = text.components(separatedBy: "<ds:\(name)>")
            let value = parts.count > 1 ? parts[1].components(separatedBy: "<")[0] : ""
            return Array(value.utf8).withUnsafeBytes(Base64.decode) ?? []
        }
    }
}
