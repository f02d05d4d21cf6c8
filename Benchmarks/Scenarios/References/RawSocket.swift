internal import Foundation

/// Whether bytes are those expected: `memcmp`, since a generic loop over a megabyte would be what is measured.
func isSame(_ bytes: UnsafeRawBufferPointer, as expected: some Collection<UInt8>) -> Bool {
    guard bytes.count == expected.count else { return false }
    return expected.withContiguousStorageIfAvailable { expected in
        guard let left = bytes.baseAddress, let right = expected.baseAddress else { return true }
        return memcmp(left, right, expected.count) == 0
    } ?? false
}

/// The floor of a round trip: the same bytes over a blocking socket, nothing else.
final class RawSocket: @unchecked Sendable {
    // Sendable: used by one thread at a time. Its holder guarantees it: the thread that serve() starts keeps its socket
    // to itself, WireReference awaits an exchange before it begins the next, LinkCheck stays on one thread.
    private let descriptor: Int32

    private init(_ descriptor: Int32) {
        self.descriptor = descriptor
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    deinit { close(descriptor) }

    /// Listens on loopback, and answers every `size` bytes with `reply` bytes, on a thread of its own.
    /// - Parameter check: told the bytes of each request after it has been answered.
    /// - Returns: the port.
    static func serve(size: Int, reply: Int, check: @escaping @Sendable (UnsafeRawBufferPointer) -> Void) throws -> Int
    {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard listener >= 0 else { throw CocoaError(.fileReadUnknown) }
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { place in
                bind(listener, place, length) == 0 && listen(listener, 1) == 0
                    && getsockname(listener, place, &length) == 0
            }
        }
        guard bound else { throw CocoaError(.fileReadUnknown) }
        Thread.detachNewThread {
            defer { close(listener) }
            let accepted = accept(listener, nil, nil)
            guard accepted >= 0 else { return }
            let socket = RawSocket(accepted)
            let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: max(size, reply), alignment: 64)
            defer { buffer.deallocate() }
            while socket.receive(UnsafeMutableRawBufferPointer(rebasing: buffer[..<size])) {
                guard socket.send(UnsafeRawBufferPointer(rebasing: buffer[..<reply])) else { return }
                check(UnsafeRawBufferPointer(rebasing: buffer[..<size]))
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    static func connect(port: Int) throws -> RawSocket {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = loopback(port: port)
        let connected = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Foundation.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard descriptor >= 0, connected == 0 else { throw CocoaError(.fileReadUnknown) }
        return RawSocket(descriptor)
    }

    func send(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = write(descriptor, bytes.baseAddress! + offset, bytes.count - offset)
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    func receive(_ target: UnsafeMutableRawBufferPointer) -> Bool {
        var offset = 0
        while offset < target.count {
            let count = read(descriptor, target.baseAddress! + offset, target.count - offset)
            guard count > 0 else { return false }
            offset += count
        }
        return true
    }

    private static func loopback(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }
}
