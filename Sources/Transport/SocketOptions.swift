internal import NIOCore
package import NIOPosix

/// Options shared by accepted and opened connections.
extension ClientBootstrap {
    package func overlayOptions() -> ClientBootstrap {
        channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_keepalive), value: 1)
            // One read per wake-up: a second one would only learn that there is nothing more.
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(.recvAllocator, value: messageSizes)
            .channelOption(.writeBufferWaterMark, value: pendingWrites)
    }
}

extension ServerBootstrap {
    package func overlayOptions() -> ServerBootstrap {
        serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.socketOption(.so_keepalive), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelOption(.recvAllocator, value: messageSizes)
            .childChannelOption(.writeBufferWaterMark, value: pendingWrites)
    }
}

/// A write side that has not drained is closed at 16 MiB: a slow reader must not hold a broker's memory.
private let pendingWrites = ChannelOptions.Types.WriteBufferWaterMark(low: 8 << 20, high: 16 << 20)

/// Memory of a read between peers. An idle connection holds no large buffer, a busy one reads 64 KiB frames at once.
let messageSizes = AdaptiveRecvByteBufferAllocator(minimum: 512, initial: 4096, maximum: 256 << 10)

/// A broker's requests take a kilobyte or two, and it holds thousands of connections.
let requestSizes = AdaptiveRecvByteBufferAllocator(minimum: 256, initial: 512, maximum: 16 << 10)
