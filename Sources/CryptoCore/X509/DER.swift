/// The Distinguished Encoding Rules (X.690 §10) as credentials need them: short, definite, and read strictly.
enum DER {
    static let boolean: UInt8 = 0x01
    static let integer: UInt8 = 0x02
    static let bitString: UInt8 = 0x03
    static let octetString: UInt8 = 0x04
    static let null: UInt8 = 0x05
    static let objectIdentifier: UInt8 = 0x06
    static let utf8String: UInt8 = 0x0c
    static let utcTime: UInt8 = 0x17
    static let generalizedTime: UInt8 = 0x18
    static let sequence: UInt8 = 0x30
    static let set: UInt8 = 0x31
    /// Constructed, context-specific: `[number]` with explicit tagging.
    static func explicit(_ number: UInt8) -> UInt8 { 0xa0 | number }
    /// Primitive, context-specific: `[number]` with implicit tagging.
    static func implicit(_ number: UInt8) -> UInt8 { 0x80 | number }

    static func encode(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        let count = parts.reduce(0) { $0 + $1.count }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 5)
        bytes.append(tag)
        if count < 0x80 {
            bytes.append(UInt8(count))
        } else {
            let size = count <= 0xff ? 1 : count <= 0xffff ? 2 : 3
            precondition(count <= 0xff_ffff)
            bytes.append(0x80 | UInt8(size))
            for index in stride(from: size - 1, through: 0, by: -1) {
                bytes.append(UInt8(truncatingIfNeeded: count >> (8 * index)))
            }
        }
        for part in parts { bytes.append(contentsOf: part) }
        return bytes
    }

    /// A natural number; a leading zero keeps the sign positive.
    static func natural(_ bigEndian: [UInt8]) -> [UInt8] {
        let digits = Array(bigEndian.drop { $0 == 0 })
        return encode(integer, (digits.first ?? 0x80) & 0x80 == 0 ? digits : [0] + digits)
    }

    static func text(_ string: String) -> [UInt8] { encode(utf8String, Array(string.utf8)) }
}

extension DER {
    /// Reads elements one after another; every length is checked against what is there before it is used.
    struct Reader {
        private var rest: ArraySlice<UInt8>

        init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

        var isAtEnd: Bool { rest.isEmpty }

        func next(is tag: UInt8) -> Bool { rest.first == tag }

        /// The content of the next element, which must have this tag and a minimal length.
        mutating func read(_ tag: UInt8) throws(CryptoError) -> ArraySlice<UInt8> {
            try readWhole(tag).content
        }

        /// The next element with and without its tag and length.
        mutating func readWhole(
            _ tag: UInt8
        ) throws(CryptoError) -> (element: ArraySlice<UInt8>, content: ArraySlice<UInt8>) {
            let start = rest.startIndex
            guard rest.first == tag, rest.count >= 2 else { throw .malformed("DER tag") }
            let first = rest[start + 1]
            var contentStart = start + 2
            var count = Int(first)
            if first >= 0x80 {
                let size = Int(first & 0x7f)
                guard (1...3).contains(size), rest.count >= 2 + size else { throw .malformed("DER length") }
                count = 0
                for _ in 0..<size {
                    count = count << 8 | Int(rest[contentStart])
                    contentStart += 1
                }
                guard count >= 0x80, size == 1 || count >> (8 * (size - 1)) > 0 else { throw .malformed("DER length") }
            }
            guard rest.endIndex - contentStart >= count else { throw .malformed("DER length") }
            let end = contentStart + count
            let element = rest[start..<end]
            rest = rest[end...]
            return (element, element[contentStart..<end])
        }

        mutating func descend(_ tag: UInt8) throws(CryptoError) -> Reader { Reader(try read(tag)) }

        /// The content of the next element if it has this tag.
        mutating func readIfPresent(_ tag: UInt8) throws(CryptoError) -> ArraySlice<UInt8>? {
            next(is: tag) ? try read(tag) : nil
        }

        /// A positive INTEGER in its shortest form, without the sign byte.
        mutating func readNatural() throws(CryptoError) -> [UInt8] {
            let content = try read(integer)
            guard let first = content.first, first < 0x80 else { throw .malformed("DER integer") }
            if first == 0, content.count > 1 {
                guard content[content.startIndex + 1] >= 0x80 else { throw .malformed("DER integer") }
                return Array(content.dropFirst())
            }
            return Array(content)
        }

        mutating func readBoolean() throws(CryptoError) -> Bool {
            let content = try read(boolean)
            guard content.count == 1, content.first == 0x00 || content.first == 0xff else {
                throw .malformed("DER boolean")
            }
            return content.first == 0xff
        }

        mutating func readText() throws(CryptoError) -> String {
            guard let text = String(validating: try read(utf8String), as: UTF8.self) else {
                throw .malformed("text is not UTF-8")
            }
            return text
        }

        func end() throws(CryptoError) {
            guard rest.isEmpty else { throw .malformed("bytes after DER") }
        }
    }
}
