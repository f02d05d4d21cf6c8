internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Overlay
internal import Projection

/// The operations that a profile prices, ready to be timed in this process: one round after the other, so that what
/// disturbs the machine for a while disturbs all of them.
final class ElementaryOperations {
    /// What is timed at once, bytes: large enough that starting does not matter, small enough for a cache.
    private static let bulk = 65_536

    private struct Timing {
        let id: String
        /// Operations, or bytes, of one call.
        let units: Double
        /// Nanoseconds of one call.
        let call: () throws -> UInt64
    }

    private var timings: [Timing] = []

    /// - Parameters:
    ///   - engine: nil for each suite's fastest.
    ///   - passwordCost: scrypt's N.
    init(suites: [Suite], engine: RSAEngine?, passwordCost: Int) throws {
        for suite in suites { try addRSA(suite, engine) }
        for keyBytes in [16, 32] { try addAEAD(keyBytes) }
        let bytes = try randomBytes(Self.bulk)
        add(Cost.hash, units: Self.bulk, per: 4) { _ = try Digest.of(bytes.span.bytes) }
        addCopy()
        let hash = try PasswordHash.make(Password("lovelace"), cost: passwordCost)
        // The small hash of counts takes microseconds: one of them would be lost in waking up.
        add(Cost.passwordHash, units: 1, per: passwordCost < 1024 ? 40 : 1) {
            guard try hash.matches(Password("lovelace")) else { throw Failure(.wrongResult, "password hash") }
        }
    }

    /// CPU nanoseconds of each operation, the median of a few.
    func round() throws -> [String: Double] {
        var prices: [String: Double] = [:]
        for timing in timings {
            let samples = try (0..<5).map { _ in Double(try timing.call()) / timing.units }
            prices[timing.id] = Statistics.median(samples)
        }
        return prices
    }

    /// - Parameter repetitions: how often the operation runs in one call.
    private func add(_ id: String, units: Int, per repetitions: Int, _ operation: @escaping () throws -> Void) {
        timings.append(
            Timing(id: id, units: Double(units * repetitions)) {
                let start = Clock.threadCPU()
                for _ in 0..<repetitions { try operation() }
                return Clock.threadCPU() - start
            })
    }

    private func addRSA(_ suite: Suite, _ engine: RSAEngine?) throws {
        let engines = try engine.map(EngineTable.init) ?? EngineChoice.auto.table(for: suite)
        let key = try RSAPrivateKey.generate(for: suite, engines: engines)
        let message = [UInt8](repeating: 7, count: 32)
        let signature = try key.sign(message.span.bytes)
        add(Cost.privateOperation(suite.name), units: 1, per: 4) {
            guard try key.sign(message.span.bytes) == signature else { throw Failure(.wrongResult, suite.name) }
        }
        // Keys of more primes have the same public operation.
        let publicOperation = Cost.publicOperation(suite.name)
        guard !timings.contains(where: { $0.id == publicOperation }) else { return }
        let publicKey = key.publicKey
        add(publicOperation, units: 1, per: 20) {
            try publicKey.verify(signature.span.bytes, of: message.span.bytes)
        }
    }

    private func addAEAD(_ keyBytes: Int) throws {
        let key = try randomBytes(keyBytes)
        let nonce = try randomBytes(AESGCM.nonceBytes)
        var (text, tag) = (try randomBytes(Self.bulk), [UInt8](repeating: 0, count: AESGCM.tagBytes))
        add(keyBytes == 16 ? "aes128gcm" : "aes256gcm", units: Self.bulk, per: 4) {
            try text.withUnsafeMutableBytes { text in
                try tag.withUnsafeMutableBytes { tag in
                    try nonce.withUnsafeBytes { nonce in
                        try AESGCM.seal(
                            text, tag: tag, key: key.span.bytes, nonce: nonce,
                            authenticating: UnsafeRawBufferPointer(start: nil, count: 0), "")
                    }
                }
            }
        }
    }

    private func addCopy() {
        let source = [UInt8](repeating: 1, count: 1 << 20)
        var target = [UInt8](repeating: 0, count: 1 << 20)
        add(Cost.copy, units: 1 << 20, per: 2) {
            source.withUnsafeBytes { from in target.withUnsafeMutableBytes { $0.copyMemory(from: from) } }
        }
    }
}

/// What the kernel does for messages between two sockets of this machine.
enum KernelPrices {
    private static let (small, bulk, times) = (16, 1 << 20, 60)

    /// Wall nanoseconds of a message, and of each byte of a long one: the other side's work is part of the way.
    static func measure() throws -> (message: [Double], byte: Double) {
        let (little, much) = (try roundTrips(small), try roundTrips(bulk))
        // The fast ones on both sides: waking up takes longer, and less evenly, than many bytes do.
        let fast = [little, much].map { Statistics.quantile(0.05, ofSorted: $0.sorted()) }
        return (little.map { $0 / 2 }, max(1e-3, (fast[1] - fast[0]) / Double(bulk)))
    }

    /// The median way of so many bytes: their round trip, less the way of the 16 that come back.
    static func oneWay(_ bytes: Int) throws -> Double {
        let back = Statistics.median(try roundTrips(small)) / 2
        return max(back, Statistics.median(try roundTrips(max(small, bytes))) - back)
    }

    /// 16 bytes come back, as in a run's round trips. The later half, when both sides are warm.
    private static func roundTrips(_ size: Int) throws -> [Double] {
        let socket = try RawSocket.connect(port: RawSocket.serve(size: size, reply: small) { _ in })
        let request = [UInt8](repeating: 1, count: size)
        var answer = [UInt8](repeating: 0, count: small)
        let samples = try (0..<(2 * times)).map { _ in
            let start = Clock.wall()
            let isAnswered =
                request.withUnsafeBytes { socket.send($0) } && answer.withUnsafeMutableBytes { socket.receive($0) }
            guard isAnswered else { throw Failure(.wrongResult, "the other side of a socket is gone") }
            return Double(Clock.wall() - start)
        }
        return samples.suffix(times)
    }
}
