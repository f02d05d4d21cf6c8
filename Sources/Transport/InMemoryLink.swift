internal import CryptoCore
internal import NIOCore
public import Overlay

/// A broker reached without a socket: every message is encoded, decoded and counted, nothing waits.
///
/// For tests and for counts that must be the same in every run.
public final class InMemoryLink {
    private let broker: Broker
    public let connection: ConnectionID
    /// Bytes of both directions, as frames would carry them.
    public private(set) var wire = WireCounts()
    /// What the broker pushed to this and other connections, and why it refused.
    public private(set) var answers: [BrokerAnswer] = []

    public init(to broker: Broker, as peer: JXTAID, connection: ConnectionID = 1) {
        self.broker = broker
        self.connection = connection
        broker.opened(connection, claiming: peer)
    }

    /// Performs an inquiry, synchronously.
    public func perform<I: Inquiry & ~Copyable>(
        _ inquiry: consuming I, at time: UnixTime
    ) throws(OverlayError) -> I.Outcome {
        let request = try inquiry.begin()
        return try inquiry.finish(exchange(request, at: time))
    }

    /// Sends a request and returns the reply.
    public func exchange(_ request: Message, at time: UnixTime) throws(OverlayError) -> Message {
        let arrived = try carry(request, counting: \.sentFrames, \.sentBytes)
        let answer = broker.answer(arrived, on: connection, at: time)
        answers.append(answer)
        guard let reply = answer.reply else { throw .disconnected("no reply") }
        return try carry(reply, counting: \.receivedFrames, \.receivedBytes)
    }

    private func carry(
        _ message: Message, counting frames: WritableKeyPath<WireCounts, Int>,
        _ bytes: WritableKeyPath<WireCounts, Int>
    ) throws(OverlayError) -> Message {
        let encoding = Phase.begin()
        let encoded = try MessageEncoder.bytes(of: message)
        encoding.end("encode", bytes: encoded.readableBytes)
        wire[keyPath: frames] += 1
        wire[keyPath: bytes] += FrameHeader.size + encoded.readableBytes
        let decoding = Phase.begin()
        defer { decoding.end("decode", bytes: encoded.readableBytes) }
        return try MessageDecoder.decode(encoded)
    }
}
