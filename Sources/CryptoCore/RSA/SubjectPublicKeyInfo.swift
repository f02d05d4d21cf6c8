/// The one DER structure read on every login and written for every identifier, by hand: libcrypto's decoder costs
/// 20 times as much, and accepts forms that would give one key several identifiers.
enum SubjectPublicKeyInfo {
    /// SEQUENCE { OID rsaEncryption 1.2.840.113549.1.1.1, NULL } (RFC 8017 appendix C).
    private static let algorithm: [UInt8] = [
        0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
    ]

    static func compose(modulus: [UInt8], exponent: [UInt8]) -> [UInt8] {
        let numbers = DER.encode(DER.sequence, DER.natural(modulus), DER.natural(exponent))
        return DER.encode(DER.sequence, algorithm, DER.encode(DER.bitString, [0], numbers))
    }

    /// - Returns: modulus and exponent, big-endian without leading zeros.
    static func parse(_ bytes: RawSpan) throws(CryptoError) -> (modulus: [UInt8], exponent: [UInt8]) {
        // 8192-bit keys take 1062 bytes; 16384-bit ones 2086.
        guard bytes.byteCount <= 4096 else { throw .tooLong(limit: 4096, actual: bytes.byteCount) }
        let input = bytes.withUnsafeBytes { Array($0) }
        var outer = DER.Reader(input[...])
        var info = try outer.descend(DER.sequence)
        try outer.end()
        let header = try info.read(DER.sequence)
        guard Array(header) == Array(algorithm.dropFirst(2)) else { throw .malformed("not an RSA key") }
        let bits = try info.read(DER.bitString)
        try info.end()
        guard bits.first == 0 else { throw .malformed("unused bits in a public key") }
        var key = DER.Reader(bits.dropFirst())
        var numbers = try key.descend(DER.sequence)
        try key.end()
        let modulus = try numbers.readNatural()
        let exponent = try numbers.readNatural()
        try numbers.end()
        return (modulus, exponent)
    }
}
