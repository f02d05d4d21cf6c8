public import NIOCore

/// A JXTA message: an ordered list of named elements. A value, so a test forges one by editing an element.
///
/// Messages between two peers differ in their last element only. The others are kept apart from it, so that all these
/// messages share one array and a message costs no allocation of its own.
public struct Message: Equatable, Sendable {
    /// All elements but the last.
    private var leading: [MessageElement]
    /// Nil in an empty message only.
    private var last: MessageElement?

    public init() { leading = [] }

    public init(_ elements: consuming [MessageElement]) {
        last = elements.popLast()
        leading = elements
    }

    init(_ leading: [MessageElement], _ last: consuming MessageElement) {
        self.leading = leading
        self.last = last
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
        beforeLast(name) ?? (last?.name == name ? last?.content : nil)
    }

    /// The same, the last element left out.
    public func beforeLast(_ name: ElementName) -> ByteBuffer? {
        // By index: going through the elements themselves would copy each, with all that it refers to.
        for index in leading.indices where leading[index].name == name { return leading[index].content }
        return nil
    }

    /// The message in its two parts; nil for an empty one. Nothing else holds the last content then.
    consuming func parted() -> (leading: [MessageElement], last: MessageElement)? {
        guard let last = last.take() else { return nil }
        return (leading, last)
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

    public init(_ name: ElementName, _ content: ByteBuffer, type: String? = nil, signature: [MessageElement] = []) {
        self.name = name
        self.type = type
        self.content = content
        self.signature = signature
    }
}

/// A namespace and a name.
public struct ElementName: Hashable, Sendable {
    public let namespace: String
    public let name: String

    public init(_ namespace: String, _ name: String) {
        self.namespace = namespace
        self.name = name
    }

    /// The namespace is usually the same, and the name's length usually another.
    public static func == (a: ElementName, b: ElementName) -> Bool {
        a.name.utf8.count == b.name.utf8.count && a.name == b.name && a.namespace == b.namespace
    }
}

/// The elements that the binding and the overlay use.
extension ElementName {
    public static let sourceAddress = ElementName("jxta", "EndpointSourceAddress")
    public static let destinationAddress = ElementName("jxta", "EndpointDestinationAddress")
    public static let routerMessage = ElementName("jxta", "EndpointRouterMsg")

    static func overlay(_ name: String) -> ElementName { ElementName("overlay", name) }
    /// Which primitive a request or reply belongs to.
    public static let primitive = overlay("primitive")
    /// Pairs a reply with its request: eight bytes, chosen by the asking side.
    public static let request = overlay("request")
    public static let refusal = overlay("refusal")
    public static let challenge = overlay("challenge")
    public static let session = overlay("session")
    public static let signature = overlay("signature")
    public static let credential = overlay("credential")
    public static let envelope = overlay("envelope")
    public static let username = overlay("username")
    public static let password = overlay("password")
    public static let group = overlay("group")
    public static let peer = overlay("peer")
    public static let advertisement = overlay("advertisement")
    public static let presence = overlay("presence")
    public static let sender = overlay("sender")
    public static let payload = overlay("payload")
    public static let sealed = overlay("sealed")
}
