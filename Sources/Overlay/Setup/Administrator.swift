public import CryptoCore

/// The administrator of 4.1: trusted by all peers, issues brokers' credentials, revokes.
public struct Administrator: Sendable {
    /// Ten years.
    static let lifetime: UnixTime = 3650 * 86400
    /// Thirty days.
    public static let brokerLifetime: UnixTime = 30 * 86400
    /// The next revocation list is due a week after the last.
    static let revocationLifetime: UnixTime = 7 * 86400

    public let key: RSAPrivateKey
    public let certificate: Certificate
    private let engines: EngineTable

    public init(key: RSAPrivateKey, certificate: Certificate, engines: EngineTable) throws(OverlayError) {
        guard certificate.publicKey.isSameKey(as: key.publicKey), certificate.extensions.role == .administrator else {
            throw .credentialNotMine("the administrator's key and certificate do not belong together")
        }
        self.key = key
        self.certificate = certificate
        self.engines = engines
    }

    /// A new administrator: key pair and self-signed credential Cred_Adm^Adm.
    public static func make(
        named name: String, suite: Suite, engines: EngineTable, at time: UnixTime
    ) throws(OverlayError) -> Administrator {
        let key = try crypto { () throws(CryptoError) in
            try RSAPrivateKey.generate(for: suite, engines: engines)
        }
        return try make(named: name, key: key, engines: engines, at: time)
    }

    /// The same with a key that there is already.
    package static func make(
        named name: String, key: RSAPrivateKey, engines: EngineTable, at time: UnixTime
    ) throws(OverlayError) -> Administrator {
        let template = CertificateTemplate(
            commonName: name,
            extensions: CertificateExtensions(
                role: .administrator, peerID: try JXTAID.peer(key: key.publicKey).text),
            validity: (time - 60)...(time + lifetime))
        let certificate = try crypto { () throws(CryptoError) in
            try Certificate.selfSigned(template, key: key, engines: engines)
        }
        return try Administrator(key: key, certificate: certificate, engines: engines)
    }

    /// Cred_Br^Adm from a broker's request: its private key never leaves it.
    public func issueBroker(
        _ request: CertificateRequest, suite: Suite, at time: UnixTime, lifetime: UnixTime = brokerLifetime
    ) throws(OverlayError) -> Certificate {
        try crypto { () throws(CryptoError) in try suite.check(ownKey: request.publicKey) }
        let end = min(time + lifetime, certificate.validity.upperBound)
        let template = CertificateTemplate(
            commonName: request.commonName,
            extensions: CertificateExtensions(role: .broker, peerID: try JXTAID.peer(key: request.publicKey).text),
            validity: (time - 60)...end)
        return try crypto { () throws(CryptoError) in
            try Certificate.issue(template, for: request.publicKey, by: certificate, key: key, engines: engines)
        }
    }

    /// A new revocation list with one more serial number.
    public func revoke(
        _ serial: [UInt8], after previous: RevocationList?, at time: UnixTime
    ) throws(OverlayError) -> RevocationList {
        let serials = (previous?.serials ?? []).filter { $0 != serial } + [serial]
        return try crypto { () throws(CryptoError) in
            try RevocationList(
                revoking: serials, number: UInt32(truncatingIfNeeded: time),
                validity: time...(time + Self.revocationLifetime), by: certificate, key: key)
        }
    }
}
