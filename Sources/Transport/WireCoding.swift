internal import NIOCore
internal import Overlay

/// The sending half of the binding: address elements, message and frame header around a payload that stays in place.
struct WireEncoder {
    /// Where the peer at the other end is reached.
    var remoteTransport = "" {
        didSet { destinations = [:] }
    }
    private let sourceElement: MessageElement
    private var destinations: [JXTAID: [MessageElement]] = [:]
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
        if let known = destinations[pipe] { return known }
        let address = EndpointAddress(transport: remoteTransport, pipe: pipe, group: group)
        let elements = [
            sourceElement,
            MessageElement(.destinationAddress, ByteBuffer(string: address.description), type: MessageElement.textType),
        ]
        if destinations.count < 64 { destinations[pipe] = elements }
        return elements
    }
}

/// The receiving half: a frame's body becomes a message and the address that it wants to go to.
struct WireDecoder {
    private var repeated: RepeatedDecoder?
    private var lastDestination: (text: ByteBuffer, address: EndpointAddress)?

    init(expectingAlike: Bool) {
        if expectingAlike { repeated = RepeatedDecoder() }
    }

    mutating func decode(_ body: ByteBuffer) throws(OverlayError) -> (message: Message, address: EndpointAddress) {
        let message = if let known = try repeated?.decode(body) { known } else { try MessageDecoder.decode(body) }
        guard let text = message[.destinationAddress] else { throw .missingElement("EndpointDestinationAddress") }
        return (message, try address(text, message))
    }

    /// Where a message wants to go; the router's messages name it inside (JXSE 2.5's `jxta:ERM`).
    private mutating func address(_ text: ByteBuffer, _ message: Message) throws(OverlayError) -> EndpointAddress {
        if lastDestination?.text == text, let known = lastDestination?.address { return known }
        let address = try EndpointAddress(String(buffer: text))
        if address.isRouter { return try RouterMessage(message).destination }
        // Kept as a copy: a slice would hold on to the read's memory.
        lastDestination = (ByteBuffer(bytes: text.readableBytesView), address)
        return address
    }
}
