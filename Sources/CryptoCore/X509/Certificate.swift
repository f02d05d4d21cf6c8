/// An X.509 v3 certificate (RFC 5280) of the overlay's profile: the form of the paper's Cred.
///
/// Parsed by hand and strictly: libcrypto's decoder costs about 110 us, which would be a fifth of a secure join, and
/// accepts much that our credentials never contain. Other tools read the same bytes (`openssl verify`).
public final class Certificate: Sendable {
    public let der: [UInt8]
    public let commonName: String
    public let publicKey: RSAPublicKey
    public let extensions: CertificateExtensions
    /// Seconds since 1970, both ends included.
    public let validity: ClosedRange<Int64>
    public let serial: [UInt8]
    let subject: [UInt8]
    let issuer: [UInt8]
    private let signed: [UInt8]
    private let signature: [UInt8]

    /// 16 KiB: a 4096-bit certificate with 200 groups fits.
    public static let longest = 16 << 10

    /// sha256WithRSAEncryption, 1.2.840.113549.1.1.11 with NULL parameters: the only accepted signature.
    static let signatureAlgorithm: [UInt8] = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b, 0x05, 0x00,
    ]

    public init(der bytes: RawSpan, engines: EngineTable) throws(CryptoError) {
        let phase = Phase.begin()
        defer { phase.end("certificate", bytes: bytes.byteCount) }
        guard bytes.byteCount <= Self.longest else { throw .tooLong(limit: Self.longest, actual: bytes.byteCount) }
        der = bytes.withUnsafeBytes { Array($0) }
        let parts = try SignedStructure(der)
        var tbs = try parts.content()
        guard var version = try tbs.readIfPresent(DER.explicit(0)).map(DER.Reader.init),
            try version.readNatural() == [2]
        else { throw .malformed("not an X.509 v3 certificate") }
        serial = try tbs.readNatural()
        guard serial.count <= 20 else { throw .malformed("serial number over 20 bytes") }
        guard Array(try tbs.readWhole(DER.sequence).element) == Self.signatureAlgorithm else {
            throw .certificate(.algorithmRefused)
        }
        issuer = Array(try tbs.readWhole(DER.sequence).element)
        var dates = try tbs.descend(DER.sequence)
        let notBefore = try DERTime.read(&dates)
        let notAfter = try DERTime.read(&dates)
        try dates.end()
        guard notBefore <= notAfter else { throw .malformed("dates in the wrong order") }
        validity = notBefore...notAfter
        subject = Array(try tbs.readWhole(DER.sequence).element)
        commonName = try DistinguishedName.parse(subject[...])
        let spki = Array(try tbs.readWhole(DER.sequence).element)
        publicKey = try RSAPublicKey(spki: spki.span.bytes, engines: engines)
        extensions = try CertificateExtensions.parse(try tbs.read(DER.explicit(3)))
        try tbs.end()
        signed = Array(parts.signed)
        signature = parts.signature
    }

    /// Whether `authority` issued this certificate and both hold at `time`.
    /// - Throws: `.certificate` with the first defect found.
    public func check(issuedBy authority: Certificate, at time: Int64) throws(CryptoError) {
        guard issuer == authority.subject else { throw .certificate(.wrongIssuer) }
        guard let allowed = authority.extensions.pathLength else { throw .certificate(.notAuthority) }
        if authority !== self, let own = extensions.pathLength {
            guard own < allowed else { throw .certificate(.pathTooLong) }
        }
        try checkDates(at: time)
        try checkSignature(by: authority.publicKey)
    }

    public func checkDates(at time: Int64) throws(CryptoError) {
        guard time >= validity.lowerBound else { throw .certificate(.notYetValid) }
        guard time <= validity.upperBound else { throw .certificate(.expired) }
    }

    func checkSignature(by key: RSAPublicKey) throws(CryptoError) {
        // Bound before they are borrowed: a span of a class's property would outlive the access.
        let (signature, signed) = (signature, signed)
        do throws(CryptoError) {
            try key.verify(signature.span.bytes, of: signed.span.bytes)
        } catch .signatureInvalid {
            throw .certificate(.signatureInvalid)
        }
    }
}

/// SEQUENCE { to-be-signed, algorithm, signature }: the frame of certificates, requests and revocation lists.
struct SignedStructure {
    let signed: ArraySlice<UInt8>
    let signature: [UInt8]

    init(_ der: [UInt8]) throws(CryptoError) {
        var outer = DER.Reader(der[...])
        var frame = try outer.descend(DER.sequence)
        try outer.end()
        signed = try frame.readWhole(DER.sequence).element
        guard Array(try frame.readWhole(DER.sequence).element) == Certificate.signatureAlgorithm else {
            throw .certificate(.algorithmRefused)
        }
        let bits = try frame.read(DER.bitString)
        try frame.end()
        guard bits.first == 0 else { throw .malformed("unused bits in a signature") }
        signature = Array(bits.dropFirst())
    }

    func content() throws(CryptoError) -> DER.Reader {
        var reader = DER.Reader(signed)
        return try reader.descend(DER.sequence)
    }

    /// Signs and frames: one private operation.
    static func compose(_ signed: [UInt8], by key: RSAPrivateKey) throws(CryptoError) -> [UInt8] {
        let signature = try key.sign(signed.span.bytes)
        return DER.encode(
            DER.sequence, signed, Certificate.signatureAlgorithm, DER.encode(DER.bitString, [0], signature))
    }
}
