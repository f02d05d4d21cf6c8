import CoreScript
import CryptoCore
import Foundation
import Harness
import TestSupport
import Testing

@Suite("The core script beside the overlay", .serialized)
struct CoreScriptTests {
    private static let cost: UInt64 = 2

    private func script(_ suite: Suite) throws -> CoreScript {
        let engines = EngineTable(.openSSL)
        let keys = try (0..<4).map { _ in try RSAPrivateKey.generate(for: suite, engines: engines) }
        return try CoreScript(
            suite: suite, keys: keys, engines: engines, passwordCost: Self.cost, time: 1_800_000_000)
    }

    /// Bytes on the wire of a secure join.
    private func joinSecurely(_ script: CoreScript) throws -> Int {
        let challenge = try script.secureConnection()
        let (session, reply) = try script.answerSecureConnection(challenge)
        let opened = try script.finishSecureConnection(reply, challenge: challenge)
        let request = try script.secureLogin(opened)
        let credential = try script.answerSecureLogin(request, session: session)
        try script.finishSecureLogin(credential, opened)
        let frames: [ScriptFrame] = [
            .secureConnection, .secureConnectionReply, .secureLogin, .secureLoginReply,
        ]
        return challenge.count + reply.count + request.count + credential.count
            + frames.reduce(0) { $0 + $1.overhead }
    }

    private func joinPlainly(_ script: CoreScript) throws -> Int {
        let frames: [ScriptFrame] = [.connect, .connectReply, .login, .loginReply]
        let (first, second, third) = (try script.connect(), try script.answerConnect(), script.login())
        let fourth = try script.answerLogin(third)
        try script.finishLogin(fourth)
        return first.count + second.count + third.count + fourth.count + frames.reduce(0) { $0 + $1.overhead }
    }

    private func message(_ script: CoreScript, _ payload: [UInt8]) throws -> Int {
        var frame = [UInt8](repeating: 0, count: script.sealedCount(payload.count))
        frame.replaceSubrange(script.payloadOffset..<(script.payloadOffset + payload.count), with: payload)
        try frame.withUnsafeMutableBytes { try script.seal($0, payload: payload.count) }
        var opened = [UInt8](repeating: 0, count: script.openedCount(frame.count))
        let place = try frame.withUnsafeBytes { sealed in
            try opened.withUnsafeMutableBytes { try script.open(sealed, into: $0) }
        }
        #expect(Array(opened[place]) == payload)
        return frame.count + ScriptFrame.secureMessage.overhead
    }

    /// The tally is the whole process', and other tests work beside this one: they only ever add to it, so the least of
    /// many looks is what the script itself does.
    private func least(_ work: () throws -> Int) throws -> (wire: Int, done: OperationCounts) {
        var (wire, least) = (0, OperationCounts.most)
        for _ in 0..<20 {
            let before = OperationTally.current
            wire = try work()
            let done = OperationTally.current - before
            least.privateOperations = min(least.privateOperations, done.privateOperations)
            least.publicOperations = min(least.publicOperations, done.publicOperations)
            least.aeadBytes = min(least.aeadBytes, done.aeadBytes)
            least.hashedBytes = min(least.hashedBytes, done.hashedBytes)
            least.passwordHashes = min(least.passwordHashes, done.passwordHashes)
        }
        return (wire, least)
    }

    /// The overlay's own counts, without instructions.
    private func counted(_ suite: String, _ only: [String]) throws -> [CountRow] {
        try withTemporaryFolder { folder in
            let worker = ["bench-count"]
            #expect(try Program.run(worker + ["prepare", folder.path, suite]).status == 0)
            let result = try Program.output(
                worker + ["measure", folder.path, suite, "openSSL", "--only", only.joined(separator: ",")])
            return result.output.split(separator: "\n").compactMap {
                try? JSONDecoder().decode(CountRow.self, from: Data($0.utf8))
            }
        }
    }

    @Test(
        "the same operations, the same bytes encrypted and hashed, the same bytes on the wire",
        arguments: [Suite.rsa1024, .rsa2048, .rsa3072])
    func same(suite: Suite) throws {
        let script = try script(suite)
        let name = suite.name
        let rows = try counted(
            name,
            [
                "join/plain/\(name)", "join/paper/\(name)", "message/plain/\(name)/1024", "message/paper/\(name)/1024",
            ])
        let payload = [UInt8](repeating: 7, count: 1024)
        let works: [(String, () throws -> Int)] = [
            ("join/plain/\(name)", { try joinPlainly(script) }), ("join/paper/\(name)", { try joinSecurely(script) }),
            ("message/plain/\(name)/1024", { payload.count + ScriptFrame.message.overhead }),
            ("message/paper/\(name)/1024", { try message(script, payload) }),
        ]
        for (id, work) in works {
            let row = try #require(rows.first { $0.id == id })
            let (wire, done) = try least(work)
            #expect(wire == row.wireBytes, "\(id)")
            #expect(done.privateOperations == row.privateOperations, "\(id)")
            #expect(done.publicOperations == row.publicOperations, "\(id)")
            #expect(done.aeadBytes == row.aeadBytes, "\(id)")
            #expect(done.hashedBytes == row.hashedBytes, "\(id)")
            #expect(done.passwordHashes == row.passwordHashes, "\(id)")
        }
    }

    @Test("a forged signature, a foreign session and a wrong password are refused")
    func refusals() throws {
        let (script, other) = (try script(.rsa1024), try script(.rsa1024))
        let challenge = try script.secureConnection()
        let (session, reply) = try script.answerSecureConnection(challenge)
        var forged = reply
        forged[40] ^= 1
        #expect(throws: CryptoError.signatureInvalid) {
            try script.finishSecureConnection(forged, challenge: challenge)
        }
        #expect(throws: CryptoError.self) { try other.finishSecureConnection(reply, challenge: challenge) }
        let opened = try script.finishSecureConnection(reply, challenge: challenge)
        let request = try script.secureLogin(opened)
        #expect(throws: CryptoError.openingFailed) {
            try script.answerSecureLogin(request, session: session.reversed())
        }
        #expect(throws: CryptoError.openingFailed) {
            try script.answerLogin([0, 0, 0, 3] + Array("ada".utf8) + [0, 0, 0, 1, 65])
        }
    }
}

extension OperationCounts {
    /// More than anything does.
    fileprivate static var most: OperationCounts {
        var counts = OperationTally.current - OperationTally.current
        (counts.privateOperations, counts.publicOperations, counts.passwordHashes) = (.max, .max, .max)
        (counts.aeadBytes, counts.hashedBytes) = (.max, .max)
        return counts
    }
}
