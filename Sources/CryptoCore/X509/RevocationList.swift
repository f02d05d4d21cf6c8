/// The administrator's CRL (RFC 5280 §5): serial numbers of credentials that no longer hold.
public struct RevocationList: Sendable {
    public let der: [UInt8]
    /// When it was made and when the next is due, seconds since 1970.
    public let validity: ClosedRange<Int64>
    public let serials: [[UInt8]]
    private let lookup: Set<[UInt8]>

    /// 1 MiB: about 25,000 entries.
    public static let longest = 1 << 20

    /// Makes and signs a list. Serial numbers are bytes as in ``Certificate/serial``.
    public init(
        revoking serials: [[UInt8]], number: UInt32, validity: ClosedRange<Int64>, by authority: Certificate,
        key: RSAPrivateKey
    ) throws(CryptoError) {
        var entries: [UInt8] = []
        let made = DERTime.encode(validity.lowerBound)
        for serial in serials { entries += DER.encode(DER.sequence, DER.natural(serial), made) }
        // id-ce-cRLNumber, 2.5.29.20.
        let numberBytes = (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) }
        let numberExtension = DER.encode(
            DER.sequence, DER.encode(DER.objectIdentifier, [0x55, 0x1d, 0x14]),
            DER.encode(DER.octetString, DER.natural(number == 0 ? [0] : numberBytes)))
        let signed = DER.encode(
            DER.sequence, DER.natural([1]), Certificate.signatureAlgorithm, authority.subject, made,
            DERTime.encode(validity.upperBound), entries.isEmpty ? [] : DER.encode(DER.sequence, entries),
            DER.encode(DER.explicit(0), DER.encode(DER.sequence, numberExtension)))
        der = try SignedStructure.compose(signed, by: key)
        self.validity = validity
        self.serials = serials
        lookup = Set(serials)
    }

    /// Reads a list and checks that `authority` signed it.
    public init(der bytes: RawSpan, signedBy authority: Certificate) throws(CryptoError) {
        guard bytes.byteCount <= Self.longest else { throw .tooLong(limit: Self.longest, actual: bytes.byteCount) }
        der = bytes.withUnsafeBytes { Array($0) }
        let parts = try SignedStructure(der)
        var content = try parts.content()
        guard try content.readNatural() == [1] else { throw .malformed("not a version 2 CRL") }
        guard Array(try content.readWhole(DER.sequence).element) == Certificate.signatureAlgorithm else {
            throw .certificate(.algorithmRefused)
        }
        guard Array(try content.readWhole(DER.sequence).element) == authority.subject else {
            throw .certificate(.wrongIssuer)
        }
        let made = try DERTime.read(&content)
        let due = try DERTime.read(&content)
        guard made <= due else { throw .malformed("dates in the wrong order") }
        validity = made...due
        var serials: [[UInt8]] = []
        if content.next(is: DER.sequence) {
            var entries = try content.descend(DER.sequence)
            while !entries.isAtEnd {
                var entry = try entries.descend(DER.sequence)
                serials.append(try entry.readNatural())
            }
        }
        self.serials = serials
        lookup = Set(serials)
        do throws(CryptoError) {
            try authority.publicKey.verify(parts.signature.span.bytes, of: Array(parts.signed).span.bytes)
        } catch .signatureInvalid {
            throw .certificate(.signatureInvalid)
        }
    }

    /// - Throws: `.certificate(.revoked)`, or `.revocationListStale` when the next list is overdue.
    public func check(_ certificate: Certificate, at time: Int64) throws(CryptoError) {
        guard time <= validity.upperBound else { throw .certificate(.revocationListStale) }
        guard !lookup.contains(certificate.serial) else { throw .certificate(.revoked) }
    }
}
