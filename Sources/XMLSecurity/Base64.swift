/// Base64 (RFC 4648 §4) as XML signatures carry it: white space anywhere is passed over, nothing else is.
public enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let space: UInt8 = 0xfe
    private static let invalid: UInt8 = 0xff

    private static let values: [UInt8] = {
        var values = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
        for character in " \n\r\t".utf8 { values[Int(character)] = space }
        return values
    }()

    /// - Returns: ASCII, without line breaks.
    public static func encode(_ bytes: [UInt8]) -> [UInt8] {
        let groups = (bytes.count + 2) / 3
        return [UInt8](unsafeUninitializedCapacity: 4 * groups) { text, count in
            for index in 0..<groups {
                let start = 3 * index
                let left = bytes.count - start
                let (b, c) = (left > 1 ? bytes[start + 1] : 0, left > 2 ? bytes[start + 2] : 0)
                let group = Int(bytes[start]) << 16 | Int(b) << 8 | Int(c)
                text[4 * index] = alphabet[group >> 18]
                text[4 * index + 1] = alphabet[group >> 12 & 63]
                text[4 * index + 2] = left > 1 ? alphabet[group >> 6 & 63] : UInt8(ascii: "=")
                text[4 * index + 3] = left > 2 ? alphabet[group & 63] : UInt8(ascii: "=")
            }
            count = 4 * groups
        }
    }

    /// Nil for a foreign character, missing padding, or bits left over.
    public static func decode(_ text: UnsafeRawBufferPointer) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3 + 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        return values.withUnsafeBufferPointer { values in
            // Whole groups of digits first: nearly all text is that. Whatever else comes, from there on one by one.
            var start = 0
            while start + 4 <= text.count {
                let (a, b) = (values[Int(text[start])], values[Int(text[start + 1])])
                let (c, d) = (values[Int(text[start + 2])], values[Int(text[start + 3])])
                guard a | b | c | d < 64 else { break }
                let three = UInt32(a) << 18 | UInt32(b) << 12 | UInt32(c) << 6 | UInt32(d)
                bytes.append(UInt8(truncatingIfNeeded: three >> 16))
                bytes.append(UInt8(truncatingIfNeeded: three >> 8))
                bytes.append(UInt8(truncatingIfNeeded: three))
                start += 4
            }
            for character in text[start...] {
                if character == UInt8(ascii: "=") {
                    padding += 1
                    continue
                }
                let value = values[Int(character)]
                if value == space { continue }
                guard value != invalid, padding == 0 else { return nil }
                group = group << 6 | UInt32(value)
                digits += 1
                if digits == 4 {
                    bytes.append(UInt8(truncatingIfNeeded: group >> 16))
                    bytes.append(UInt8(truncatingIfNeeded: group >> 8))
                    bytes.append(UInt8(truncatingIfNeeded: group))
                    (group, digits) = (0, 0)
                }
            }
            switch (digits, padding) {
            case (0, 0): return bytes
            case (2, 2) where group & 0xf == 0: return bytes + [UInt8(truncatingIfNeeded: group >> 4)]
            case (3, 1) where group & 0x3 == 0:
                return bytes + [UInt8(truncatingIfNeeded: group >> 10), UInt8(truncatingIfNeeded: group >> 2)]
            default: return nil
            }
        }
    }
}
