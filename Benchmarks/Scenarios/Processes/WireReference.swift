internal import Foundation
internal import Metrology
internal import NIOCore

/// A peer process' side of what a round trip is compared with: the same bytes and the same checks over blocking sockets,
/// or over bare channels of SwiftNIO.
final class WireReference {
    private let loop: any EventLoop
    private var sockets: [Int: RawSocket] = [:]
    private var channels: [Int: BareChannel] = [:]

    init(on loop: any EventLoop) { self.loop = loop }

    /// - Returns: the port.
    func serve(_ command: PeerCommand, expecting payload: [UInt8]) async throws -> Int {
        let (size, reply) = (command.bytes ?? 1, command.replyBytes ?? 1)
        // The same check of every byte as for a message, after the reply.
        guard command.arm == "nio" else {
            return try RawSocket.serve(size: size, reply: reply) { received in
                let compared = UnsafeRawBufferPointer(rebasing: received[..<min(payload.count, received.count)])
                precondition(isSame(compared, as: payload), "reference: wrong bytes")
            }
        }
        return try await BareChannel.serve(size: size, reply: reply, on: loop) { parts in
            var place = 0
            for part in parts {
                let expected = payload[place..<min(place + part.readableBytes, payload.count)]
                part.withUnsafeReadableBytes { bytes in
                    let compared = UnsafeRawBufferPointer(rebasing: bytes[..<expected.count])
                    precondition(isSame(compared, as: expected), "reference: wrong bytes")
                }
                place += expected.count
            }
            precondition(place == payload.count, "reference: bytes missing")
        }
    }

    /// Nanoseconds of each round trip after the warm-ups.
    func exchange(_ command: PeerCommand, sending payload: [UInt8]) async throws -> [UInt64] {
        let (port, size, reply) = (command.port ?? 0, command.bytes ?? 1, command.replyBytes ?? 1)
        let warmUps = command.warmUps ?? 0
        let count = warmUps + (command.count ?? 1)
        var bytes = payload
        bytes.append(contentsOf: [UInt8](repeating: 0, count: max(0, size - bytes.count)))
        let samples: [UInt64]
        if command.arm == "nio" {
            let known = channels[port]
            let channel = if let known { known } else { try await BareChannel.connect(port: port, on: loop) }
            channels[port] = channel
            samples = try await channel.exchange(ByteBuffer(bytes: bytes[..<size]), reply: reply, count: count)
        } else {
            let socket = try sockets[port] ?? RawSocket.connect(port: port)
            sockets[port] = socket
            samples = await Self.exchange(bytes[..<size], over: socket, reply: reply, count: count)
        }
        return Array(samples.dropFirst(warmUps))
    }

    private static func exchange(
        _ request: ArraySlice<UInt8>, over socket: RawSocket, reply: Int, count: Int
    ) async -> [UInt64] {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var answer = [UInt8](repeating: 0, count: reply)
                var samples: [UInt64] = []
                samples.reserveCapacity(count)
                for _ in 0..<count {
                    let start = Clock.wall()
                    let isDone =
                        request.withUnsafeBytes { socket.send($0) }
                        && answer.withUnsafeMutableBytes { socket.receive($0) }
                    precondition(isDone, "reference: socket closed")
                    samples.append(Clock.wall() - start)
                }
                continuation.resume(returning: samples)
            }
        }
    }
}
