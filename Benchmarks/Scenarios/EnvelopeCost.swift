internal import CryptoCore
internal import Harness
internal import Metrology
internal import Overlay

/// envelope/paper: seal and open of one message in this process, beside its floor.
struct EnvelopeCost: Experiment {
    let title = "envelopes"
    static let sizes = [(bytes: 1024, limit: 1.15), (bytes: 1 << 20, limit: 1.2)]

    func rows(_ options: RunOptions) -> [String] {
        Self.sizes.flatMap { [options.id("envelope", "paper", $0.bytes), options.id("envelope", "floor", $0.bytes)] }
    }

    func estimateSeconds(_ options: RunOptions) -> Double { 1 + 0.008 * Double(options.plan.operationPairs) }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let suite = context.options.suite
        let key = try RSAPrivateKey.generate(for: suite, engines: context.engines)
        let protection = try PaperProtection(suite)
        let lean = LeanLibcrypto(privateKey: try key.pkcs8(), keyBytes: suite.contentKeyBytes)
        for size in Self.sizes {
            try context.checkpoint()
            var generator = SeededGenerator(seed: context.options.seed)
            let payload = generator.bytes(size.bytes)
            let ours = SealedInPlace(protection, key, payload)
            let floor = FloorEnvelope(lean, payload)
            let order = Interleaving(
                arms: ["paper", "floor"], pairs: context.options.plan.operationPairs, blockSize: 10)
            try order.measure(
                seed: context.options.seed, into: &context.store, row: { context.id("envelope", $0, size.bytes) }
            ) { arm in arm == "paper" ? try ours.once() : try floor.once() }
            context.addFloor(
                context.id("envelope", "floor", size.bytes), under: context.id("envelope", "paper", size.bytes),
                what: "bare libcrypto sign + wrap + GCM, unwrap + GCM + verify", limit: size.limit)
            context.progress.advance(estimateSeconds(context.options) / 2, now: "envelope \(size.bytes)")
        }
    }
}

/// Our envelope over buffers that stay.
final class SealedInPlace {
    private let protection: PaperProtection
    private let key: RSAPrivateKey
    private let payload: [UInt8]
    private let frame: UnsafeMutableRawBufferPointer
    private let opened: UnsafeMutableRawBufferPointer
    private let prefix: Int

    init(_ protection: PaperProtection, _ key: RSAPrivateKey, _ payload: [UInt8]) {
        self.protection = protection
        self.key = key
        self.payload = payload
        prefix = protection.layout.prefixBytes(recipientModulusBytes: key.modulusBytes)
        let suffix = protection.layout.suffixBytes(senderModulusBytes: key.modulusBytes)
        frame = .allocate(byteCount: prefix + payload.count + suffix, alignment: 64)
        opened = .allocate(byteCount: payload.count + 8 + key.modulusBytes, alignment: 64)
    }

    deinit {
        frame.deallocate()
        opened.deallocate()
    }

    func once() throws -> UInt64 {
        let place = UnsafeMutableRawBufferPointer(rebasing: frame[prefix..<(prefix + payload.count)])
        place.copyBytes(from: payload)
        let start = Clock.wall()
        try protection.seal(frame, signingWith: key, for: key.publicKey)
        let message = try protection.open(UnsafeRawBufferPointer(frame), into: opened, with: key)
        try protection.verify(message, in: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(opened)), by: key.publicKey)
        let nanoseconds = Clock.wall() - start
        guard isSame(UnsafeRawBufferPointer(rebasing: opened[message.places.payload]), as: payload) else {
            throw Failure(.wrongResult, "envelope: the payload changed")
        }
        return nanoseconds
    }
}

/// The floor over buffers that stay.
final class FloorEnvelope {
    private let lean: LeanLibcrypto
    private let payload: [UInt8]
    private let frame: UnsafeMutableRawBufferPointer
    private let opened: UnsafeMutableRawBufferPointer

    init(_ lean: LeanLibcrypto, _ payload: [UInt8]) {
        self.lean = lean
        self.payload = payload
        frame = .allocate(byteCount: payload.count + lean.modulusBytes, alignment: 64)
        opened = .allocate(byteCount: payload.count + lean.modulusBytes, alignment: 64)
    }

    deinit {
        frame.deallocate()
        opened.deallocate()
    }

    func once() throws -> UInt64 {
        UnsafeMutableRawBufferPointer(rebasing: frame[..<payload.count]).copyBytes(from: payload)
        let start = Clock.wall()
        let sealed = lean.seal(frame, payloadBytes: payload.count)
        let isGenuine = lean.open(sealed, UnsafeRawBufferPointer(frame), into: opened, payloadBytes: payload.count)
        let nanoseconds = Clock.wall() - start
        guard isGenuine, isSame(UnsafeRawBufferPointer(rebasing: opened[..<payload.count]), as: payload) else {
            throw Failure(.wrongResult, "envelope floor: the payload changed")
        }
        return nanoseconds
    }
}
