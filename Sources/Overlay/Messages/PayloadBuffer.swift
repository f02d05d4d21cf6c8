public import NIOCore

/// Room around an application's payload, so that it is written once and then sealed, framed and sent where it lies.
public enum PayloadBuffer {
    /// Before the payload: framing (63), message header and addresses (about 500), envelope header (1043 for an
    /// 8192-bit key).
    public static let headRoom = 2048
    /// After it: the signature (1024 for an 8192-bit key), its length and the tag.
    public static let tailRoom = 1088

    /// An empty buffer for a payload of up to `capacity` bytes, writer and reader behind the head room.
    public static func make(capacity: Int, allocator: ByteBufferAllocator = ByteBufferAllocator()) -> ByteBuffer {
        var buffer = allocator.buffer(capacity: headRoom + capacity + tailRoom)
        prepare(&buffer)
        return buffer
    }

    /// Empties a buffer for the next payload, in the same memory when nobody else holds it.
    public static func reuse(_ buffer: inout ByteBuffer, capacity: Int) {
        buffer.clear(minimumCapacity: headRoom + capacity + tailRoom)
        prepare(&buffer)
    }

    public static func make(_ bytes: [UInt8]) -> ByteBuffer {
        var buffer = make(capacity: bytes.count)
        buffer.writeBytes(bytes)
        return buffer
    }

    private static func prepare(_ buffer: inout ByteBuffer) {
        buffer.moveWriterIndex(to: headRoom)
        buffer.moveReaderIndex(to: headRoom)
    }
}

/// How many payload bytes were copied, by whom: the claim of zero-copy buffers, counted.
public struct CopyCounts: Equatable, Sendable {
    /// Between the application's buffer and the socket write.
    public var sending = 0
    /// Between the socket read and the event: gathering of a large frame.
    public var gathering = 0
    /// Bytes decrypted into the reused buffer.
    public var opening = 0

    public init() {}
}

extension ByteBuffer {
    /// Where the readable bytes lie in memory: only compared, never followed.
    var address: Int { withUnsafeReadableBytes { $0.baseAddress.map(Int.init(bitPattern:)) ?? 0 } }
}
