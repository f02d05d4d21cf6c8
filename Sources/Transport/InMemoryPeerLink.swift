internal import CryptoCore
internal import NIOCore
public import Overlay

/// The way from one peer to another without a socket: the same encoder, frames and decoder as ``Link``, each frame in
/// one read, nothing waits. For counts that must be the same in every run.
public struct InMemoryPeerLink: ~Copyable {
    private var encoder: WireEncoder
    private var decoder = WireDecoder(expectingAlike: true)
    private var reader = FrameReader(limit: FrameLimits().afterLogin)
    public private(set) var wire = WireCounts()
    /// Bytes that moved between the frame and the receiver's event.
    public var gatheredBytes: Int { reader.gatheredBytes }

    /// - Parameters:
    ///   - source: the sender's transport address.
    ///   - target: the receiver's.
    public init(from source: String, to target: String) {
        encoder = WireEncoder(publicAddress: source, expectingAlike: true)
        encoder.remoteTransport = target
    }

    /// Carries a message and has it received.
    public mutating func carry(
        _ outgoing: consuming OutgoingMessage, to receiver: inout ClientPeer, at time: UnixTime
    ) throws -> OverlayEvent {
        var message = Message()
        swap(&message, &outgoing.message)
        let encoding = Phase.begin()
        let encoded = try encoder.encode(consume message, to: outgoing.pipe, in: outgoing.group)
        encoding.end("encode", bytes: encoded.readableBytes)
        wire.countSent(encoded)
        var frame = encoded.head
        if frame.readableBytes == 0 { frame = encoded.body } else { frame.writeImmutableBuffer(encoded.body) }
        let decoding = Phase.begin()
        var body: ByteBuffer?
        try reader.feed(consume frame) { body = $0 }
        guard let body else { throw TransportError.frameInvalid("a frame without a body") }
        let (arrived, heading) = try decoder.decode(body)
        decoding.end("decode", bytes: body.readableBytes)
        return try receiver.receive(arrived, under: heading, at: time)
    }
}
