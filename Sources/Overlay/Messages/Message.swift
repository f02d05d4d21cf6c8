public import NIOCore

/// A JXTA message: an ordered list of named elements. A value, so a test forges one by editing an element.
///
/// Messages between two peers differ in their last element only. The others are kept apart from it, so that all these
/// messages share one array and a message costs no allocation of its own.
public struct Message: Equatable, Sendable {
    /// All elements but the last.
    private(set) var leading: [MessageElement]
    /// Nil in an empty message only. Spelt out, so that it does not begin as nil: replacing that would copy the element.
    private(set) var last: Optional<MessageElement>

    public init() {
        leading = []
        last = nil
    }

    public init(_ elements: consuming [MessageElement]) {
        last = elements.popLast()
        leading = elements
    }

    /// The message that ends with this content. Made for every message: in place, where an element that is handed in would
    /// be copied.
    @inline(__always)
    init(_ leading: [MessageElement], _ name: ElementName, _ content: ByteBuffer, type: String? = nil) {
        self.leading = leading
        last = MessageElement(name, content, type: type)
    }

    public var elements: [MessageElement] {
        get { last.map { leading + [$0] } ?? [] }
        set { self = Message(newValue) }
    }

    /// The contents of all elements of this name.
    func contents(of name: ElementName) -> [ByteBuffer] {
        let first = leading.compactMap { $0.name == name ? $0.content : nil }
        return last.flatMap { $0.name == name ? first + [$0.content] : nil } ?? first
    }

    /// The content of the first element of this name.
    public subscript(name: ElementName) -> ByteBuffer? {
        if let content = beforeLast(name) { return content }
        return last?.name == name ? last?.content : nil
    }

    /// The same, the last element left out.
    public func beforeLast(_ name: ElementName) -> ByteBuffer? {
        // By index: going through the elements themselves would copy each, with all that it refers to.
        for index in leading.indices where leading[index].name == name { return leading[index].content }
        return nil
    }

    /// Moves the last content out: with a second holder, the write before it would copy the payload.
    mutating func takeLastContent() -> ByteBuffer {
        var content = ByteBuffer()
        last?.swapContent(&content)
        return content
    }

    public mutating func append(_ element: consuming MessageElement) {
        if let last = last.take() { leading.append(last) }
        last = element
    }

    public mutating func append(_ name: ElementName, _ content: ByteBuffer, type: String? = nil) {
        append(MessageElement(name, content, type: type))
    }

    public mutating func append(_ name: ElementName, _ bytes: [UInt8]) { append(name, ByteBuffer(bytes: bytes)) }

    public mutating func append(_ name: ElementName, text: String) {
        append(name, ByteBuffer(string: text), type: MessageElement.textType)
    }
}

/// One element: name, MIME type, bytes, and perhaps a signature element.
public struct MessageElement: Equatable, Sendable {
    public static let textType = "text/plain;charset=UTF-8"
    public static let xmlType = "text/xml;charset=UTF-8"
    public static let messageType = "application/x-jxta-msg"

    public var name: ElementName
    /// Nil means `application/octet-stream`, which is never written.
    public var type: String?
    public var content: ByteBuffer
    /// At most one; an array because a value cannot hold itself.
    public var signature: [MessageElement]

    fileprivate mutating func swapContent(_ other: inout ByteBuffer) { swap(&content, &other) }
}

// In an extension, so that there is a memberwise initialiser: one that sets the members itself makes the value in memory
// and copies it from there.
extension MessageElement {
    @inline(__always)
    public init(_ name: ElementName, _ content: ByteBuffer, type: String? = nil, signature: [MessageElement] = []) {
        self.init(name: name, type: type, content: content, signature: signature)
    }
}
