public import CryptoCore

/// Sixteen bytes inside an identifier, as two big-endian words.
struct UUIDBytes: Hashable, Comparable, Sendable {
    private let high: UInt64
    private let low: UInt64

    static let zero = UUIDBytes(0, 0)

    init(_ high: UInt64, _ low: UInt64) {
        self.high = high
        self.low = low
    }

    /// The 16 bytes at an offset.
    init(_ bytes: [UInt8], at offset: Int) {
        precondition(offset >= 0 && offset + 16 <= bytes.count)
        let span = bytes.span.bytes
        self.init(
            UInt64(bigEndian: span.unsafeLoadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            UInt64(bigEndian: span.unsafeLoadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)))
    }

    func byte(at index: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (index < 8 ? high : low) >> UInt64(56 - 8 * (index & 7)))
    }

    static func < (a: UUIDBytes, b: UUIDBytes) -> Bool { (a.high, a.low) < (b.high, b.low) }

    /// Marks of a version-4 UUID with the multicast bit, as JXSE 2.5 sets them in pipe and group CBIDs: version in
    /// byte 6, variant in byte 8, multicast bit in byte 10.
    var marked: UUIDBytes {
        UUIDBytes(
            high & 0xffff_ffff_ffff_0fff | 0x4000, low & 0x3fff_ffff_ffff_ffff | 0x8000_8000_0000_0000)
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

    package static func peer(seed: [UInt8], group: JXTAID) throws(OverlayError) -> JXTAID {
        JXTAID(.cbid, .peer, group.firstUUID, try digest(seed))
    }

    package static func pipe(seed: [UInt8], group: JXTAID) throws(OverlayError) -> JXTAID {
        JXTAID(.cbid, .pipe, group.firstUUID, try digest(seed).marked)
    }

    package static func group(seed: [UInt8]) throws(OverlayError) -> JXTAID {
        JXTAID(.cbid, .group, try digest(seed).marked)
    }

    /// The input pipe that belongs to a peer id: its key's pipe id needs no key, both hold the same digest.
    public func pipe(in group: JXTAID) -> JXTAID {
        precondition(kind == .peer)
        return JXTAID(.cbid, .pipe, group.firstUUID, secondUUID.marked)
    }

    private static func digest(_ seed: [UInt8]) throws(OverlayError) -> UUIDBytes {
        UUIDBytes(try crypto { () throws(CryptoError) in try Digest.of(seed.span.bytes, .sha1) }, at: 0)
    }
}
