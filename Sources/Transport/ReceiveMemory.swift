package import NIOCore

/// The memory that a connection's reads go into. A body that takes several reads lends its own, so that all reads but
/// the first go straight into their place; any other read uses the last one's memory again where nobody holds it.
///
/// After a large body the next one is expected to be alike: the read that may begin it gets memory for all of it, and a
/// body whose first read has the room stays where it is.
///
/// Shared by a frame reader and its channel's allocator, both on the channel's event loop.
final class ReceiveMemory: @unchecked Sendable {
    // Sendable: touched on one event loop only.
    /// Memory above this is kept for the next large body.
    private static let reuseThreshold = 128 << 10

    /// Bytes copied so far: what a body's first read brought into memory too small for the rest, and everything where
    /// nothing lends the memory out.
    private(set) var copiedBytes = 0
    private(set) var isGathering = false
    /// How much of a read to expect where no body is under way.
    private var sizes: AdaptiveRecvByteBufferAllocator
    /// Where in its memory the coming read begins.
    private var start = 0
    private var spare = ByteBuffer()
    private var body = ByteBuffer()
    private var length = 0
    /// How much of the body was there when its memory was lent; nil while it is here.
    private var lentAt: Int?
    /// The last large body's memory, free once its receiver has let go.
    private var kept = ByteBuffer()
    /// The bytes of a frame like the last one, where that was large and took several reads; 0 otherwise.
    private var expected = 0

    init(_ sizes: AdaptiveRecvByteBufferAllocator) { self.sizes = sizes }

    /// The length of the body that is being gathered.
    var bodyUnderWay: Int? { isGathering ? length : nil }

    /// Bytes of the coming read that are no news: they stand before it in the lent memory.
    var knownBytes: Int { lentAt ?? 0 }

    /// Remembers a read's memory for the next one.
    func giveBack(_ read: ByteBuffer) {
        spare = read
        expected = 0
    }

    /// Begins a body of `length` bytes with what there is of it.
    /// - Parameter isFirst: nothing that came with the same read has been handed out: its memory is the body's alone.
    func begin(length: Int, with input: inout ByteBuffer, isFirst: Bool) {
        isGathering = true
        self.length = length
        if isFirst, input.capacity - input.readerIndex >= length {
            spare = ByteBuffer()
            return swap(&body, &input)
        }
        swap(&body, &kept)
        // In place when nobody else holds the last body, and fresh memory otherwise.
        body.clear(minimumCapacity: length)
        append(&input)
    }

    /// Takes a read: the lent memory coming back, or bytes of other memory.
    /// - Returns: the body once it is complete; `input` holds what follows it.
    func take(_ input: inout ByteBuffer) -> ByteBuffer? {
        if lentAt != nil {
            lentAt = nil
            swap(&body, &input)
            input = ByteBuffer()
        } else {
            append(&input)
        }
        guard body.readableBytes >= length, let whole = body.readSlice(length: length) else { return nil }
        isGathering = false
        swap(&kept, &body)
        body = ByteBuffer()
        expected = kept.capacity < Self.reuseThreshold ? 0 : FrameHeader.size + length
        if expected == 0 { kept = ByteBuffer() }
        return whole
    }

    /// The memory of the next read. It has no other holder until it comes back: a second one would make the read copy
    /// it.
    func next(_ allocator: ByteBufferAllocator) -> ByteBuffer {
        // Lent and not returned: that read failed, and so did its connection.
        if isGathering, lentAt == nil {
            let count = body.readableBytes
            lentAt = count
            // Cut to the body's length: the read ends with it, and what follows comes into memory of its own.
            body.moveWriterIndex(to: body.readerIndex + length)
            guard var lent = body.getSlice(at: body.readerIndex, length: length) else {
                preconditionFailure("a body's memory holds the body")
            }
            body = ByteBuffer()
            lent.moveWriterIndex(to: count)
            return lent
        }
        var capacity = sizes.nextBufferSize() ?? sizes.initial
        var taken = ByteBuffer()
        if expected > 0 {
            swap(&taken, &kept)
            capacity = max(capacity, expected + Self.cacheLine)
        } else {
            swap(&taken, &spare)
        }
        let cleared: Void? = taken.modifyIfUniquelyOwned { $0.clear(minimumCapacity: capacity) }
        if cleared == nil { taken = allocator.buffer(capacity: capacity) }
        startAtCacheLine(&taken)
        return taken
    }

    /// Learns from a read how large the next may be.
    func record(_ readBytes: Int) {
        // What the beginning is moved by counts: memory that is full must be seen to be full.
        if !isGathering { _ = sizes.record(actualReadBytes: start + readBytes) }
    }

    private static let cacheLine = 64

    /// Lets the read begin at a cache line. Large memory comes from `malloc` 16 bytes behind the start of a page, and the
    /// kernel keeps what has arrived from the start of one: an AMD EPYC of family 25 copies three times slower where the
    /// target stands up to 31 bytes further into its page than the source.
    private func startAtCacheLine(_ memory: inout ByteBuffer) {
        let address = memory.withVeryUnsafeBytes { Int(bitPattern: $0.baseAddress) }
        start = -address & (Self.cacheLine - 1)
        memory.moveWriterIndex(to: start)
        memory.moveReaderIndex(to: start)
    }

    private func append(_ input: inout ByteBuffer) {
        let count = min(length - body.readableBytes, input.readableBytes)
        guard var part = input.readSlice(length: count) else { return }
        body.writeBuffer(&part)
        copiedBytes += count
    }
}

/// Hands a connection's memory to NIO. One reference: NIO moves this about as an existential.
package struct ReceiveAllocator: RecvByteBufferAllocator {
    let memory: ReceiveMemory

    package func buffer(allocator: ByteBufferAllocator) -> ByteBuffer { memory.next(allocator) }

    /// None: NIO asks for a buffer of its own for each read then, instead of choosing one itself.
    package func nextBufferSize() -> Int? { nil }

    package mutating func record(actualReadBytes: Int) -> Bool {
        memory.record(actualReadBytes)
        return true
    }
}
