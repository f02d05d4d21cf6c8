public import NIOCore

/// Writes the binary message format so that the last element's content never moves.
///
/// Everything before that content is written into the head room in front of it when the buffer is uniquely held and
/// has the room, else into a buffer of its own that a gathering write puts before it.
public enum MessageEncoder {
    /// A message ready for a gathering write: `head` may be empty.
    public struct Encoded: Sendable {
        public var head: ByteBuffer
        public var body: ByteBuffer
        /// Content bytes that had to move because their buffer had another holder: none, normally.
        public var copiedBytes = 0
        public var readableBytes: Int { head.readableBytes + body.readableBytes }
    }

    /// - Parameters:
    ///   - preceding: elements to write before the message's own.
    ///   - framing: bytes that go before the message, given the message's length.
    public static func encode(
        _ message: consuming Message, after preceding: [MessageElement] = [],
        framing: (Int) -> ByteBuffer = { _ in ByteBuffer() }
    ) throws(OverlayError) -> Encoded {
        guard let isSigned = message.last.map({ !$0.signature.isEmpty }) else { throw .message(.empty) }
        let leading = preceding.isEmpty ? message.leading : preceding + message.leading
        guard leading.count < MessageDecoder.largestCount else {
            throw .message(.tooManyElements(leading.count + 1))
        }
        // A signed last element has bytes after its content; rare enough to go without the fast path.
        if isSigned {
            var whole = try head(of: preceding + message.elements, andHeaderOf: nil)
            let length = whole.readableBytes
            var framed = framing(length)
            framed.writeBuffer(&whole)
            return Encoded(head: framed, body: ByteBuffer())
        }
        let header = try head(of: leading, andHeaderOf: message.last)
        let content = message.takeLastContent()
        var prefix = framing(header.readableBytes + content.readableBytes)
        prefix.writeImmutableBuffer(header)
        return place(prefix.readableBytesSpan, before: consume content)
    }

    /// The whole message in one buffer, for links and tests that do not care.
    public static func bytes(of message: Message) throws(OverlayError) -> ByteBuffer {
        var encoded = try encode(message)
        encoded.head.writeBuffer(&encoded.body)
        return encoded.head
    }

    static func place(_ prefix: RawSpan, before content: consuming ByteBuffer) -> Encoded {
        let prefixBytes = prefix.byteCount
        guard content.readerIndex >= prefixBytes else {
            return Encoded(head: prefix.withUnsafeBytes { ByteBuffer(bytes: $0) }, body: content)
        }
        let count = content.readableBytes
        content.moveReaderIndex(to: content.readerIndex - prefixBytes)
        // Refused where another holds the memory too: the write copies it then.
        let inPlace: Void? = content.modifyIfUniquelyOwned { write(prefix, to: &$0) }
        if inPlace == nil { write(prefix, to: &content) }
        return Encoded(head: ByteBuffer(), body: content, copiedBytes: inPlace == nil ? count : 0)
    }

    private static func write(_ prefix: RawSpan, to content: inout ByteBuffer) {
        content.withUnsafeMutableReadableBytes { target in
            prefix.withUnsafeBytes { target.copyMemory(from: $0) }
        }
    }

    /// All bytes up to the content of `last`.
    static func head(
        of elements: [MessageElement], andHeaderOf last: MessageElement?
    ) throws(OverlayError) -> ByteBuffer {
        var namespaces = NamespaceTable()
        for element in elements { try namespaces.add(element) }
        if let last { try namespaces.add(last) }
        var buffer = ByteBufferAllocator().buffer(capacity: 512)
        buffer.writeInteger(0x6a78_6d67 as UInt32)
        buffer.writeInteger(0 as UInt8)
        buffer.writeInteger(UInt16(namespaces.names.count))
        for name in namespaces.names { try write(name, to: &buffer) }
        buffer.writeInteger(UInt16(elements.count + (last == nil ? 0 : 1)))
        for element in elements { try write(element, namespaces, withContent: true, to: &buffer) }
        if let last { try write(last, namespaces, withContent: false, to: &buffer) }
        return buffer
    }

    private static func write(
        _ element: MessageElement, _ namespaces: NamespaceTable, withContent: Bool, to buffer: inout ByteBuffer
    ) throws(OverlayError) {
        guard element.content.readableBytes <= Int(Int32.max) else {
            throw .tooLarge(what: "element", limit: Int(Int32.max), actual: element.content.readableBytes)
        }
        buffer.writeInteger(0x6a78_656c as UInt32)
        buffer.writeInteger(namespaces.number(of: element.name.namespace))
        buffer.writeInteger(UInt8(element.type == nil ? 0 : 1) | (element.signature.isEmpty ? 0 : 4))
        try write(element.name.name, to: &buffer)
        if let type = element.type { try write(type, to: &buffer) }
        buffer.writeInteger(UInt32(element.content.readableBytes))
        guard withContent else { return }
        buffer.writeImmutableBuffer(element.content)
        for signature in element.signature { try write(signature, namespaces, withContent: true, to: &buffer) }
    }

    private static func write(_ text: String, to buffer: inout ByteBuffer) throws(OverlayError) {
        let count = text.utf8.count
        guard count <= MessageDecoder.largestCount else { throw .message(.stringTooLong(count)) }
        buffer.writeInteger(UInt16(count))
        buffer.writeString(text)
    }
}

/// Numbers for the namespaces of a message: 0 and 1 are implicit, the rest are listed.
private struct NamespaceTable {
    var names: [String] = []

    mutating func add(_ element: MessageElement) throws(OverlayError) {
        let namespace = element.name.namespace
        if namespace != "", namespace != "jxta", !names.contains(namespace) { names.append(namespace) }
        guard names.count <= MessageDecoder.largestNamespaceCount else {
            throw .message(.tooManyNamespaces(names.count))
        }
        for signature in element.signature { try add(signature) }
    }

    func number(of namespace: String) -> UInt8 {
        switch namespace {
        case "": 0
        case "jxta": 1
        default: UInt8(2 + (names.firstIndex(of: namespace) ?? 0))
        }
    }
}
