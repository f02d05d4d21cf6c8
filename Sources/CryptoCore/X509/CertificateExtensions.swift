/// Who a credential's holder is in the overlay (section 2.1 of the paper).
public enum CredentialRole: String, Sendable, CaseIterable {
    case administrator, broker, client
}

/// What a certificate says beyond key, names and dates: the extensions of our profile.
public struct CertificateExtensions: Equatable, Sendable {
    public var role: CredentialRole
    /// The holder's peer id, as the subjectAltName URI.
    public var peerID: String
    /// Ids of the groups the holder belongs to.
    public var groupIDs: [String]

    public init(role: CredentialRole, peerID: String, groupIDs: [String] = []) {
        self.role = role
        self.peerID = peerID
        self.groupIDs = groupIDs
    }

    /// Certificates below this one: 1 for the administrator, 0 for brokers, none (not an authority) for clients.
    var pathLength: Int? {
        switch role {
        case .administrator: 1
        case .broker: 0
        case .client: nil
        }
    }

    /// keyUsage bits (RFC 5280 §4.2.1.3) as the first byte of the bit string.
    private var keyUsage: UInt8 {
        let digitalSignature: UInt8 = 0x80
        let keyEncipherment: UInt8 = 0x20
        let keyCertSign: UInt8 = 0x04
        let cRLSign: UInt8 = 0x02
        return switch role {
        case .administrator: keyCertSign | cRLSign
        case .broker: digitalSignature | keyEncipherment | keyCertSign
        case .client: digitalSignature | keyEncipherment
        }
    }
}

extension CertificateExtensions {
    private static let basicConstraints: [UInt8] = [0x55, 0x1d, 0x13]
    private static let keyUsage: [UInt8] = [0x55, 0x1d, 0x0f]
    private static let subjectAltName: [UInt8] = [0x55, 0x1d, 0x11]
    private static let subjectKeyIdentifier: [UInt8] = [0x55, 0x1d, 0x0e]
    private static let authorityKeyIdentifier: [UInt8] = [0x55, 0x1d, 0x23]
    /// 2.25.147696107626269247608420633541831789587: an arc made from a UUID (X.667), which needs no registration.
    private static let arc: [UInt8] = [
        0x69, 0x81, 0xde, 0x9d, 0x9e, 0x94, 0xd1, 0xe0, 0xda, 0xb1, 0xd5, 0x9a, 0xa0, 0xcb, 0xaf, 0xbe, 0x82, 0xfe,
        0x98, 0x13,
    ]
    private static let roleIdentifier = arc + [1]
    private static let groupsIdentifier = arc + [2]

    func encode(subject: RSAPublicKey, issuer: RSAPublicKey) throws(CryptoError) -> [UInt8] {
        var constraints: [UInt8] = []
        if let pathLength {
            constraints = DER.encode(DER.boolean, [0xff]) + DER.natural([UInt8(pathLength)])
        }
        let unusedBits = UInt8(keyUsage.trailingZeroBitCount)
        let authority = DER.encode(DER.implicit(0), try Self.keyIdentifier(issuer))
        var list: [UInt8] = []
        list += Self.one(Self.basicConstraints, critical: true, DER.encode(DER.sequence, constraints))
        list += Self.one(Self.keyUsage, critical: true, DER.encode(DER.bitString, [unusedBits, keyUsage]))
        list += Self.one(
            Self.subjectAltName, DER.encode(DER.sequence, DER.encode(DER.implicit(6), Array(peerID.utf8))))
        list += Self.one(Self.subjectKeyIdentifier, DER.encode(DER.octetString, try Self.keyIdentifier(subject)))
        list += Self.one(Self.authorityKeyIdentifier, DER.encode(DER.sequence, authority))
        list += Self.one(Self.roleIdentifier, DER.text(role.rawValue))
        if !groupIDs.isEmpty {
            var groups: [UInt8] = []
            for group in groupIDs { groups += DER.text(group) }
            list += Self.one(Self.groupsIdentifier, DER.encode(DER.sequence, groups))
        }
        return DER.encode(DER.sequence, list)
    }

    /// Reads the list strictly: our profile's extensions, each once, and no unknown critical one.
    static func parse(_ content: ArraySlice<UInt8>) throws(CryptoError) -> CertificateExtensions {
        var reader = DER.Reader(content)
        var list = try reader.descend(DER.sequence)
        try reader.end()
        var values: [(identifier: [UInt8], value: ArraySlice<UInt8>)] = []
        while !list.isAtEnd {
            var entry = try list.descend(DER.sequence)
            let identifier = Array(try entry.read(DER.objectIdentifier))
            let isCritical = entry.next(is: DER.boolean) ? try entry.readBoolean() : false
            let value = try entry.read(DER.octetString)
            try entry.end()
            guard !values.contains(where: { $0.identifier == identifier }) else { throw .malformed("extension twice") }
            if isCritical, ![basicConstraints, keyUsage, subjectAltName].contains(identifier) {
                throw .certificate(.unknownCriticalExtension)
            }
            values.append((identifier, value))
        }
        func value(_ identifier: [UInt8]) -> DER.Reader? {
            values.first { $0.identifier == identifier }.map { DER.Reader($0.value) }
        }
        guard var roleReader = value(roleIdentifier), var nameReader = value(subjectAltName),
            var constraintsReader = value(basicConstraints), var usageReader = value(keyUsage)
        else { throw .certificate(.missingField) }
        guard let role = CredentialRole(rawValue: try roleReader.readText()) else { throw .certificate(.wrongRole) }
        var names = try nameReader.descend(DER.sequence)
        guard let peerID = String(validating: try names.read(DER.implicit(6)), as: UTF8.self) else {
            throw .malformed("peer id")
        }
        var groups: [String] = []
        if var groupsReader = value(groupsIdentifier) {
            var list = try groupsReader.descend(DER.sequence)
            while !list.isAtEnd { groups.append(try list.readText()) }
        }
        let extensions = CertificateExtensions(role: role, peerID: peerID, groupIDs: groups)
        try extensions.check(constraints: try constraintsReader.descend(DER.sequence))
        let usage = try usageReader.read(DER.bitString)
        guard usage.count == 2, usage[usage.startIndex + 1] == extensions.keyUsage else {
            throw .certificate(.keyUsageRefused)
        }
        return extensions
    }

    /// A role implies its place in the chain; a certificate that says otherwise is refused.
    private func check(constraints: DER.Reader) throws(CryptoError) {
        var reader = constraints
        let isAuthority = reader.next(is: DER.boolean) ? try reader.readBoolean() : false
        guard isAuthority == (pathLength != nil) else { throw .certificate(.notAuthority) }
        if let pathLength {
            guard try reader.readNatural() == [UInt8(pathLength)] else { throw .certificate(.pathTooLong) }
        }
        try reader.end()
    }

    private static func one(_ identifier: [UInt8], critical: Bool = false, _ value: [UInt8]) -> [UInt8] {
        DER.encode(
            DER.sequence, DER.encode(DER.objectIdentifier, identifier),
            critical ? DER.encode(DER.boolean, [0xff]) : [], DER.encode(DER.octetString, value))
    }

    /// RFC 7093 §2 method 1: the first 160 bits of SHA-256 over the public key.
    private static func keyIdentifier(_ key: RSAPublicKey) throws(CryptoError) -> [UInt8] {
        Array(try Digest.of(key.spki.span.bytes).prefix(20))
    }
}
