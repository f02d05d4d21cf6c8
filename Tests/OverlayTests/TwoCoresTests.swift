import CryptoCore
import Dispatch
import Overlay
import Testing

@Suite("Messages on two cores")
struct TwoCoresTests {
    static let key = try! RSAPrivateKey.generate(bits: 2048, engines: EngineTable(.openSSL))
    /// Below the size from which it pays, at it, between chunks and at their ends.
    static let sizes = [1, 100_000, 1 << 20, (1 << 20) + 1, (17 * 64 << 10) - 4, 2 << 20, (3 << 20) + 12_345]

    private let one: PaperProtection
    private let two: PaperProtection

    init() throws {
        one = try PaperProtection(.rsa2048)
        two = try PaperProtection(.rsa2048, cores: { 2 })
    }

    @Test("what two cores seal one opens, and the other way round", arguments: sizes)
    func crossed(_ size: Int) throws {
        let payload = try randomBytes(size)
        for (sealer, opener) in [(one, two), (two, one), (two, two)] {
            let frame = try sealed(payload, by: sealer)
            #expect(try opened(frame, by: opener) == payload)
        }
    }

    @Test("a flipped bit anywhere is refused as on one core, and nothing of the plaintext stays")
    func tampering() throws {
        let frame = try sealed(randomBytes(1_300_000), by: two)
        let places = [
            0, 1, 3, 200, 258, 259, 270, 271, 275, 40_000, 65_700, 262_300, 700_000, 1_300_000, 1_300_300,
            frame.count - 17, frame.count - 1,
        ]
        for place in places {
            var forged = frame
            forged[place] ^= 0x40
            for opener in [one, two] {
                #expect(throws: CryptoError.openingFailed) { try opened(forged, by: opener) }
            }
            #expect(try leftOver(forged) == [0], "\(place)")
        }
    }

    @Test("a wrong key costs as much hashing as a wrong tag, although the lengths it gives are nonsense")
    func rejection() throws {
        let payload = 2 << 20
        let frame = try sealed(randomBytes(payload), by: two)
        // A bit of the wrapped key, and a bit of the tag.
        for place in [100, frame.count - 1] {
            var forged = frame
            forged[place] ^= 1
            // The tally is the process's, and other tests add to it: the least of many looks.
            let hashed = (0..<30).map { _ in
                let before = OperationTally.current
                _ = try? opened(forged, by: two)
                return (OperationTally.current - before).hashedBytes
            }
            #expect(hashed.min() ?? 0 >= payload, "\(place)")
        }
    }

    @Test("authentic lengths that do not fit are refused")
    func malformed() throws {
        let payload = 1_200_000
        for claimed in [0, 7, payload - 1, payload + 1, payload + 300, Int(UInt32.max)] {
            var frame = try emptyFrame(payload)
            let prefix = one.layout.prefixBytes(recipientModulusBytes: 256)
            try frame.withUnsafeMutableBytes { frame in
                _ = one.layout.frameLengths(frame, signatureBytes: 256, for: Self.key.publicKey)
                frame.storeBytes(of: UInt32(claimed).bigEndian, toByteOffset: prefix - 4, as: UInt32.self)
                try one.layout.envelope.seal(frame, for: Self.key.publicKey, .message)
            }
            for opener in [one, two] {
                #expect(throws: CryptoError.openingFailed) { try opened(frame, by: opener) }
            }
        }
    }

    @Test("a signature of something else is refused")
    func foreignSignature() throws {
        let other = try randomBytes(1_200_000)
        let signature = try Self.key.sign(other.span.bytes, for: .message)
        var frame = try emptyFrame(1_200_000)
        try frame.withUnsafeMutableBytes { try two.seal($0, signature: signature, for: Self.key.publicKey) }
        #expect(throws: CryptoError.signatureInvalid) { try opened(frame, by: two) }
    }

    @Test("where no other thread is free the caller does all the work")
    func starved() throws {
        // More than the pool will ever run at once.
        let release = DispatchSemaphore(value: 0)
        let blocked = 600
        for _ in 0..<blocked { DispatchQueue.global(qos: .userInitiated).async { release.wait() } }
        defer { for _ in 0..<blocked { release.signal() } }
        let payload = try randomBytes(2 << 20)
        #expect(try opened(sealed(payload, by: two), by: two) == payload)
    }

    // MARK: Frames

    private func emptyFrame(_ payload: Int) throws -> [UInt8] {
        [UInt8](
            repeating: 0,
            count: one.layout.prefixBytes(recipientModulusBytes: 256) + payload
                + one.layout.suffixBytes(senderModulusBytes: 256))
    }

    private func sealed(_ payload: [UInt8], by sealer: PaperProtection) throws -> [UInt8] {
        var frame = try emptyFrame(payload.count)
        let prefix = one.layout.prefixBytes(recipientModulusBytes: 256)
        frame.replaceSubrange(prefix..<(prefix + payload.count), with: payload)
        try frame.withUnsafeMutableBytes { frame in
            try sealer.seal(frame, signingWith: Self.key, for: Self.key.publicKey)
        }
        return frame
    }

    private func opened(_ frame: [UInt8], by opener: PaperProtection) throws -> [UInt8] {
        var target = try plaintextMemory(frame)
        let message = try frame.withUnsafeBytes { frame in
            try target.withUnsafeMutableBytes { try opener.open(frame, into: $0, with: Self.key) }
        }
        try opener.verify(message, in: target.span.bytes, by: Self.key.publicKey)
        return Array(target[message.places.payload])
    }

    /// The different bytes that a refused opening leaves behind.
    private func leftOver(_ frame: [UInt8]) throws -> Set<UInt8> {
        var target = try plaintextMemory(frame)
        _ = frame.withUnsafeBytes { frame in
            target.withUnsafeMutableBytes { target in
                Result { try two.open(frame, into: target, with: Self.key) }
            }
        }
        return Set(target)
    }

    private func plaintextMemory(_ frame: [UInt8]) throws -> [UInt8] {
        let count = try one.layout.envelope.plaintextBytes(envelopeBytes: frame.count, recipient: Self.key)
        return [UInt8](repeating: 0, count: count)
    }
}
