/// What an authority is asked to certify.
public struct CertificateTemplate: Sendable {
    public var commonName: String
    public var extensions: CertificateExtensions
    /// Seconds since 1970.
    public var validity: ClosedRange<Int64>

    public init(commonName: String, extensions: CertificateExtensions, validity: ClosedRange<Int64>) {
        self.commonName = commonName
        self.extensions = extensions
        self.validity = validity
    }
}

extension Certificate {
    /// Cred_subject^issuer: one private operation of the issuer.
    public static func issue(
        _ template: CertificateTemplate, for subject: RSAPublicKey, by issuer: Certificate, key: RSAPrivateKey,
        engines: EngineTable
    ) throws(CryptoError) -> Certificate {
        let der = try compose(
            template, subject: subject, issuerName: issuer.subject, issuerKey: issuer.publicKey, key: key)
        return try Certificate(der: der.span.bytes, engines: engines)
    }

    /// Cred_Adm^Adm: the administrator's own, which every peer is given beforehand (4.1).
    public static func selfSigned(
        _ template: CertificateTemplate, key: RSAPrivateKey, engines: EngineTable
    ) throws(CryptoError) -> Certificate {
        let name = try DistinguishedName.encode(template.commonName)
        let der = try compose(
            template, subject: key.publicKey, issuerName: name, issuerKey: key.publicKey, key: key)
        return try Certificate(der: der.span.bytes, engines: engines)
    }

    private static func compose(
        _ template: CertificateTemplate, subject: RSAPublicKey, issuerName: [UInt8], issuerKey: RSAPublicKey,
        key: RSAPrivateKey
    ) throws(CryptoError) -> [UInt8] {
        let phase = Phase.begin()
        // RFC 5280 §4.1.2.2: positive, at most 20 bytes. 16 random ones with the top bit clear and the next set.
        var serial = try randomBytes(16)
        serial[0] = serial[0] & 0x7f | 0x40
        let dates = DER.encode(
            DER.sequence, DERTime.encode(template.validity.lowerBound), DERTime.encode(template.validity.upperBound))
        let extensions = try template.extensions.encode(subject: subject, issuer: issuerKey)
        let signed = DER.encode(
            DER.sequence, DER.encode(DER.explicit(0), DER.natural([2])), DER.natural(serial), signatureAlgorithm,
            issuerName, dates, try DistinguishedName.encode(template.commonName), subject.spki,
            DER.encode(DER.explicit(3), extensions))
        phase.end("issue", bytes: signed.count)
        return try SignedStructure.compose(signed, by: key)
    }
}
