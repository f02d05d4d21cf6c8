/// A JXTA identifier, `urn:jxta:<format>-<unique>` (JXTA v2.0 specification §4.2): 64 bytes, or a well-known name.
///
/// A value without references: every message carries several and compares them.
public struct JXTAID: Hashable, Sendable {
    public enum Kind: UInt8, Sendable {
        case codat = 1, group = 2, peer = 3, pipe = 4, moduleClass = 5, moduleSpec = 6
    }

    enum Format: UInt8, Sendable { case uuid, cbid }

    public let kind: Kind
    let format: Format
    /// The 64 bytes, the kind at their end left out. A group has one UUID; peers and pipes have their group's and their
    /// own.
    let firstUUID: UUIDBytes
    let secondUUID: UUIDBytes
    private let thirdUUID: UUIDBytes
    private let fourthUUID: UUIDBytes

    public static let netGroup = JXTAID(.uuid, .group, netGroupUUID)
    public static let worldGroup = JXTAID(.uuid, .group, worldGroupUUID)
    /// "YabadabaNPG P2P3"
    private static let netGroupUUID = UUIDBytes(0x5961_6261_6461_6261, 0x4E50_4720_5032_5033)
    /// "YabadabaJxtaP2P3"
    private static let worldGroupUUID = UUIDBytes(0x5961_6261_6461_6261, 0x4A78_7461_5032_5033)

    init(
        _ format: Format, _ kind: Kind, _ first: UUIDBytes, _ second: UUIDBytes = .zero, _ third: UUIDBytes = .zero,
        _ fourth: UUIDBytes = .zero
    ) {
        self.kind = kind
        firstUUID = first
        secondUUID = second
        thirdUUID = third
        fourthUUID = fourth
        // Well-known groups have one name, whatever format spells them out.
        let isWellKnown = kind == .group && (first == Self.netGroupUUID || first == Self.worldGroupUUID)
        self.format = isWellKnown && second == .zero && third == .zero && fourth == .zero ? .uuid : format
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
        guard var bytes = hexadecimal(UnsafeBufferPointer(rebasing: unique[5...])), (1...64).contains(bytes.count),
            let kind = Kind(rawValue: bytes.removeLast())
        else {
            return nil
        }
        bytes.append(contentsOf: repeatElement(0, count: 64 - bytes.count))
        return JXTAID(
            format, kind, UUIDBytes(bytes, at: 0), UUIDBytes(bytes, at: 16), UUIDBytes(bytes, at: 32),
            UUIDBytes(bytes, at: 48))
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
}

extension JXTAID: CustomStringConvertible {
    fileprivate static let prefix: StaticString = "urn:jxta:"

    /// The canonical text: trailing zeros squeezed out, upper-case digits.
    public var text: String { spelled(after: Self.prefix) }

    public var description: String { text }

    /// What endpoint addresses use: the part after `urn:jxta:`.
    public var uniqueValue: String { spelled(after: "") }

    private func spelled(after prefix: StaticString) -> String {
        if self == .netGroup { return "\(prefix)jxta-NetGroup" }
        if self == .worldGroup { return "\(prefix)jxta-WorldGroup" }
        var last = 62
        while last > 0, byte(at: last) == 0 { last -= 1 }
        let scheme: StaticString = format == .cbid ? "cbid-" : "uuid-"
        let schemeStart = prefix.utf8CodeUnitCount
        let digits = schemeStart + scheme.utf8CodeUnitCount
        return String(unsafeUninitializedCapacity: digits + 2 * (last + 2)) { text in
            for (start, part) in [(0, prefix), (schemeStart, scheme)] {
                for index in 0..<part.utf8CodeUnitCount { text[start + index] = part.utf8Start[index] }
            }
            for index in 0...last { writeHexadecimal(byte(at: index), to: text, at: digits + 2 * index) }
            writeHexadecimal(kind.rawValue, to: text, at: digits + 2 * (last + 1))
            return digits + 2 * (last + 2)
        }
    }

    /// Of the 63 before the kind.
    private func byte(at index: Int) -> UInt8 {
        switch index / 16 {
        case 0: firstUUID.byte(at: index)
        case 1: secondUUID.byte(at: index - 16)
        case 2: thirdUUID.byte(at: index - 32)
        default: fourthUUID.byte(at: index - 48)
        }
    }
}

extension JXTAID: Comparable {
    /// By the bytes, for lists in a settled order.
    public static func < (a: JXTAID, b: JXTAID) -> Bool {
        (a.firstUUID, a.secondUUID, a.thirdUUID, a.fourthUUID, a.kind.rawValue, a.format.rawValue)
            < (b.firstUUID, b.secondUUID, b.thirdUUID, b.fourthUUID, b.kind.rawValue, b.format.rawValue)
    }
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
