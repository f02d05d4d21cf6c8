public import CryptoCore

/// Cred: a certificate and those above it up to, but not with, the administrator's.
public struct Credential: Sendable {
    /// Holder's first: one for a broker, two for a client.
    public let chain: [Certificate]
    /// The holder's peer id, derived from its key.
    public let peer: JXTAID

    public init(_ chain: [Certificate]) throws(OverlayError) {
        precondition((1...2).contains(chain.count))
        self.chain = chain
        peer = try JXTAID.peer(key: chain[0].publicKey)
    }

    public var certificate: Certificate { chain[0] }
    public var key: RSAPublicKey { certificate.publicKey }
    public var role: CredentialRole { certificate.extensions.role }
    /// User name or broker name.
    public var holder: String { certificate.commonName }
    public var peerID: String { certificate.extensions.peerID }
}

/// Cred_Adm^Adm, which every peer is given beforehand, and the administrator's revocation list where there is one.
public struct TrustAnchor: Sendable {
    public let administrator: Certificate
    public var revocations: RevocationList?

    /// - Throws: `.crypto` when the certificate is no self-signed administrator's or not valid now.
    public init(
        _ administrator: Certificate, revocations: RevocationList? = nil, at time: UnixTime
    ) throws(OverlayError) {
        guard administrator.extensions.role == .administrator else { throw .crypto(.certificate(.wrongRole)) }
        try crypto { () throws(CryptoError) in try administrator.check(issuedBy: administrator, at: time) }
        self.administrator = administrator
        self.revocations = revocations
    }
}

extension TrustAnchor {
    /// Verifies a chain, holder's certificate first: a broker directly below the administrator, or a client
    /// directly below such a broker. Roles, dates, revocation, peer id and key policy are all checked.
    public func verify(_ chain: [Certificate], suite: Suite, at time: UnixTime) throws(OverlayError) -> Credential {
        let roles: [CredentialRole] = chain.count == 1 ? [.broker] : [.client, .broker]
        guard chain.map(\.extensions.role) == roles else { throw .crypto(.certificate(.wrongRole)) }
        for (index, certificate) in chain.enumerated() {
            let issuer = index + 1 < chain.count ? chain[index + 1] : administrator
            try crypto { () throws(CryptoError) in
                try suite.check(peerKey: certificate.publicKey)
                try certificate.check(issuedBy: issuer, at: time)
            }
            let derived = try JXTAID.peer(key: certificate.publicKey)
            guard derived.text == certificate.extensions.peerID else {
                throw .identifierMismatch(claimed: certificate.extensions.peerID, derived: derived.text)
            }
        }
        let credential = try Credential(chain)
        try checkAgain(credential, at: time)
        return credential
    }

    /// What can change about a verified chain: dates and revocation.
    public func checkAgain(_ credential: Credential, at time: UnixTime) throws(OverlayError) {
        try crypto { () throws(CryptoError) in
            try administrator.checkDates(at: time)
            for certificate in credential.chain {
                try certificate.checkDates(at: time)
                try revocations?.check(certificate, at: time)
            }
        }
    }
}
