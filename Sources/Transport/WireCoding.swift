internal import NIOCore
internal import Overlay

/// The sending half of the binding: address elements, message and frame header around a payload that stays in place.
struct WireEncoder {
    /// Where the peer at the other end is reached.
    var remoteTransport = "" {
        didSet { destination = nil }
    }
    private let sourceElement: MessageElement
    /// Where the last message went, and the addresses it took: the next one usually goes there too.
    private var destination: (pipe: JXTAID, addresses: [MessageElement])?
    /// The template of the last message, where alike ones are expected: between peers. A broker with thousands of
    /// connections would only hold memory for it.
    private var repeated: RepeatedEncoder?

    init(publicAddress: String, expectingAlike: Bool) {
        sourceElement = MessageElement(
            .sourceAddress, ByteBuffer(string: publicAddress), type: MessageElement.textType)
        if expectingAlike {
            repeated = RepeatedEncoder(lengthFromEnd: FrameHeader.lengthFromEnd, framing: FrameHeader.bytes)
        }
    }

    mutating func encode(
        _ message: consuming Message, to pipe: JXTAID, in group: JXTAID
    ) throws(OverlayError) -> MessageEncoder.Encoded {
        let addresses = addressElements(pipe, group)
        guard repeated != nil else {
            return try MessageEncoder.encode(consume message, after: addresses, framing: FrameHeader.bytes)
        }
        // Optional chaining moves the message in: a copy would cost the payload's.
        guard let encoded = try repeated?.encode(consume message, after: addresses) else { throw .message(.empty) }
        return encoded
    }

    /// The two elements that each hop puts before a message.
    private mutating func addressElements(_ pipe: JXTAID, _ group: JXTAID) -> [MessageElement] {
        if destination?.pipe == pipe, let known = destination?.addresses { return known }
        let address = EndpointAddress(transport: remoteTransport, pipe: pipe, group: group)
        let elements = [
            sourceElement,
            MessageElement(.destinationAddress, ByteBuffer(string: address.description), type: MessageElement.textType),
        ]
        destination = (pipe, elements)
        return elements
    }
}

/// The receiving half: a frame's body becomes a message and its heading.
struct WireDecoder {
    private var repeated: RepeatedDecoder?

    init(expectingAlike: Bool) {
        if expectingAlike { repeated = RepeatedDecoder(Self.heading) }
    }

    mutating func decode(_ body: ByteBuffer) throws(OverlayError) -> (message: Message, heading: Heading) {
        let message: Message
        let heading: Heading?
        if let known = try repeated?.decode(body) {
            (message, heading) = known
        } else {
            message = try MessageDecoder.decode(body)
            heading = try Self.heading(of: message)
        }
        if let heading { return (message, heading) }
        return (message, try Heading(of: message, on: RouterMessage(message).destination.pipe))
    }

    /// Every frame says where it wants to go. Nil for the router's messages: they say it in an element of their own
    /// (JXSE 2.5's `jxta:ERM`), which may be the last.
    @Sendable
    private static func heading(of message: Message) throws(OverlayError) -> Heading? {
        guard let text = message.beforeLast(.destinationAddress) else {
            throw .missingElement("EndpointDestinationAddress")
        }
        let address = try EndpointAddress(String(buffer: text))
        return address.isRouter ? nil : try Heading(of: message, on: address.pipe)
    }
}
