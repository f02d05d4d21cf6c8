internal import Glibc
internal import NIOCore

/// The headers before each message: `content-type` and `content-length`, ended by an empty name.
enum FrameHeader {
    private static let type = "application/x-jxta-msg"
    /// What ours takes; also JXSE's.
    static let size = 63
    /// All headers of one message together: unknown ones are passed over within this.
    private static let longest = 1024

    /// Where the length stands, from the header's end.
    static let lengthFromEnd = 9

    @Sendable
    static func bytes(contentLength: Int) -> ByteBuffer {
        var buffer = ByteBuffer(bytes: template)
        buffer.setInteger(UInt64(contentLength), at: buffer.writerIndex - lengthFromEnd)
        return buffer
    }

    private static let template: [UInt8] = {
        var buffer = ByteBuffer()
        for (name, value) in [
            ("content-type", ByteBuffer(string: type)), ("content-length", ByteBuffer(repeating: 0, count: 8)),
        ] {
            buffer.writeInteger(UInt8(name.utf8.count))
            buffer.writeString(name)
            buffer.writeInteger(UInt16(value.readableBytes))
            buffer.writeImmutableBuffer(value)
        }
        buffer.writeInteger(0 as UInt8)
        precondition(buffer.readableBytes == size)
        return Array(buffer.readableBytesView)
    }()

    /// Takes the headers off the front; nil, and nothing taken, while their end is still to come.
    /// - Returns: the body's length.
    static func read(from buffer: inout ByteBuffer) throws(TransportError) -> Int? {
        // Nearly every frame has exactly our own header: compared whole.
        if buffer.readableBytes >= size {
            let fixed = size - lengthFromEnd
            let length = buffer.withUnsafeReadableBytes { bytes in
                let isOurs = template.withUnsafeBytes { expected in
                    bytes[size - 1] == 0 && memcmp(bytes.baseAddress!, expected.baseAddress!, fixed) == 0
                }
                return isOurs ? UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: fixed, as: UInt64.self)) : nil
            }
            if let length {
                buffer.moveReaderIndex(forwardBy: size)
                return try bounded(length)
            }
        }
        return try readAny(from: &buffer)
    }

    private static func readAny(from buffer: inout ByteBuffer) throws(TransportError) -> Int? {
        var cursor = buffer
        var length: Int?
        var hasType = false
        while true {
            guard buffer.readableBytes - cursor.readableBytes <= longest else {
                throw .frameInvalid("headers over \(longest) bytes")
            }
            guard let nameCount = cursor.readInteger(as: UInt8.self) else { return nil }
            if nameCount == 0 { break }
            guard let name = cursor.readString(length: Int(nameCount)), let count = cursor.readInteger(as: UInt16.self)
            else { return nil }
            guard Int(count) <= longest else { throw .frameInvalid("header of \(count) bytes") }
            guard var value = cursor.readSlice(length: Int(count)) else { return nil }
            switch name.lowercased() {
            case "content-length":
                guard count == 8, let number = value.readInteger(as: UInt64.self) else {
                    throw .frameInvalid("content-length is not 8 bytes")
                }
                length = try bounded(number)
            case "content-type":
                guard value.readString(length: Int(count)) == type else { throw .frameInvalid("content-type") }
                hasType = true
            default: break
            }
        }
        guard let length, hasType else { throw .frameInvalid("content-type or content-length missing") }
        buffer = cursor
        return length
    }

    private static func bounded(_ length: UInt64) throws(TransportError) -> Int {
        guard length <= UInt64(Int32.max) else {
            throw .frameTooLong(limit: Int(Int32.max), actual: Int(clamping: length))
        }
        return Int(length)
    }
}
