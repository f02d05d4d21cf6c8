internal import CLibCrypto
internal import Metrology
internal import Synchronization

/// Replaces libcrypto's random generator of this process by a seeded one, so that two counts draw the same keys,
/// nonces and blinding. Only the counting worker does this; no process that talks to a network ever may.
enum DeterministicRandom {
    private static let generator = Mutex(SeededGenerator(seed: 0))

    static func install() {
        let status = crypto_set_generator { target, count in
            guard let target, count >= 0 else { return 0 }
            let bytes = DeterministicRandom.generator.withLock { $0.bytes(Int(count)) }
            UnsafeMutableBufferPointer(start: target, count: Int(count)).update(fromContentsOf: bytes)
            return 1
        }
        precondition(status == 1, "libcrypto kept its own generator")
    }

    static func reseed(_ seed: UInt64) { generator.withLock { $0 = SeededGenerator(seed: seed) } }
}

extension UnsafeMutableBufferPointer where Element == UInt8 {
    fileprivate func update(fromContentsOf bytes: [UInt8]) {
        for (index, byte) in bytes.enumerated() { self[index] = byte }
    }
}
