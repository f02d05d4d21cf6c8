internal import CryptoCore
internal import Harness
internal import Metrology
internal import Overlay

/// One thing to time in a worker, ready to run: every result is checked outside the timed stretch.
struct CoreWorkload {
    /// Nanoseconds of one operation.
    let once: () throws -> UInt64

    init(_ row: CoreRow, key: RSAPrivateKey) throws {
        switch row.operation {
        case .private, .public: once = try Self.power(row, key)
        case .batch8: once = try Self.batch(row, key)
        case .sign, .verify: once = try Self.signature(row, key)
        case .wrap, .unwrap: once = try Self.keyWrap(row, key)
        case .message: once = try Self.message(row, key, cores: 1)
        case .messageOnTwoCores: once = try Self.message(row, key, cores: 2)
        }
    }

    private static func engine(_ row: CoreRow) throws -> RSAEngine {
        guard let engine = RSAEngine(name: row.implementation), engine.isAvailable else {
            throw Failure(.unavailable, "\(row.id): no such engine here")
        }
        return engine
    }

    private static func power(_ row: CoreRow, _ key: RSAPrivateKey) throws -> () throws -> UInt64 {
        let bound = try key.bound(to: EngineTable(engine(row)))
        let pair = try Powers(key)
        let isPrivate = row.operation == .private
        let (source, expected) = isPrivate ? (pair.raised, pair.plain) : (pair.plain, pair.raised)
        var result = [UInt8](repeating: 0, count: expected.count)
        return {
            let (nanoseconds, _) = try timed {
                try source.withUnsafeBytes { input in
                    try result.withUnsafeMutableBytes { target in
                        if isPrivate {
                            try bound.apply(input, into: target)
                        } else {
                            try bound.publicKey.apply(input, into: target)
                        }
                    }
                }
            }
            guard result == expected else { throw Failure(.wrongResult, row.id) }
            return nanoseconds
        }
    }

    /// Eight operations at once; the time is that of one.
    private static func batch(_ row: CoreRow, _ key: RSAPrivateKey) throws -> () throws -> UInt64 {
        let bound = try key.bound(to: EngineTable(engine(row)))
        let pairs = try (0..<8).map { _ in try Powers(key) }
        let size = key.modulusBytes
        let inputs = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * size, alignment: 64)
        let outputs = UnsafeMutableRawBufferPointer.allocate(byteCount: 8 * size, alignment: 64)
        let jobs = pairs.indices.map { index in
            let range = (index * size)..<((index + 1) * size)
            UnsafeMutableRawBufferPointer(rebasing: inputs[range]).copyBytes(from: pairs[index].raised)
            return PrivateJob(
                input: UnsafeRawBufferPointer(rebasing: inputs[range]),
                output: UnsafeMutableRawBufferPointer(rebasing: outputs[range]))
        }
        return {
            let (nanoseconds, _) = try timed { try bound.apply(jobs.span) }
            for (index, pair) in pairs.enumerated() {
                guard outputs[(index * size)..<((index + 1) * size)].elementsEqual(pair.plain) else {
                    throw Failure(.wrongResult, row.id)
                }
            }
            return nanoseconds / 8
        }
    }

    private static func signature(_ row: CoreRow, _ key: RSAPrivateKey) throws -> () throws -> UInt64 {
        let message = try randomBytes(64)
        let genuine = try key.sign(message.span.bytes)
        if let library = try ReferenceLibraries.make(row.implementation, for: row.suite, key: key) {
            guard row.operation == .sign else {
                return {
                    try checked(row) {
                        try message.withUnsafeBytes { m in
                            try genuine.withUnsafeBytes { try library.verify($0, of: m) }
                        }
                    }
                }
            }
            return {
                let (nanoseconds, made) = try timed { try message.withUnsafeBytes { try library.sign($0) } }
                guard made == genuine else { throw Failure(.wrongResult, row.id) }
                return nanoseconds
            }
        }
        let bound = try key.bound(to: EngineTable(engine(row)))
        guard row.operation == .sign else {
            return { try timed { try bound.publicKey.verify(genuine.span.bytes, of: message.span.bytes) }.nanoseconds }
        }
        return {
            let (nanoseconds, made) = try timed { try bound.sign(message.span.bytes) }
            guard made == genuine else { throw Failure(.wrongResult, row.id) }
            return nanoseconds
        }
    }

    private static func keyWrap(_ row: CoreRow, _ key: RSAPrivateKey) throws -> () throws -> UInt64 {
        let content = try randomBytes(row.suite.contentKeyBytes)
        let lean = LeanLibcrypto(privateKey: try key.pkcs8(), keyBytes: row.suite.contentKeyBytes)
        let wrapped = lean.wrap(content)
        if let library = try ReferenceLibraries.make(row.implementation, for: row.suite, key: key) {
            guard row.operation == .unwrap else {
                return {
                    let (nanoseconds, made) = try timed { try library.wrap(content) }
                    guard lean.unwrap(made).starts(with: content) else { throw Failure(.wrongResult, row.id) }
                    return nanoseconds
                }
            }
            return { try checked(row) { try library.unwrap(wrapped).starts(with: content) } }
        }
        let bound = try key.bound(to: EngineTable(engine(row)))
        let encoding = try OAEP()
        guard row.operation == .wrap else {
            return { try checked(row) { try bound.decrypt(wrapped.span.bytes, with: encoding) == content } }
        }
        var target = [UInt8](repeating: 0, count: key.modulusBytes)
        return {
            let (nanoseconds, _) = try timed {
                let seed = try randomBytes(32)
                try target.withUnsafeMutableBytes {
                    try bound.publicKey.encrypt(content.span.bytes, seed: seed.span.bytes, with: encoding, into: $0)
                }
            }
            guard lean.unwrap(target).starts(with: content) else { throw Failure(.wrongResult, row.id) }
            return nanoseconds
        }
    }

    private static func message(_ row: CoreRow, _ key: RSAPrivateKey, cores: Int) throws -> () throws -> UInt64 {
        let payload = try randomBytes(row.bytes ?? 1024)
        if let once = try ReferenceLibraries.message(row.implementation, for: row.suite, key: key, payload) {
            return once
        }
        switch row.implementation {
        case "cms":
            return CMSMessage(privateKey: try key.pkcs8(), payload).once
        case "curve25519":
            return CurveMessage(payload).once
        default:
            let engines =
                try row.implementation == "auto"
                ? EngineCalibration.choose(for: row.suite) : EngineTable(engine(row))
            let sealed = SealedInPlace(
                try PaperProtection(row.suite, cores: { cores }), try key.bound(to: engines), payload)
            return sealed.once
        }
    }

    private static func checked(_ row: CoreRow, _ work: () throws -> Bool) throws -> UInt64 {
        let (nanoseconds, isRight) = try timed(work)
        guard isRight else { throw Failure(.wrongResult, row.id) }
        return nanoseconds
    }

    /// A representative and its power under the public exponent.
    private struct Powers {
        let plain: [UInt8]
        let raised: [UInt8]

        init(_ key: RSAPrivateKey) throws {
            var plain = try randomBytes(key.modulusBytes)
            plain[0] = 0
            var raised = [UInt8](repeating: 0, count: plain.count)
            try plain.withUnsafeBytes { input in
                try raised.withUnsafeMutableBytes { try key.publicKey.apply(input, into: $0) }
            }
            self.plain = plain
            self.raised = raised
        }
    }
}
