public import NIOCore

/// Cuts a byte stream into message bodies with as little copying as the reads allow.
///
/// A body that arrived in one read is a slice of that read. A body spread over several is gathered into one buffer
/// of exactly its length, which is reused when the last message's receiver has let go of it: one copy, counted.
public struct FrameReader: Sendable {
    /// PROTOCOL, refused in every profile, 12: before login, and after.
    public static let limitBeforeLogin = 16 << 10
    public static let limitAfterLogin = (1 << 20) + (64 << 10)
    /// Gather buffers above this are kept for the next large frame.
    private static let reuseThreshold = 128 << 10

    /// Longer bodies are refused before anything is allocated for them.
    public var limit = FrameReader.limitBeforeLogin
    /// Bytes copied while gathering, so far.
    public private(set) var gatheredBytes = 0

    /// What the last read left over, when it is no body: part of a header.
    private var remainder = ByteBuffer()
    private var gathering = ByteBuffer()
    private var missing = 0

    public init() {}

    /// Takes one read and hands out the bodies that are complete.
    public mutating func feed(
        _ read: ByteBuffer, _ deliver: (ByteBuffer) throws(TransportError) -> Void
    ) throws(TransportError) {
        var input = read
        if missing > 0 {
            gather(&input)
            guard missing == 0 else { return }
            try deliver(takeGathered())
        }
        if remainder.readableBytes > 0 {
            remainder.writeBuffer(&input)
            input = remainder
            remainder = ByteBuffer()
        }
        while input.readableBytes > 0 {
            guard let length = try FrameHeader.read(from: &input) else {
                remainder = input
                return
            }
            guard length <= limit else { throw .frameTooLong(limit: limit, actual: length) }
            guard length > 0 else { throw .frameInvalid("empty body") }
            if let body = input.readSlice(length: length) {
                try deliver(body)
            } else {
                gathering.clear(minimumCapacity: length)
                missing = length
                gather(&input)
            }
        }
    }

    private mutating func gather(_ input: inout ByteBuffer) {
        let count = min(missing, input.readableBytes)
        guard var part = input.readSlice(length: count) else { return }
        gathering.writeBuffer(&part)
        missing -= count
        gatheredBytes += count
    }

    /// The gathered body. A large buffer stays here too: the next `clear` takes its memory over if nobody else
    /// holds it by then.
    private mutating func takeGathered() -> ByteBuffer {
        let body = gathering
        if gathering.capacity < Self.reuseThreshold { gathering = ByteBuffer() }
        return body
    }
}
