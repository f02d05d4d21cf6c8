/// A name of one attribute, the common name: all that the overlay's credentials use.
enum DistinguishedName {
    /// id-at-commonName, 2.5.4.3.
    private static let commonName: [UInt8] = [0x06, 0x03, 0x55, 0x04, 0x03]
    /// ub-common-name of RFC 5280 appendix A.1.
    private static let longestCommonName = 64

    /// - Throws: `.tooLong` above 64 characters.
    static func encode(_ name: String) throws(CryptoError) -> [UInt8] {
        let count = name.unicodeScalars.count
        guard (1...longestCommonName).contains(count) else { throw .tooLong(limit: longestCommonName, actual: count) }
        let attribute = DER.encode(DER.sequence, commonName, DER.text(name))
        return DER.encode(DER.sequence, DER.encode(DER.set, attribute))
    }

    static func parse(_ element: ArraySlice<UInt8>) throws(CryptoError) -> String {
        var outer = DER.Reader(element)
        var names = try outer.descend(DER.sequence)
        var relative = try names.descend(DER.set)
        try names.end()
        var attribute = try relative.descend(DER.sequence)
        try relative.end()
        guard Array(try attribute.read(DER.objectIdentifier)) == Array(commonName.dropFirst(2)) else {
            throw .malformed("name without a common name")
        }
        let name = try attribute.readText()
        try attribute.end()
        return name
    }
}
