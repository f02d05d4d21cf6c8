internal import CryptoCore
internal import NIOCore
internal import Synchronization

/// A legitimate broker, and the session it opened: only ``SecureConnection`` makes one, and secureLogin wants one.
public struct BrokerSession: Sendable {
    let identifier: [UInt8]
    public let broker: Credential

    fileprivate init(identifier: [UInt8], broker: Credential) {
        self.identifier = identifier
        self.broker = broker
    }
}

/// secureConnection (4.2.1): authenticates the broker by challenge and response.
public struct SecureConnection: Inquiry, ~Copyable {
    /// `chall` and `sid` are exactly this long.
    static let randomBytes = 32

    private let trust: TrustAnchor
    private let cryptography: Cryptography
    private let time: UnixTime
    private var challenge: [UInt8] = []

    public init(trusting trust: TrustAnchor, with cryptography: Cryptography, at time: UnixTime) {
        self.trust = trust
        self.cryptography = cryptography
        self.time = time
    }

    /// Steps 2 and 3: Cl chooses `chall` and sends it.
    public mutating func begin() throws(OverlayError) -> Message {
        challenge = try crypto { () throws(CryptoError) in try CryptoCore.randomBytes(Self.randomBytes) }
        var request = Message(.secureConnection)
        request.append(.challenge, challenge)
        return request
    }
}

extension Broker {
    /// Steps 4 and 5: Br stores a random `sid` and answers with it, `S_SK_Br(chall)` and `Cred_Br^Adm`.
    func answerSecureConnection(
        _ request: Message, on connection: ConnectionID, at time: UnixTime
    ) throws(OverlayError) -> BrokerAnswer {
        let challenge = try request.required(.challenge)
        guard challenge.readableBytes == SecureConnection.randomBytes else {
            throw .challengeLength(challenge.readableBytes)
        }
        let session = try crypto { () throws(CryptoError) in try randomBytes(SecureConnection.randomBytes) }
        let signature = try crypto { () throws(CryptoError) in
            try challenge.withReadableSpan { (span) throws(CryptoError) in
                try identity.key.sign(span, for: .challenge)
            }
        }
        try state.withLock { (state) throws(OverlayError) in
            guard state.connections[connection] != nil else { throw .disconnected("secureConnection") }
            state.connections[connection]?.session = (session, time + policy.sessionSeconds)
        }
        var reply = Message(.secureConnection)
        reply.append(.session, session)
        reply.append(.signature, signature)
        for certificate in identity.credential?.chain ?? [] { reply.append(.credential, certificate.der) }
        return BrokerAnswer(reply: reply)
    }
}

extension SecureConnection {
    /// Steps 6 to 9: Cl checks the credential, then the signature, and keeps `sid` and `Cred_Br^Adm`.
    /// - Throws: `.brokerNotLegitimate` for step 6, `.brokerIsImpersonator` for step 7.
    public consuming func finish(_ reply: Message) throws(OverlayError) -> BrokerSession {
        let reply = try reply.accepted(.secureConnection)
        let session = try reply.required(.session)
        guard session.readableBytes == Self.randomBytes else { throw .sessionNotStored }
        let broker = try verifyCredential(try reply.required(.credential))
        let signature = try reply.required(.signature)
        do throws(CryptoError) {
            try signature.withReadableSpan { (span) throws(CryptoError) in
                try broker.key.verify(span, of: challenge.span.bytes, for: .challenge)
            }
        } catch {
            throw .brokerIsImpersonator
        }
        return BrokerSession(identifier: Array(session.readableBytesView), broker: broker)
    }

    /// Step 6: the credential is the administrator's work, for a broker, and valid now.
    private borrowing func verifyCredential(_ der: ByteBuffer) throws(OverlayError) -> Credential {
        do throws(OverlayError) {
            let certificate = try crypto { () throws(CryptoError) in
                try der.withReadableSpan { (span) throws(CryptoError) in
                    try Certificate(der: span, engines: cryptography.engines)
                }
            }
            return try trust.verify([certificate], suite: cryptography.suite, at: time)
        } catch .crypto(let reason) {
            throw .brokerNotLegitimate(reason)
        } catch .identifierMismatch {
            throw .brokerNotLegitimate(.certificate(.missingField))
        }
    }
}
