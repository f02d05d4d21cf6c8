internal import CryptoCore
internal import Harness
internal import Metrology
internal import NIOCore
internal import Overlay
internal import Transport

/// One row of a count: what happens before, and the one operation that is counted.
struct CountedWork {
    static let sizes = [16, 1024, 65536, 1 << 20]

    let id: String
    let engine: RSAEngine
    /// Prepares everything that is not counted and returns the operation. It runs a few times before it is
    /// counted, so that what is made at first use has been made.
    let prepare: (_ keys: [RSAPrivateKey]) throws -> Operation

    struct Operation {
        var run: () throws -> Void
        /// Throws when the operation that just ran did not do its work.
        var check: () throws -> Void
        /// Wire bytes, round trips and copied bytes so far.
        var state: () -> Moved
    }

    struct Moved {
        var wireBytes = 0
        var roundTrips = 0
        var payloadBytesCopied = 0
    }

    static func all(suite: Suite, engine: RSAEngine) -> [CountedWork] {
        let name = suite.name
        var rows = [
            join("join/plain/\(name)", suite, engine) { try $0.joinPlain() },
            join("join/paper/\(name)", suite, engine) { try $0.joinSecurely() },
        ]
        for size in sizes {
            rows.append(message("message/plain/\(name)/\(size)", size, suite, engine, secure: false))
            rows.append(message("message/paper/\(name)/\(size)", size, suite, engine, secure: true))
        }
        rows.append(message("message/paper-uncached/\(name)/1024", 1024, suite, engine, secure: true, forgets: true))
        rows.append(advertisement("advertisement/verify/\(name)", suite, engine, forgetting: false))
        rows.append(advertisement("advertisement/verify-cold/\(name)", suite, engine, forgetting: true))
        // The engines whose instructions valgrind can run: it has no AVX-512.
        for engine in [RSAEngine.gmp, .openSSL, .x64] where engine.isAvailable {
            rows.append(core("core/private/\(name)/\(engine.name)", engine, isPrivate: true))
            rows.append(core("core/public/\(name)/\(engine.name)", engine, isPrivate: false))
        }
        return rows
    }

    private static func join(
        _ id: String, _ suite: Suite, _ engine: RSAEngine, _ join: @escaping (CountedNetwork) throws -> Void
    ) -> CountedWork {
        CountedWork(id: id, engine: engine) { keys in
            let network = try CountedNetwork(suite: suite, keys: keys, engines: EngineTable(engine))
            var (bytes, trips) = (0, 0)
            return Operation(
                run: { try join(network) },
                check: {
                    guard network.wire.receivedFrames > 0 else { throw Failure(.wrongResult, "\(id): no reply") }
                    bytes += network.wire.sentBytes + network.wire.receivedBytes
                    trips += network.wire.sentFrames
                }, state: { Moved(wireBytes: bytes, roundTrips: trips) })
        }
    }

    private static func message(
        _ id: String, _ size: Int, _ suite: Suite, _ engine: RSAEngine, secure: Bool, forgets: Bool = false
    ) -> CountedWork {
        CountedWork(id: id, engine: engine) { keys in
            let network = try CountedNetwork(suite: suite, keys: keys, engines: EngineTable(engine))
            try network.introduce()
            var generator = SeededGenerator(seed: UInt64(size))
            let payload = generator.bytes(size)
            var (filled, received) = (PayloadBuffer.make(payload), ByteBuffer())
            return Operation(
                run: {
                    if forgets { network.forgetVerifications() }
                    // Moved out: a second holder would make sealing copy the payload.
                    var outgoing = ByteBuffer()
                    swap(&outgoing, &filled)
                    received = try network.send(consume outgoing, secure: secure)
                },
                check: {
                    let isRight = received.withUnsafeReadableBytes { isSame($0, as: payload) }
                    // Let go: the next message opens into the same memory.
                    received = ByteBuffer()
                    filled = PayloadBuffer.make(payload)
                    guard isRight else { throw Failure(.wrongResult, "\(id): the payload changed") }
                },
                state: {
                    Moved(wireBytes: network.messageWire.sentBytes, payloadBytesCopied: network.copiedBytes)
                })
        }
    }

    private static func advertisement(
        _ id: String, _ suite: Suite, _ engine: RSAEngine, forgetting chainsToo: Bool
    ) -> CountedWork {
        CountedWork(id: id, engine: engine) { keys in
            let network = try CountedNetwork(suite: suite, keys: keys, engines: EngineTable(engine))
            try network.introduce()
            let document = try network.advertisement()
            var verifier = try network.verifier()
            var user = ""
            return Operation(
                run: {
                    verifier.forget(chainsToo: chainsToo)
                    user = try network.verify(document, &verifier)
                },
                check: { guard user == "ada" else { throw Failure(.wrongResult, "\(id): another user") } },
                state: { Moved() })
        }
    }

    private static func core(_ id: String, _ engine: RSAEngine, isPrivate: Bool) -> CountedWork {
        CountedWork(id: id, engine: engine) { keys in
            let key = try keys[2].bound(to: EngineTable(engine))
            var operand = try randomBytes(key.modulusBytes)
            operand[0] = 0
            var power = operand
            try apply(key.publicKey.apply, operand, &power)
            var result = operand
            return Operation(
                run: {
                    if isPrivate {
                        try apply(key.apply, power, &result)
                    } else {
                        try apply(key.publicKey.apply, operand, &result)
                    }
                },
                check: {
                    guard result == (isPrivate ? operand : power) else { throw Failure(.wrongResult, id) }
                }, state: { Moved() })
        }
    }

    private static func apply(
        _ operation: (UnsafeRawBufferPointer, UnsafeMutableRawBufferPointer) throws(CryptoError) -> Void,
        _ input: [UInt8], _ output: inout [UInt8]
    ) throws {
        try input.withUnsafeBytes { input in try output.withUnsafeMutableBytes { try operation(input, $0) } }
    }
}
