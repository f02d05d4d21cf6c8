internal import Glibc
public import NIOCore

/// Messages between two peers differ in their last element only: the bytes before it are made once and patched.
public struct RepeatedEncoder: Sendable {
    private struct Template: Sendable {
        let preceding: [MessageElement]
        let leading: [MessageElement]
        let name: ElementName
        let type: String?
        /// Framing and everything up to the last content; both lengths stand to be overwritten.
        var prefix: [UInt8]
        let framingBytes: Int

        /// The elements are usually the very arrays of the last message, which compares without a look at them.
        func fits(_ message: borrowing Message, after preceding: [MessageElement]) -> Bool {
            leading == message.leading && self.preceding == preceding && name == message.last?.name
                && type == message.last?.type
        }

        /// Puts the prefix before a content. Patched in place: a template that is taken out and put back is copied
        /// twice.
        mutating func place(before content: consuming ByteBuffer, lengthFromEnd: Int) -> MessageEncoder.Encoded {
            let (end, length) = (prefix.count, content.readableBytes)
            prefix.withUnsafeMutableBytes { bytes in
                let whole = UInt64(end - framingBytes + length)
                bytes.storeBytes(of: UInt32(length).bigEndian, toByteOffset: end - 4, as: UInt32.self)
                bytes.storeBytes(of: whole.bigEndian, toByteOffset: framingBytes - lengthFromEnd, as: UInt64.self)
            }
            return MessageEncoder.place(prefix.span.bytes, before: consume content)
        }
    }

    /// Where the framing keeps its 8-byte length, from the framing's end.
    private let lengthFromEnd: Int
    private let framing: @Sendable (Int) -> ByteBuffer
    private var template: Template?

    /// - Parameters:
    ///   - lengthFromEnd: distance of the framing's big-endian UInt64 length from the framing's end.
    ///   - framing: bytes that go before a message of a given length.
    public init(lengthFromEnd: Int, framing: @escaping @Sendable (Int) -> ByteBuffer) {
        self.lengthFromEnd = lengthFromEnd
        self.framing = framing
    }

    /// The same bytes as ``MessageEncoder/encode(_:after:framing:)``.
    public mutating func encode(
        _ message: consuming Message, after preceding: [MessageElement]
    ) throws(OverlayError) -> MessageEncoder.Encoded {
        // Nothing to put a prefix before, or something behind it too.
        guard message.last?.signature.isEmpty ?? false else {
            return try MessageEncoder.encode(message, after: preceding, framing: framing)
        }
        let content = message.takeLastContent()
        if !(template?.fits(message, after: preceding) ?? false) {
            guard let last = message.last else { throw .message(.empty) }
            let header = try MessageEncoder.head(of: preceding + message.leading, andHeaderOf: last)
            var prefix = framing(0)
            let framingBytes = prefix.readableBytes
            prefix.writeImmutableBuffer(header)
            template = Template(
                preceding: preceding, leading: message.leading, name: last.name, type: last.type,
                prefix: Array(prefix.readableBytesView), framingBytes: framingBytes)
        }
        guard let encoded = template?.place(before: consume content, lengthFromEnd: lengthFromEnd) else {
            preconditionFailure("a template was made above")
        }
        return encoded
    }
}

/// Decodes messages that begin like the last one by comparing that beginning, and any other in full.
///
/// What the caller reads as their heading is kept with the beginning, and read again only when that changes.
public struct RepeatedDecoder: Sendable {
    /// An object: a copy for each message would cost all that it refers to.
    private final class Template: Sendable {
        /// Everything up to the last element's length.
        let prefix: [UInt8]
        let leading: [MessageElement]
        let name: ElementName
        let type: String?
        let heading: Heading?

        init(prefix: [UInt8], leading: [MessageElement], name: ElementName, type: String?, heading: Heading?) {
            self.prefix = prefix
            self.leading = leading
            self.name = name
            self.type = type
            self.heading = heading
        }

        /// A body that begins like this template and ends with the content after it.
        func message(in body: ByteBuffer) -> Message? {
            let count = prefix.count
            guard count > 0, body.readableBytes >= count + 4 else { return nil }
            let length = body.readableBytes - count - 4
            let isSame = body.withUnsafeReadableBytes { bytes in
                let stated = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: count, as: UInt32.self))
                return stated == UInt32(length)
                    && prefix.withUnsafeBytes { memcmp(bytes.baseAddress!, $0.baseAddress!, count) == 0 }
            }
            guard isSame, let content = body.getSlice(at: body.readerIndex + count + 4, length: length) else {
                return nil
            }
            return Message(leading, name, content, type: type)
        }
    }

    /// A longer beginning is not worth keeping.
    private static let longestPrefix = 2048
    private let read: @Sendable (Message) throws(OverlayError) -> Heading?
    private var template: Template?

    /// - Parameter read: looks at the elements before the last only, as ``Message/beforeLast(_:)`` does.
    public init(_ read: @escaping @Sendable (Message) throws(OverlayError) -> Heading?) { self.read = read }

    /// The same message as ``MessageDecoder/decode(_:)``: equal bytes mean equal elements.
    public mutating func decode(_ body: ByteBuffer) throws(OverlayError) -> (message: Message, heading: Heading?) {
        if let template, let message = template.message(in: body) { return (message, template.heading) }
        let message = try MessageDecoder.decode(body)
        let heading = try read(message)
        keep(message, heading, body)
        return (message, heading)
    }

    private mutating func keep(_ message: Message, _ heading: Heading?, _ body: ByteBuffer) {
        guard let last = message.last, last.signature.isEmpty else { return }
        let prefixBytes = body.readableBytes - last.content.readableBytes - 4
        // Only when the last content ends the body, and its length stands where it should.
        guard (0...Self.longestPrefix).contains(prefixBytes),
            let prefix = body.getSlice(at: body.readerIndex, length: prefixBytes),
            body.getInteger(at: body.readerIndex + prefixBytes, as: UInt32.self) == UInt32(last.content.readableBytes)
        else { return }
        // Copies: slices would hold on to the read's memory.
        let leading = message.leading.map { element in
            MessageElement(
                element.name, ByteBuffer(bytes: element.content.readableBytesView), type: element.type,
                signature: element.signature)
        }
        template = Template(
            prefix: Array(prefix.readableBytesView), leading: leading, name: last.name, type: last.type,
            heading: heading)
    }
}
