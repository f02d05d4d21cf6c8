public import CryptoCore

/// A broker that proved itself, and the session that it opened.
public struct ScriptedSession: Sendable {
    let identifier: [UInt8]
    let broker: Certificate
}

/// secureConnection (4.2.1).
extension CoreScript {
    /// Steps 2 and 3: chall.
    public func secureConnection() throws(CryptoError) -> [UInt8] {
        _ = try Self.peerID(of: clientKey.publicKey)
        return try randomBytes(Self.randomCount)
    }

    /// Steps 4 and 5: sid, S(chall) and the broker's credential.
    public func answerSecureConnection(
        _ challenge: [UInt8]
    ) throws(CryptoError) -> (session: [UInt8], reply: [UInt8]) {
        let session = try randomBytes(Self.randomCount)
        let signature = try broker.key.sign(challenge.span.bytes, for: .challenge)
        return (session, session + signature + broker.certificate.der)
    }

    /// Steps 6 to 9: the credential, then the signature.
    public func finishSecureConnection(
        _ reply: [UInt8], challenge: [UInt8]
    ) throws(CryptoError) -> ScriptedSession {
        let start = Self.randomCount + suite.modulusBits / 8
        guard reply.count > start else { throw .malformed("the reply is cut off") }
        let der = Array(reply[start...])
        let certificate = try Certificate(der: der.span.bytes, engines: engines)
        guard certificate.extensions.role == .broker else { throw .certificate(.wrongRole) }
        try suite.check(peerKey: certificate.publicKey)
        try certificate.check(issuedBy: administrator, at: time)
        guard try Self.peerID(of: certificate.publicKey) == certificate.extensions.peerID else {
            throw .certificate(.missingField)
        }
        let signature = Array(reply[Self.randomCount..<start])
        try certificate.publicKey.verify(signature.span.bytes, of: challenge.span.bytes, for: .challenge)
        // The overlay keeps a credential under its holder's id, derived anew.
        _ = try Self.peerID(of: certificate.publicKey)
        return ScriptedSession(identifier: Array(reply[..<Self.randomCount]), broker: certificate)
    }
}

/// secureLogin (4.2.2).
extension CoreScript {
    /// Steps 1 to 3: E(req, sid).
    public func secureLogin(_ session: ScriptedSession) throws(CryptoError) -> [UInt8] {
        let signed = Fields.encode([
            Self.bytes(Self.user), Self.bytes(Self.password), clientKey.publicKey.spki,
        ])
        let signature = try clientKey.sign(signed.span.bytes, for: .login)
        let request = signed + Fields.encode([signature])
        let plaintext = Fields.encode([request, session.identifier])
        return try envelope.seal(SecretBytes(copying: plaintext.span.bytes), for: session.broker.publicKey, .login)
    }

    /// Steps 4 to 9: opens, checks session, signature, password and key, and issues the credential.
    public func answerSecureLogin(_ sealed: [UInt8], session: [UInt8]) throws(CryptoError) -> [UInt8] {
        let opened = try envelope.open(sealed.span.bytes, with: broker.key, .login)
        var pair = Fields(opened.withBytes { span in span.withUnsafeBytes { Array($0) } })
        let (request, inner) = (try pair.next(), try pair.next())
        guard constantTimeEqual(inner.span.bytes, session.span.bytes) else { throw .openingFailed }
        var fields = Fields(request)
        let (user, password, spki) = (try fields.next(), try fields.next(), try fields.next())
        let signed = fields.taken
        let signature = try fields.next()
        let key = try RSAPublicKey(spki: spki.span.bytes, engines: engines)
        try key.verify(signature.span.bytes, of: signed.span.bytes, for: .login)
        try checkPassword(user, password)
        try suite.check(ownKey: key)
        return try Certificate.issue(
            CertificateTemplate(
                commonName: "ada",
                extensions: CertificateExtensions(
                    role: .client, peerID: try Self.peerID(of: key), groupIDs: [groupID]),
                validity: (time - 60)...(time + 86340)), for: key, by: broker.certificate, key: broker.key,
            engines: engines
        ).der
    }

    /// Step 10: the credential is this client's, and that broker's work.
    public func finishSecureLogin(_ der: [UInt8], _ session: ScriptedSession) throws(CryptoError) {
        let certificate = try Certificate(der: der.span.bytes, engines: engines)
        guard certificate.publicKey.isSameKey(as: clientKey.publicKey), certificate.extensions.role == .client else {
            throw .certificate(.wrongRole)
        }
        try certificate.check(issuedBy: session.broker, at: time)
        _ = try Self.peerID(of: certificate.publicKey)
    }
}
