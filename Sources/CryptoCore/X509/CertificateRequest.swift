/// A PKCS#10 request (RFC 2986): how a broker asks the administrator for its credential without showing its key.
public struct CertificateRequest: Sendable {
    public let der: [UInt8]
    public let commonName: String
    public let publicKey: RSAPublicKey

    /// Makes and signs a request.
    public init(commonName: String, key: RSAPrivateKey) throws(CryptoError) {
        let signed = DER.encode(
            DER.sequence, DER.natural([0]), try DistinguishedName.encode(commonName), key.publicKey.spki,
            DER.encode(DER.explicit(0)))
        der = try SignedStructure.compose(signed, by: key)
        self.commonName = commonName
        publicKey = key.publicKey
    }

    /// Reads a request and checks that its sender holds the private key.
    /// - Throws: `.certificate(.signatureInvalid)` otherwise.
    public init(der bytes: RawSpan, engines: EngineTable) throws(CryptoError) {
        guard bytes.byteCount <= Certificate.longest else {
            throw .tooLong(limit: Certificate.longest, actual: bytes.byteCount)
        }
        der = bytes.withUnsafeBytes { Array($0) }
        let parts = try SignedStructure(der)
        var content = try parts.content()
        guard try content.readNatural() == [0] else { throw .malformed("not a PKCS#10 request") }
        commonName = try DistinguishedName.parse(try content.readWhole(DER.sequence).element)
        let spki = Array(try content.readWhole(DER.sequence).element)
        publicKey = try RSAPublicKey(spki: spki.span.bytes, engines: engines)
        do throws(CryptoError) {
            try publicKey.verify(parts.signature.span.bytes, of: Array(parts.signed).span.bytes)
        } catch .signatureInvalid {
            throw .certificate(.signatureInvalid)
        }
    }
}
