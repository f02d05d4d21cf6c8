public import CryptoCore

/// Sixteen bytes inside an identifier.
struct UUIDBytes: Hashable, Sendable {
    let bytes: [UInt8]

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    init(_ digits: String) { bytes = hexadecimal(digits.utf8) ?? [] }

    /// The UUID at `offset` bytes of the digits of an id's text, squeezed zeros restored.
    init(hexadecimal offset: Int, of text: String) {
        let digits = Array(text.utf8.drop { $0 != UInt8(ascii: "-") }.dropFirst().dropLast(2))
        var bytes = Overlay.hexadecimal(digits.dropFirst(2 * offset).prefix(32)) ?? []
        while bytes.count < 16 { bytes.append(0) }
        self.bytes = bytes
    }

    /// Marks of a version-4 UUID with the multicast bit, as JXSE 2.5 sets them in pipe and group CBIDs.
    var marked: UUIDBytes {
        var marked = bytes
        marked[6] = marked[6] & 0x0f | 0x40
        marked[8] = marked[8] & 0x3f | 0x80
        marked[10] |= 0x80
        return UUIDBytes(marked)
    }
}

/// Crypto-based identifiers (CBID, [20]): an id that only the holder of a key can claim.
extension JXTAID {
    /// Peer id: the first 16 bytes of SHA-1 over the SubjectPublicKeyInfo, verbatim.
    public static func peer(key: RSAPublicKey, group: JXTAID = .netGroup) throws(OverlayError) -> JXTAID {
        try peer(seed: key.spki, group: group)
    }

    /// Input pipe id of a key's holder in a group.
    public static func pipe(key: RSAPublicKey, group: JXTAID) throws(OverlayError) -> JXTAID {
        try pipe(seed: key.spki, group: group)
    }

    /// Group id: derived from the group's name.
    public static func group(name: String) throws(OverlayError) -> JXTAID { try group(seed: Array(name.utf8)) }

    static func peer(seed: [UInt8], group: JXTAID) throws(OverlayError) -> JXTAID {
        JXTAID(.cbid, .peer, group.firstUUID, try digest(seed))
    }

    static func pipe(seed: [UInt8], group: JXTAID) throws(OverlayError) -> JXTAID {
        JXTAID(.cbid, .pipe, group.firstUUID, try digest(seed).marked)
    }

    static func group(seed: [UInt8]) throws(OverlayError) -> JXTAID {
        JXTAID(.cbid, .group, try digest(seed).marked)
    }

    /// The input pipe that belongs to a peer id: its key's pipe id needs no key, both hold the same digest.
    public func pipe(in group: JXTAID) -> JXTAID {
        precondition(kind == .peer)
        return JXTAID(.cbid, .pipe, group.firstUUID, secondUUID.marked)
    }

    private static func digest(_ seed: [UInt8]) throws(OverlayError) -> UUIDBytes {
        UUIDBytes(try crypto { () throws(CryptoError) in try Digest.of(seed.span.bytes, .sha1) }.prefix(16))
    }
}
