internal import CryptoCore
internal import NIOCore
internal import Synchronization

/// secureLogin (4.2.2): the user proves itself in a sealed request and gets a credential.
public struct SecureLogin: Inquiry, ~Copyable {
    private let user: String
    private let password: Password
    private let identity: Identity
    private let session: BrokerSession
    private let trust: TrustAnchor
    private let cryptography: Cryptography
    private let time: UnixTime

    public init(
        user: String, password: Password, as identity: Identity, session: BrokerSession, trusting trust: TrustAnchor,
        with cryptography: Cryptography, at time: UnixTime
    ) {
        self.user = user
        self.password = password
        self.identity = identity
        self.session = session
        self.trust = trust
        self.cryptography = cryptography
        self.time = time
    }

    /// Steps 1 to 3: Cl signs user name, password and PK_Cl, and sends `E_PK_Br(req, sid)`.
    public mutating func begin() throws(OverlayError) -> Message {
        let request = try LoginRequest.compose(user: user, password: password, key: identity.key)
        let plaintext = LoginRequest.pair(request, session: session.identifier)
        let envelope = try crypto { () throws(CryptoError) in
            try cryptography.envelope.seal(plaintext, for: session.broker.key, .login)
        }
        var message = Message(.secureLogin)
        message.append(.envelope, envelope)
        return message
    }
}

extension Broker {
    /// Steps 4 to 9. Any failure ends the session, and every refusal looks the same to the peer.
    func answerSecureLogin(
        _ request: Message, on connection: ConnectionID, at time: UnixTime
    ) throws(OverlayError) -> BrokerAnswer {
        // Step 5, its first half before anything else: `sid` is taken, whatever becomes of the request.
        let (session, claimedPeer) = try state.withLock { (state) throws(OverlayError) in
            guard let session = state.takeSession(of: connection, at: time),
                let peer = state.connections[connection]?.claimedPeer
            else { throw .sessionNotStored }
            return (session, peer)
        }
        let envelope = try request.required(.envelope)
        // Step 4: Br decrypts with SK_Br.
        let plaintext = try crypto { () throws(CryptoError) in
            try envelope.withReadableSpan { (span) throws(CryptoError) in
                try cryptography.envelope.open(span, with: identity.key, .login)
            }
        }
        let login = try LoginRequest.parse(plaintext, engines: cryptography.engines)
        // Step 5, its second half: the request was made for this very session.
        guard constantTimeEqual(login.session.span.bytes, session.span.bytes) else { throw .sessionNotStored }
        try login.checkSignature()
        // Step 6: user name and password.
        let (account, verdict) = try authenticate(login.user, login.password, at: time)
        // Step 7: the key belongs to the claimed peer identifier.
        try crypto { () throws(CryptoError) in try cryptography.suite.check(ownKey: login.key) }
        let derived = try JXTAID.peer(key: login.key)
        guard derived == claimedPeer else {
            throw .identifierMismatch(claimed: claimedPeer.text, derived: derived.text)
        }
        // Step 8: Br generates cr.
        let credential = try issue(to: account, key: login.key, peer: derived, at: time)
        let pushes = try state.withLock { (state) throws(OverlayError) in
            guard state.connections[connection] != nil else { throw .disconnected("secureLogin") }
            return state.enter(
                BrokerState.Member(user: login.user, peer: derived, groups: account.groups, isSecure: true),
                on: connection)
        }
        // Step 9: Br sends it.
        var reply = Message(.secureLogin)
        reply.append(.credential, credential.der)
        reply.append(account.groups)
        return BrokerAnswer(
            reply: reply, pushes: pushes,
            login: LoginRecord(
                user: login.user, profile: "paper", suite: cryptography.suite.name,
                engine: "\(identity.key.engine.name)", keyBits: login.key.modulusBits,
                passwordHashNanoseconds: verdict.nanoseconds))
    }

    private func issue(
        to account: Account, key: RSAPublicKey, peer: JXTAID, at time: UnixTime
    ) throws(OverlayError) -> Certificate {
        guard let issuer = identity.credential?.certificate else { throw .notLoggedIn }
        // A minute back for clocks that lag; never beyond the broker's own credential.
        let end = min(time + policy.credentialSeconds - 60, issuer.validity.upperBound)
        let template = CertificateTemplate(
            commonName: account.user,
            extensions: CertificateExtensions(
                role: .client, peerID: peer.text, groupIDs: account.groups.map(\.id.text)),
            validity: min(time - 60, end)...end)
        let credential = try crypto { () throws(CryptoError) in
            try Certificate.issue(
                template, for: key, by: issuer, key: identity.key, engines: cryptography.engines)
        }
        try accounts { () throws(AccountError) in try directory.record(IssuedCredential(credential)) }
        return credential
    }
}

extension SecureLogin {
    /// Step 10: from now on `cr` is proof of identity; checked first to be what was asked for.
    public consuming func finish(_ reply: Message) throws(OverlayError) -> Membership {
        let reply = try reply.accepted(.secureLogin)
        let der = try reply.required(.credential)
        let certificate = try crypto { () throws(CryptoError) in
            try der.withReadableSpan { (span) throws(CryptoError) in
                try Certificate(der: span, engines: cryptography.engines)
            }
        }
        guard certificate.publicKey.isSameKey(as: identity.key.publicKey) else {
            throw .credentialNotMine("another key")
        }
        guard certificate.extensions.peerID == identity.peerID.text else { throw .credentialNotMine("another peer id") }
        guard certificate.commonName == user else { throw .credentialNotMine("another user") }
        guard certificate.extensions.role == .client else { throw .crypto(.certificate(.wrongRole)) }
        // The broker's own credential was verified by secureConnection a moment ago.
        try crypto { () throws(CryptoError) in
            try certificate.check(issuedBy: session.broker.certificate, at: time)
            try trust.revocations?.check(certificate, at: time)
        }
        let credential = try Credential([certificate, session.broker.certificate])
        return Membership(user: user, groups: try reply.groups(), credential: credential)
    }
}
