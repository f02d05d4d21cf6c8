import CProcess
import CryptoCore

/// Every private operation beside libcrypto's of the same build, arms in turn.
enum EngineTableRun {
    static func run() throws(CryptoError) {
        Output.write("engine      suite       private operation   ratio to libcrypto's two primes\n")
        for group in [
            [Suite.rsa1024], [.rsa2048, .rsa2048x3], [.rsa3072, .rsa3072x3], [.rsa4096, .rsa4096x4],
        ] {
            try measure(group)
        }
    }

    /// One arm: an engine with a key of one suite.
    private struct Arm {
        let engine: RSAEngine
        let suite: Suite
        let operation: PrivateOperationArm
        var samples = Samples()
    }

    private static func measure(_ suites: [Suite]) throws(CryptoError) {
        let rounds = 40
        var arms: [Arm] = []
        for suite in suites {
            for engine in RSAEngine.available {
                arms.append(
                    Arm(engine: engine, suite: suite, operation: try PrivateOperationArm(suite, EngineTable(engine))))
            }
        }
        for round in 0..<rounds {
            for index in arms.indices {
                // Alternately forwards and backwards.
                let place = round & 1 == 0 ? index : arms.count - 1 - index
                arms[place].samples.add(try arms[place].operation.timed())
            }
        }
        var base: UInt64 = 1
        for arm in arms where arm.suite == suites[0] && arm.engine == .openSSL { base = max(1, arm.samples.median) }
        for arm in arms {
            let middle = arm.samples.median
            Output.write(
                Output.pad("\(arm.engine.name)", 12) + Output.pad(arm.suite.name, 12)
                    + Output.pad(Output.microseconds(middle), 20) + Output.decimal(thousandths: middle * 1000 / base)
                    + "\n")
        }
    }
}

/// A representative, its power under the public exponent, and a private operation that must bring it back.
final class PrivateOperationArm {
    private let key: RSAPrivateKey
    private let plain: Buffer
    private let raised: Buffer
    private let result: Buffer

    init(_ suite: Suite, _ engines: EngineTable) throws(CryptoError) {
        key = try Material.keys(suite, engines: engines)[0]
        plain = Buffer(count: key.modulusBytes)
        raised = Buffer(count: key.modulusBytes)
        result = Buffer(count: key.modulusBytes)
        plain.bytes.copyBytes(from: try randomBytes(key.modulusBytes))
        plain.bytes[0] = 0
        try key.publicKey.apply(UnsafeRawBufferPointer(plain.bytes), into: raised.bytes)
    }

    /// The engine whose private operations are fastest here, by trying.
    static func fastest(_ suite: Suite) throws(CryptoError) -> RSAEngine {
        var best: (engine: RSAEngine, time: UInt64) = (.openSSL, .max)
        for engine in RSAEngine.available {
            let arm = try PrivateOperationArm(suite, EngineTable(engine))
            let time = try Samples.collect(atMost: 5) { () throws(CryptoError) in _ = try arm.timed() }.median
            if time < best.time { best = (engine, time) }
        }
        return best.engine
    }

    /// CPU nanoseconds of one operation, whose result is checked after the clock has stopped.
    func timed() throws(CryptoError) -> UInt64 {
        let start = probe_nanoseconds(1)
        try key.apply(UnsafeRawBufferPointer(raised.bytes), into: result.bytes)
        let elapsed = probe_nanoseconds(1) - start
        guard probe_same(result.bytes.baseAddress, plain.bytes.baseAddress, plain.bytes.count) == 1 else {
            throw .faultDetected
        }
        return elapsed
    }
}
