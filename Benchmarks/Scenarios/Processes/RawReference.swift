internal import Foundation
internal import Metrology

/// A peer process' side of the raw reference: the same bytes and the same checks over blocking sockets.
final class RawReference {
    private var sockets: [Int: RawSocket] = [:]

    /// - Returns: the port.
    func serve(_ command: PeerCommand, expecting payload: [UInt8]) throws -> Int {
        // The same check of every byte as for a message, after the reply.
        try RawSocket.serve(size: command.bytes ?? 1, reply: command.replyBytes ?? 1) { received in
            let compared = UnsafeRawBufferPointer(rebasing: received[..<min(payload.count, received.count)])
            precondition(isSame(compared, as: payload), "reference: wrong bytes")
        }
    }

    /// Nanoseconds of each round trip after the warm-ups.
    func exchange(_ command: PeerCommand, sending payload: [UInt8]) async throws -> [UInt64] {
        let port = command.port ?? 0
        let socket = try sockets[port] ?? RawSocket.connect(port: port)
        sockets[port] = socket
        let (size, reply, count) = (command.bytes ?? 1, command.replyBytes ?? 1, command.count ?? 1)
        let warmUps = command.warmUps ?? 0
        return await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                var bytes = payload
                bytes.append(contentsOf: [UInt8](repeating: 0, count: max(0, size - bytes.count)))
                var answer = [UInt8](repeating: 0, count: reply)
                var samples: [UInt64] = []
                for _ in 0..<(warmUps + count) {
                    let start = Clock.wall()
                    let isDone =
                        bytes.withUnsafeBytes { socket.send(UnsafeRawBufferPointer(rebasing: $0[..<size])) }
                        && answer.withUnsafeMutableBytes { socket.receive($0) }
                    precondition(isDone, "reference: socket closed")
                    samples.append(Clock.wall() - start)
                }
                continuation.resume(returning: Array(samples.dropFirst(warmUps)))
            }
        }
    }
}
