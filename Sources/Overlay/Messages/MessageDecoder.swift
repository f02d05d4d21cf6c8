public import NIOCore

/// Reads the binary message format, version byte 0 (JXTA v2.0 specification §5.4.2). Contents are slices: no copy.
public struct MessageDecoder {
    /// JXSE reads counts and string lengths as signed 16-bit numbers.
    static let largestCount = 0x7fff
    static let largestNamespaceCount = 253
    private static let deepestNesting = 4

    private static let magic: UInt32 = 0x6a78_6d67
    private static let elementMagic: UInt32 = 0x6a78_656c
    private static let hasType: UInt8 = 0x01
    private static let hasEncoding: UInt8 = 0x02
    private static let hasSignature: UInt8 = 0x04

    private var buffer: ByteBuffer
    private var namespaces: [String] = []

    /// Decodes one message. Bytes after its last element are ignored: the framing's length decides.
    public static func decode(_ buffer: ByteBuffer) throws(OverlayError) -> Message {
        var decoder = MessageDecoder(buffer: buffer)
        do throws(MessageFailure) { return try decoder.message() } catch { throw .message(error.defect) }
    }

    /// A nested message of `application/x-jxta-msg` content.
    public static func decodeNested(_ element: MessageElement, depth: Int = 1) throws(OverlayError) -> Message {
        guard element.type == MessageElement.messageType else { throw .message(.notAMessage) }
        guard depth <= deepestNesting else { throw .message(.nestedTooDeep) }
        return try decode(element.content)
    }

    private init(buffer: ByteBuffer) { self.buffer = buffer }

    private mutating func message() throws(MessageFailure) -> Message {
        guard let magic = buffer.readInteger(as: UInt32.self), let version = buffer.readInteger(as: UInt8.self) else {
            throw MessageFailure(.truncated)
        }
        guard magic == Self.magic else { throw MessageFailure(.notAMessage) }
        guard version == 0 else { throw MessageFailure(.unknownVersion(version)) }
        let namespaceCount = Int(try integer(UInt16.self))
        guard namespaceCount <= Self.largestNamespaceCount else {
            throw MessageFailure(.tooManyNamespaces(namespaceCount))
        }
        for _ in 0..<namespaceCount { namespaces.append(try string()) }
        let count = Int(try integer(UInt16.self))
        // Zero would mean "until the stream ends", which has no place in a frame of known length.
        guard count > 0 else { throw MessageFailure(.empty) }
        // An element takes at least 12 bytes: caps the allocation by what is there.
        guard count <= Self.largestCount, count <= buffer.readableBytes / 12 else {
            throw MessageFailure(count > Self.largestCount ? .tooManyElements(count) : .truncated)
        }
        var elements: [MessageElement] = []
        elements.reserveCapacity(count)
        for _ in 0..<count { elements.append(try element(mayBeSigned: true)) }
        return Message(elements)
    }

    private mutating func element(mayBeSigned: Bool) throws(MessageFailure) -> MessageElement {
        guard try integer(UInt32.self) == Self.elementMagic else { throw MessageFailure(.notAMessage) }
        let namespaceID = try integer(UInt8.self)
        let flags = try integer(UInt8.self)
        guard flags & Self.hasEncoding == 0 else { throw MessageFailure(.encodingUnsupported) }
        let name = try elementName(namespaceID)
        let type = flags & Self.hasType != 0 ? try typeName() : nil
        let length = try integer(UInt32.self)
        guard let length = Int(exactly: length), let content = buffer.readSlice(length: length) else {
            throw MessageFailure(.truncated)
        }
        var signature: [MessageElement] = []
        if flags & Self.hasSignature != 0 {
            guard mayBeSigned else { throw MessageFailure(.nestedTooDeep) }
            signature = [try element(mayBeSigned: false)]
        }
        return MessageElement(name, content, type: type, signature: signature)
    }

    private mutating func integer<T: FixedWidthInteger>(_: T.Type) throws(MessageFailure) -> T {
        guard let value = buffer.readInteger(as: T.self) else { throw MessageFailure(.truncated) }
        return value
    }

    private mutating func string() throws(MessageFailure) -> String {
        let length = Int(try integer(UInt16.self))
        guard length <= Self.largestCount else { throw MessageFailure(.stringTooLong(length)) }
        guard length <= buffer.readableBytes else { throw MessageFailure(.truncated) }
        let text: String? = buffer.withUnsafeReadableBytes {
            String(validating: UnsafeRawBufferPointer(rebasing: $0[..<length]), as: UTF8.self)
        }
        guard let text else { throw MessageFailure(.notUTF8) }
        buffer.moveReaderIndex(forwardBy: length)
        return text
    }

    private mutating func elementName(_ namespaceID: UInt8) throws(MessageFailure) -> ElementName {
        let namespace: String
        switch namespaceID {
        case 0: namespace = ""
        case 1: namespace = "jxta"
        default:
            guard Int(namespaceID) - 2 < namespaces.count else { throw MessageFailure(.unknownNamespace(namespaceID)) }
            namespace = namespaces[Int(namespaceID) - 2]
        }
        if let known = candidate(), known.namespace == namespace, skip(known.name) { return known }
        return ElementName(namespace, try string())
    }

    /// The known name that the next string may be.
    private func candidate() -> ElementName? {
        buffer.withUnsafeReadableBytes { bytes in
            guard bytes.count >= 2 else { return nil }
            let count = Int(bytes[0]) << 8 | Int(bytes[1])
            guard count <= bytes.count - 2 else { return nil }
            return ElementName.candidate(for: bytes[2..<(2 + count)])
        }
    }

    private mutating func typeName() throws(MessageFailure) -> String {
        for known in [MessageElement.textType, MessageElement.xmlType] where skip(known) { return known }
        return try string()
    }

    /// Moves past a string if it stands next.
    private mutating func skip(_ expected: String) -> Bool {
        var expected = expected
        let matches = expected.withUTF8 { utf8 in
            buffer.withUnsafeReadableBytes { bytes in
                bytes.count >= 2 + utf8.count && Int(bytes[0]) << 8 | Int(bytes[1]) == utf8.count
                    && UnsafeRawBufferPointer(rebasing: bytes[2..<(2 + utf8.count)]).elementsEqual(utf8)
            }
        }
        if matches { buffer.moveReaderIndex(forwardBy: 2 + expected.utf8.count) }
        return matches
    }
}

/// Carries a defect through typed throws inside the decoder.
struct MessageFailure: Error {
    let defect: MessageDefect
    init(_ defect: MessageDefect) { self.defect = defect }
}
