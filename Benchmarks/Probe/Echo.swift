import CProcess
import CryptoCore

/// Another process that answers so many bytes with sixteen.
enum Echo {
    private static let reply = 16
    private static let times = 200

    /// Nanoseconds of the later half of the round trips, when both sides are warm.
    static func roundTrips(bytes: Int) throws(CryptoError) -> Samples {
        let buffer = Buffer(count: max(bytes, reply))
        var port: Int32 = 0
        let listener = probe_listen(&port)
        guard listener >= 0 else { throw .malformed("no socket") }
        let child = probe_fork()
        if child == 0 {
            let file = probe_accept(listener)
            while probe_receive(file, buffer.bytes.baseAddress, bytes) == 1 {
                _ = probe_send(file, buffer.bytes.baseAddress, reply)
            }
            probe_exit(0)
        }
        let file = probe_connect(port)
        var samples = Samples()
        for index in 0..<times {
            let start = probe_nanoseconds(0)
            guard probe_send(file, buffer.bytes.baseAddress, bytes) == 1,
                probe_receive(file, buffer.bytes.baseAddress, reply) == 1
            else { throw .malformed("the other process is gone") }
            if index >= times / 2 { samples.add(probe_nanoseconds(0) - start) }
        }
        close(file)
        close(listener)
        guard probe_wait(child) == 0 else { throw .malformed("the other process failed") }
        return samples
    }
}
