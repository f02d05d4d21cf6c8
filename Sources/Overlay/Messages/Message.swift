public import NIOCore

/// A JXTA message: an ordered list of named elements. A value, so a test forges one by editing an element.
public struct Message: Equatable, Sendable {
    public var elements: [MessageElement]

    public init(_ elements: [MessageElement] = []) { self.elements = elements }

    /// The content of the first element of this name.
    public subscript(name: ElementName) -> ByteBuffer? {
        for element in elements where element.name == name { return element.content }
        return nil
    }

    public mutating func append(_ name: ElementName, _ content: ByteBuffer, type: String? = nil) {
        elements.append(MessageElement(name, content, type: type))
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
