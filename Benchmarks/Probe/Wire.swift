import CProcess
import CoreScript
import CryptoCore

/// A message on the wire: four bytes of length, the content, and zeros up to what the overlay's message takes.
struct Wire {
    let file: Int32

    func send(_ content: [UInt8], _ frame: ScriptFrame) throws(CryptoError) {
        var bytes = [UInt8](repeating: 0, count: content.count + frame.overhead)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: content.count >> (24 - 8 * index)) }
        for index in content.indices { bytes[4 + index] = content[index] }
        let sent = bytes.withUnsafeBytes { probe_send(file, $0.baseAddress, $0.count) }
        guard sent == 1 else { throw .malformed("the other process is gone") }
    }

    func receive(_ frame: ScriptFrame) throws(CryptoError) -> [UInt8] {
        var length = [UInt8](repeating: 0, count: 4)
        let got = length.withUnsafeMutableBytes { probe_receive(file, $0.baseAddress, 4) }
        guard got == 1 else { throw .malformed("the other process is gone") }
        let count = length.reduce(0) { $0 << 8 | Int($1) }
        guard count >= 0, count <= 1 << 14 else { throw .malformed("a frame too long") }
        var rest = [UInt8](repeating: 0, count: count + frame.overhead - 4)
        let all = rest.withUnsafeMutableBytes { probe_receive(file, $0.baseAddress, $0.count) }
        guard all == 1 else { throw .malformed("the other process is gone") }
        return Array(rest[..<count])
    }
}
