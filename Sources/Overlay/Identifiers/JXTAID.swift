/// A JXTA identifier, `urn:jxta:<format>-<unique>` (JXTA v2.0 specification §4.2): 64 bytes, or a well-known name.
public struct JXTAID: Sendable, CustomStringConvertible {
    public enum Kind: UInt8, Sendable {
        case codat = 1, group = 2, peer = 3, pipe = 4, moduleClass = 5, moduleSpec = 6
    }

    /// The canonical text: trailing zeros squeezed out, upper-case digits. Comparison is textual.
    public let text: String
    public let kind: Kind
    /// The text's hash under the process' own seed, taken once: ids are looked up for every message.
    private let textHash: Int
    /// Both UUIDs: groups, peers and pipes are compared and derived by them.
    let format: Format
    let firstUUID: UUIDBytes
    let secondUUID: UUIDBytes

    public var description: String { text }

    /// What endpoint addresses use: the part after `urn:jxta:`.
    public var uniqueValue: String {
        String(decoding: text.utf8.dropFirst(Self.prefix.utf8CodeUnitCount), as: UTF8.self)
    }

    private static let prefix: StaticString = "urn:jxta:"
    public static let netGroup = JXTAID(wellKnown: "urn:jxta:jxta-NetGroup", netGroupUUID)
    public static let worldGroup = JXTAID(wellKnown: "urn:jxta:jxta-WorldGroup", worldGroupUUID)
    /// "YabadabaNPG P2P3"
    static let netGroupUUID = UUIDBytes(0x5961_6261_6461_6261, 0x4E50_4720_5032_5033)
    /// "YabadabaJxtaP2P3"
    static let worldGroupUUID = UUIDBytes(0x5961_6261_6461_6261, 0x4A78_7461_5032_5033)

    private init(wellKnown text: String, _ uuid: UUIDBytes) {
        self.init(text: text, .uuid, .group, uuid, .zero)
    }

    private init(text: String, _ format: Format, _ kind: Kind, _ first: UUIDBytes, _ second: UUIDBytes) {
        self.text = text
        self.kind = kind
        self.format = format
        firstUUID = first
        secondUUID = second
        textHash = text.hashValue
    }

    /// - Throws: `.identifier` for anything that is not a JXTA id of a known format and kind.
    public init(_ string: String) throws(OverlayError) {
        var copy = string
        guard let parsed = copy.withUTF8(Self.parse) else { throw .identifier(string) }
        self = parsed
    }

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> JXTAID? {
        // "urn" and "jxta" compare without case, the rest with it.
        guard text.count <= 160, begins(text, with: prefix, ignoringCase: true) else { return nil }
        let unique = UnsafeBufferPointer(rebasing: text[prefix.utf8CodeUnitCount...])
        let format: Format
        if begins(unique, with: "cbid-") {
            format = .cbid
        } else if begins(unique, with: "uuid-") {
            format = .uuid
        } else if unique.count == 13, begins(unique, with: "jxta-NetGroup") {
            return netGroup
        } else if unique.count == 15, begins(unique, with: "jxta-WorldGroup") {
            return worldGroup
        } else {
            return nil
        }
        guard let bytes = bytes(UnsafeBufferPointer(rebasing: unique[5...])), let kind = Kind(rawValue: bytes[63])
        else {
            return nil
        }
        return make(format, bytes, kind)
    }

    /// Only letters differ from their capitals by 0x20; capitals never stand in `start` where case is ignored.
    private static func begins(
        _ text: UnsafeBufferPointer<UInt8>, with start: StaticString, ignoringCase: Bool = false
    ) -> Bool {
        guard text.count >= start.utf8CodeUnitCount else { return false }
        for index in 0..<start.utf8CodeUnitCount {
            let (found, wanted) = (text[index], start.utf8Start[index])
            let differsInCase = found | 0x20 == wanted && wanted >= UInt8(ascii: "a")
            guard found == wanted || ignoringCase && differsInCase else { return false }
        }
        return true
    }

    enum Format: Sendable { case uuid, cbid }

    /// Group and own UUID in the order of the kind, squeezed.
    init(_ format: Format, _ kind: Kind, _ first: UUIDBytes, _ second: UUIDBytes = .zero) {
        var bytes = [UInt8](repeating: 0, count: 64)
        first.store(to: &bytes, at: 0)
        second.store(to: &bytes, at: 16)
        self = Self.make(format, bytes, kind)
    }

    private static func make(_ format: Format, _ bytes: [UInt8], _ kind: Kind) -> JXTAID {
        if kind == .group, bytes[16..<63].allSatisfy({ $0 == 0 }) {
            let own = UUIDBytes(bytes, at: 0)
            if own == netGroupUUID { return netGroup }
            if own == worldGroupUUID { return worldGroup }
        }
        var last = 62
        while last > 0, bytes[last] == 0 { last -= 1 }
        let scheme: StaticString = format == .cbid ? "urn:jxta:cbid-" : "urn:jxta:uuid-"
        let digits = scheme.utf8CodeUnitCount
        let text = String(unsafeUninitializedCapacity: digits + 2 * (last + 2)) { text in
            _ = text.initialize(fromContentsOf: UnsafeBufferPointer(start: scheme.utf8Start, count: digits))
            for index in 0...last { writeHexadecimal(bytes[index], to: text, at: digits + 2 * index) }
            writeHexadecimal(kind.rawValue, to: text, at: digits + 2 * (last + 1))
            return digits + 2 * (last + 2)
        }
        return JXTAID(text: text, format, kind, UUIDBytes(bytes, at: 0), UUIDBytes(bytes, at: 16))
    }

    /// 64 bytes: the last pair of digits is the kind, the others stand at the front.
    private static func bytes(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        guard (2...128).contains(digits.count), var bytes = hexadecimal(digits) else { return nil }
        let kind = bytes.removeLast()
        bytes.append(contentsOf: repeatElement(0, count: 63 - bytes.count))
        bytes.append(kind)
        return bytes
    }
}

extension JXTAID: Hashable {
    public static func == (a: JXTAID, b: JXTAID) -> Bool { a.textHash == b.textHash && a.text == b.text }

    public func hash(into hasher: inout Hasher) { hasher.combine(textHash) }
}

private func writeHexadecimal(_ byte: UInt8, to text: UnsafeMutableBufferPointer<UInt8>, at offset: Int) {
    let alphabet: StaticString = "0123456789ABCDEF"
    text[offset] = alphabet.utf8Start[Int(byte >> 4)]
    text[offset + 1] = alphabet.utf8Start[Int(byte & 15)]
}

/// Nil for an odd count or a foreign digit. Both cases are read.
private func hexadecimal(_ digits: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard digits.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64)
    for index in stride(from: 0, to: digits.count, by: 2) {
        guard let high = value(ofDigit: digits[index]), let low = value(ofDigit: digits[index + 1]) else { return nil }
        bytes.append(high << 4 | low)
    }
    return bytes
}

private func value(ofDigit digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
}
