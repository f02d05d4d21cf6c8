public import NIOCore

/// `LP(x)` of PROTOCOL: u32 length, big-endian, and the bytes. Multi-field values are never bare concatenations.
public struct LengthPrefixedReader {
    private var buffer: ByteBuffer

    public init(_ buffer: ByteBuffer) { self.buffer = buffer }

    public mutating func next() throws(OverlayError) -> ByteBuffer {
        guard let length = buffer.getInteger(at: buffer.readerIndex, as: UInt32.self),
            Int(length) <= buffer.readableBytes - 4
        else { throw .message(.truncated) }
        buffer.moveReaderIndex(forwardBy: 4)
        guard let slice = buffer.readSlice(length: Int(length)) else { throw .message(.truncated) }
        return slice
    }

    public mutating func nextText() throws(OverlayError) -> String { try next().text() }

    public var isAtEnd: Bool { buffer.readableBytes == 0 }

    public func end() throws(OverlayError) {
        guard isAtEnd else { throw .message(.notAMessage) }
    }
}

extension ByteBuffer {
    public mutating func writeLengthPrefixed(_ bytes: some Collection<UInt8>) {
        writeInteger(UInt32(bytes.count))
        writeBytes(bytes)
    }

    /// The readable bytes as UTF-8 text.
    func text() throws(OverlayError) -> String {
        let text: String? = withUnsafeReadableBytes { String(validating: $0, as: UTF8.self) }
        guard let text else { throw .message(.notUTF8) }
        return text
    }

    /// The readable bytes, lent.
    func withReadableSpan<R: ~Copyable, E: Error>(_ body: (RawSpan) throws(E) -> R) throws(E) -> R {
        try body(readableBytesSpan)
    }
}
