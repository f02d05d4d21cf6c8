public import NIOCore

/// Cuts a byte stream into message bodies with as little copying as the reads allow.
///
/// A body that arrived in one read is a slice of that read. A body spread over several is gathered into one buffer,
/// which is reused when the last message's receiver has let go of it. Where ``receiving`` lends that buffer to
/// the reads, only what the first read brought is copied, and not even that where the last body was like it; else
/// everything, once. Both are counted.
///
/// Not copyable, since a connection's allocator shares its memory. Confined to the event loop of its connection.
public struct FrameReader: ~Copyable {
    /// Longer bodies are refused before anything is allocated for them.
    public var limit: Int
    /// Bytes copied while gathering, so far.
    public var gatheredBytes: Int { memory.copiedBytes }
    /// Bytes of the coming read that an earlier one brought.
    var knownBytes: Int { memory.knownBytes }

    private let memory: ReceiveMemory
    /// What the last read left over, when it is no body: part of a header.
    private var remainder = ByteBuffer()

    public init(limit: Int) { self.init(limit: limit, sizes: messageSizes) }

    init(limit: Int, sizes: AdaptiveRecvByteBufferAllocator) {
        self.limit = limit
        memory = ReceiveMemory(sizes)
    }

    /// What the connection's reads are given as memory.
    package var receiving: ReceiveAllocator { ReceiveAllocator(memory: memory) }

    /// The length of the body under way, 0 while its header is still to come.
    package var bytesUnderWay: Int { memory.bodyUnderWay ?? 0 }

    /// Takes one read and hands out the bodies that are complete.
    /// - Returns: whether a frame has begun that is not complete.
    @discardableResult
    public mutating func feed(
        _ read: consuming ByteBuffer, _ deliver: (ByteBuffer) throws(TransportError) -> Void
    ) throws(TransportError) -> Bool {
        var input = ByteBuffer()
        swap(&input, &read)
        if memory.isGathering {
            guard let body = memory.take(&input) else { return true }
            try deliver(body)
        } else {
            memory.giveBack(input)
        }
        if remainder.readableBytes > 0 {
            remainder.writeBuffer(&input)
            input = remainder
            remainder = ByteBuffer()
        }
        var isFirst = true
        while input.readableBytes > 0 {
            guard let length = try FrameHeader.read(from: &input) else {
                remainder = input
                return true
            }
            guard length <= limit else { throw .frameTooLong(limit: limit, actual: length) }
            guard length > 0 else { throw .frameInvalid("empty body") }
            if let body = input.readSlice(length: length) {
                isFirst = false
                try deliver(body)
            } else {
                memory.begin(length: length, with: &input, isFirst: isFirst)
                return true
            }
        }
        return false
    }
}
