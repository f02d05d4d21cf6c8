import CProcess
import CoreScript
import CryptoCore

/// Broker and receiving peer, in a process of its own.
final class ScriptServer {
    private let script: CoreScript

    init(_ script: CoreScript) { self.script = script }

    /// Plays what it is asked to until it is told to end.
    /// - Returns: the exit status: 7 where anything did not check.
    func serve(_ listener: Int32) -> Int32 {
        do throws(CryptoError) {
            while true {
                let file = probe_accept(listener)
                guard file >= 0 else { return 7 }
                defer { close(file) }
                var byte: UInt8 = 0
                guard probe_receive(file, &byte, 1) == 1, let part = ScriptRun.Part(rawValue: byte) else { return 7 }
                switch part {
                case .plainJoin: try joinPlainly(Wire(file: file))
                case .secureJoin: try joinSecurely(Wire(file: file))
                case .messages: try receiveMessages(file)
                case .end: return 0
                }
            }
        } catch {
            return 7
        }
    }

    private func joinPlainly(_ wire: Wire) throws(CryptoError) {
        _ = try wire.receive(.connect)
        try wire.send(try script.answerConnect(), .connectReply)
        try wire.send(try script.answerLogin(try wire.receive(.login)), .loginReply)
    }

    private func joinSecurely(_ wire: Wire) throws(CryptoError) {
        let (session, reply) = try script.answerSecureConnection(try wire.receive(.secureConnection))
        try wire.send(reply, .secureConnectionReply)
        let sealed = try wire.receive(.secureLogin)
        try wire.send(try script.answerSecureLogin(sealed, session: session), .secureLoginReply)
    }

    /// Answers each message with the time at which it was delivered.
    private func receiveMessages(_ file: Int32) throws(CryptoError) {
        var head = [UInt8](repeating: 0, count: 5)
        while head.withUnsafeMutableBytes({ probe_receive(file, $0.baseAddress, $0.count) }) == 1 {
            var size = 0
            for byte in head[1...] { size = size << 8 | Int(byte) }
            guard size <= 1 << 20 else { throw .malformed("a message too long") }
            let isSecure = head[0] == 1
            let message = ScriptMessage(script, payload: size)
            let rest = Buffer(
                count: isSecure ? ScriptFrame.secureMessage.overhead : size + ScriptFrame.message.overhead)
            try answer(file)
            guard probe_receive(file, rest.bytes.baseAddress, rest.bytes.count) == 1 else {
                throw .malformed("the other process is gone")
            }
            if isSecure {
                let frame = message.frame.bytes
                guard probe_receive(file, frame.baseAddress, frame.count) == 1 else {
                    throw .malformed("the other process is gone")
                }
                try message.open(script)
            }
            try answer(file)
        }
    }

    private func answer(_ file: Int32) throws(CryptoError) {
        let now = probe_nanoseconds(0)
        var stamp = [UInt8](repeating: 0, count: 8)
        for index in 0..<8 { stamp[index] = UInt8(truncatingIfNeeded: now >> UInt64(56 - 8 * index)) }
        guard stamp.withUnsafeBytes({ probe_send(file, $0.baseAddress, $0.count) }) == 1 else {
            throw .malformed("the other process is gone")
        }
    }
}
