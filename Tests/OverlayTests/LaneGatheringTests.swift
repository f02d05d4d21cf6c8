import CryptoCore
import Foundation
import Overlay
import Synchronization
import Testing

@Suite("Private operations of several threads")
struct LaneGatheringTests {
    private static let threads = 24
    private static let rounds = 6

    @Test("gathered operations give each thread its own result", arguments: RSAEngine.available)
    func results(_ engine: RSAEngine) throws {
        let key = try RSAPrivateKey.generate(bits: 1024, engines: EngineTable(engine))
        let gathered = try key.gathering(onCores: 2)
        let envelope = try SealedEnvelope(.rsa1024)
        let wrong = Mutex<[String]>([])
        Self.onThreads { thread in
            do {
                for round in 0..<Self.rounds {
                    let text = Array("thread \(thread), round \(round)".utf8)
                    let signature = try gathered.sign(text.span.bytes, for: .message)
                    try key.publicKey.verify(signature.span.bytes, of: text.span.bytes, for: .message)
                    let sealed = try envelope.seal(SecretBytes(copying: text.span.bytes), for: key.publicKey, .login)
                    let opened = try envelope.open(sealed.span.bytes, with: gathered, .login)
                    let isSame = opened.withBytes { constantTimeEqual($0, text.span.bytes) }
                    if !isSame { wrong.withLock { $0.append("\(thread), \(round): another's plaintext") } }
                }
            } catch {
                wrong.withLock { $0.append("\(thread): \(error)") }
            }
        }
        #expect(wrong.withLock { $0 } == [])
    }

    @Test("what is out of range is refused to the thread that asked, the others go on")
    func refusals() throws {
        let key = try RSAPrivateKey.generate(bits: 1024, engines: EngineTable(.gmp))
        let gathered = try key.gathering(onCores: 1)
        let outcomes = Mutex([Bool?](repeating: nil, count: Self.threads))
        Self.onThreads { thread in
            let input = [UInt8](repeating: thread % 3 == 0 ? 0xff : 0x01, count: 128)
            var output = [UInt8](repeating: 0, count: 128)
            let succeeded =
                (try? input.withUnsafeBytes { input in
                    try output.withUnsafeMutableBytes { try gathered.apply(input, into: $0) }
                }) != nil
            outcomes.withLock { $0[thread] = succeeded }
        }
        #expect(outcomes.withLock { $0 } == (0..<Self.threads).map { $0 % 3 != 0 })
    }

    @Test("a faulty operation is an error to its own thread, also where another did it")
    func faults() throws {
        var der = try RSAPrivateKey.generate(bits: 1024, engines: EngineTable(.gmp)).pkcs8()
        // The end of the last number, which is the CRT coefficient.
        der[der.count - 2] ^= 0x10
        let gathered = try RSAPrivateKey(der: der.span.bytes, engines: EngineTable(.gmp)).gathering(onCores: 1)
        let faults = Mutex(0)
        Self.onThreads { thread in
            let text = [UInt8(thread)]
            do throws(CryptoError) { _ = try gathered.sign(text.span.bytes, for: .message) } catch {
                if error == .faultDetected { faults.withLock { $0 += 1 } }
            }
        }
        #expect(faults.withLock { $0 } == Self.threads)
    }

    /// On as many threads of their own, all at once.
    private static func onThreads(_ work: @escaping @Sendable (Int) -> Void) {
        let done = DispatchGroup()
        for index in 0..<threads {
            done.enter()
            Thread.detachNewThread {
                work(index)
                done.leave()
            }
        }
        done.wait()
    }
}
