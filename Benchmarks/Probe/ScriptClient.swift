import CProcess
import CoreScript
import CryptoCore

/// The side that is timed.
final class ScriptClient {
    private let script: CoreScript
    private let port: Int32
    private var messages: Wire?
    private var kept: [Int: (secure: ScriptMessage, plain: Buffer)] = [:]

    init(_ script: CoreScript, port: Int32) {
        self.script = script
        self.port = port
    }

    /// Nanoseconds from the connection to the membership.
    func joinPlainly() throws(CryptoError) -> UInt64 {
        let start = probe_nanoseconds(0)
        let wire = try open(.plainJoin)
        try wire.send(try script.connect(), .connect)
        _ = try wire.receive(.connectReply)
        try wire.send(script.login(), .login)
        try script.finishLogin(try wire.receive(.loginReply))
        let time = probe_nanoseconds(0) - start
        close(wire.file)
        return time
    }

    func joinSecurely() throws(CryptoError) -> UInt64 {
        let start = probe_nanoseconds(0)
        let wire = try open(.secureJoin)
        let challenge = try script.secureConnection()
        try wire.send(challenge, .secureConnection)
        let session = try script.finishSecureConnection(
            try wire.receive(.secureConnectionReply), challenge: challenge)
        try wire.send(try script.secureLogin(session), .secureLogin)
        try script.finishSecureLogin(try wire.receive(.secureLoginReply), session)
        let time = probe_nanoseconds(0) - start
        close(wire.file)
        return time
    }

    /// Nanoseconds from the call to the event in the other process: both read the same clock.
    func message(_ size: Int, secure: Bool) throws(CryptoError) -> UInt64 {
        if messages == nil { messages = try open(.messages) }
        guard let wire = messages else { throw .malformed("no connection") }
        if kept[size] == nil {
            kept[size] = (
                ScriptMessage(script, payload: size), Buffer(count: size + ScriptFrame.message.overhead)
            )
        }
        guard let buffers = kept[size] else { throw .malformed("no buffer") }
        var head: [UInt8] = [secure ? 1 : 0]
        for shift in [24, 16, 8, 0] { head.append(UInt8(truncatingIfNeeded: size >> shift)) }
        let told = head.withUnsafeBytes { probe_send(wire.file, $0.baseAddress, $0.count) }
        guard told == 1 else { throw .malformed("the other process is gone") }
        // The other side is ready when it says so: telling it what comes is no part of the message.
        var stamp = [UInt8](repeating: 0, count: 8)
        try receive(&stamp, wire)
        let start = probe_nanoseconds(0)
        if secure {
            try buffers.secure.sealFilled(script)
            let padding = Buffer(count: ScriptFrame.secureMessage.overhead)
            guard probe_send(wire.file, padding.bytes.baseAddress, padding.bytes.count) == 1,
                probe_send(wire.file, buffers.secure.frame.bytes.baseAddress, buffers.secure.frame.bytes.count) == 1
            else { throw .malformed("the other process is gone") }
        } else {
            guard probe_send(wire.file, buffers.plain.bytes.baseAddress, buffers.plain.bytes.count) == 1 else {
                throw .malformed("the other process is gone")
            }
        }
        try receive(&stamp, wire)
        var arrived: UInt64 = 0
        for byte in stamp { arrived = arrived << 8 | UInt64(byte) }
        guard arrived > start else { throw .openingFailed }
        return arrived - start
    }

    func end() throws(CryptoError) {
        if let messages { close(messages.file) }
        _ = try open(.end)
    }

    private func receive(_ stamp: inout [UInt8], _ wire: Wire) throws(CryptoError) {
        let got = stamp.withUnsafeMutableBytes { probe_receive(wire.file, $0.baseAddress, $0.count) }
        guard got == 1 else { throw .malformed("the other process is gone") }
    }

    private func open(_ part: ScriptRun.Part) throws(CryptoError) -> Wire {
        let file = probe_connect(port)
        guard file >= 0 else { throw .malformed("no connection") }
        var byte = part.rawValue
        guard probe_send(file, &byte, 1) == 1 else { throw .malformed("the other process is gone") }
        return Wire(file: file)
    }
}
