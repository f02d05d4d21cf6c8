import CryptoCore
import Foundation
import TestSupport
import Testing

/// Every engine against libcrypto, alone and in lanes, for every shape of key.
@Suite("Engines")
struct EngineTests {
    /// Operations per suite: a few dozen here, `JUXTAPOSE_DIFFERENTIAL=100000` for a night's run over all suites.
    static let operations =
        (ProcessInfo.processInfo.environment["JUXTAPOSE_DIFFERENTIAL"].flatMap(Int.init) ?? 1000) / Suite.allCases.count

    static let keys: [Suite: RSAPrivateKey] = {
        var keys: [Suite: RSAPrivateKey] = [:]
        for suite in Suite.allCases {
            keys[suite] = try! RSAPrivateKey.generate(for: suite, engines: EngineTable(.openSSL))
        }
        return keys
    }()

    static let ours = RSAEngine.available.filter { $0 != .openSSL }

    private func key(_ suite: Suite, _ engine: RSAEngine) throws -> RSAPrivateKey {
        try #require(Self.keys[suite]).bound(to: EngineTable(engine))
    }

    @Test("random operations agree with libcrypto and lead back", arguments: Suite.allCases, ours)
    func differential(_ suite: Suite, _ engine: RSAEngine) throws {
        let (key, reference) = (try key(suite, engine), try key(suite, .openSSL))
        #expect(key.primes == suite.primes)
        for _ in 0..<max(1, Self.operations / Self.ours.count) {
            let operand = try representative(key)
            let result = try power(key, operand)
            #expect(try power(reference, operand) == result)
            var recovered = [UInt8](repeating: 0, count: key.modulusBytes)
            try recovered.withUnsafeMutableBytes { target in
                try result.withUnsafeBytes { try key.publicKey.apply($0, into: target) }
            }
            #expect(recovered == operand)
        }
    }

    @Test("a batch of any size gives what single operations give", arguments: Suite.allCases, ours)
    func batches(_ suite: Suite, _ engine: RSAEngine) throws {
        let (key, reference) = (try key(suite, engine), try key(suite, .openSSL))
        for count in [1, 6, 7, 8, 9, 15, 17] {
            let operands = try (0..<count).map { _ in try representative(key) }
            let results = try batch(key, operands)
            for (operand, result) in zip(operands, results) { #expect(try power(reference, operand) == result) }
        }
    }

    @Test("one operand that is not below the modulus refuses the whole batch, before any work", arguments: ours)
    func batchRange(_ engine: RSAEngine) throws {
        let key = try key(.rsa2048, engine)
        var operands = try (0..<8).map { _ in try representative(key) }
        operands[3] = [UInt8](repeating: 0xff, count: key.modulusBytes)
        var results = [UInt8](repeating: 0, count: 8 * key.modulusBytes)
        #expect(throws: CryptoError.representativeOutOfRange) { try batch(key, operands, into: &results) }
        #expect(results.allSatisfy { $0 == 0 })
    }

    @Test("a faulty CRT exponent is detected and nothing leaves", arguments: [Suite.rsa2048, .rsa2048x3], ours)
    func faults(_ suite: Suite, _ engine: RSAEngine) throws {
        let der = try key(suite, engine).pkcs8()
        // PKCS#1 inside PKCS#8: version, n, e, d, p, q, dP, dQ, qInv.
        let integers = try DERWalk.integers(of: der)
        for index in [6, 7, 8] {
            var faulty = der
            faulty[integers[index].upperBound - 2] ^= 0x10
            let key = try RSAPrivateKey(der: faulty.span.bytes, engines: EngineTable(engine))
            let operands = try (0..<8).map { _ in try representative(key) }
            var output = [UInt8](repeating: 0, count: key.modulusBytes)
            #expect(throws: CryptoError.faultDetected) {
                try output.withUnsafeMutableBytes { target in
                    try operands[0].withUnsafeBytes { try key.apply($0, into: target) }
                }
            }
            #expect(output.allSatisfy { $0 == 0 })
            #expect(throws: CryptoError.faultDetected) { try batch(key, operands) }
        }
    }

    @Test(
        "a multi-prime key comes back from PKCS#8 with all its primes, and openssl checks it",
        .enabled(if: isInstalled("openssl")), arguments: [Suite.rsa2048x3, .rsa3072x3, .rsa4096x4])
    func multiPrime(_ suite: Suite) throws {
        let key = try #require(Self.keys[suite])
        let der = try key.pkcs8()
        let read = try RSAPrivateKey(der: der.span.bytes, engines: EngineTable(.gmp))
        #expect(read.primes == suite.primes)
        #expect(read.publicKey.isSameKey(as: key.publicKey))
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("key.pem")
            try Data(key.pem()).write(to: file)
            let result = try run("openssl", ["pkey", "-in", file.path, "-check", "-noout"])
            #expect(result.status == 0 && result.output.contains("Key is valid"), "\(result.output)")
        }
    }

    @Test("more primes are nobody else's business: peers of both suites open each other's envelopes")
    func wire() throws {
        let (two, three) = (try SealedEnvelope(.rsa2048), try SealedEnvelope(.rsa2048x3))
        let plain = try #require(Self.keys[.rsa2048])
        let more = try #require(Self.keys[.rsa2048x3])
        for (seals, opens, recipient) in [(two, three, more), (three, two, plain)] {
            let message = try SecretBytes(randomCount: 3)
            let sealed = try seals.seal(message, for: recipient.publicKey, .login)
            let opened = try opens.open(sealed.span.bytes, with: recipient, .login)
            let count = opened.count
            #expect(count == 3)
        }
        #expect(throws: CryptoError.self) {
            try RSAPrivateKey.generate(bits: 2048, primes: 6, engines: EngineTable(.gmp))
        }
    }

    private func representative(_ key: RSAPrivateKey) throws -> [UInt8] {
        var operand = try randomBytes(key.modulusBytes)
        operand[0] = 0
        return operand
    }

    private func power(_ key: RSAPrivateKey, _ input: [UInt8]) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: key.modulusBytes)
        try output.withUnsafeMutableBytes { target in try input.withUnsafeBytes { try key.apply($0, into: target) } }
        return output
    }

    @discardableResult
    private func batch(_ key: RSAPrivateKey, _ operands: [[UInt8]]) throws -> [[UInt8]] {
        let size = key.modulusBytes
        var results = [UInt8](repeating: 0, count: operands.count * size)
        try batch(key, operands, into: &results)
        return operands.indices.map { Array(results[($0 * size)..<(($0 + 1) * size)]) }
    }

    private func batch(_ key: RSAPrivateKey, _ operands: [[UInt8]], into results: inout [UInt8]) throws {
        let size = key.modulusBytes
        var flat = Array(operands.joined())
        try flat.withUnsafeMutableBytes { inputs in
            try results.withUnsafeMutableBytes { outputs in
                let jobs = operands.indices.map { index in
                    PrivateJob(
                        input: UnsafeRawBufferPointer(rebasing: inputs[(index * size)..<((index + 1) * size)]),
                        output: UnsafeMutableRawBufferPointer(rebasing: outputs[(index * size)..<((index + 1) * size)]))
                }
                try key.apply(jobs.span)
            }
        }
    }
}

/// Just enough DER to find the numbers of a private key.
private enum DERWalk {
    static func integers(of pkcs8: [UInt8]) throws -> [Range<Int>] {
        var outer = try contents(pkcs8, at: 0)
        _ = try take(pkcs8, &outer)  // version
        _ = try take(pkcs8, &outer)  // algorithm
        let octets = try take(pkcs8, &outer)
        var inner = try contents(pkcs8, at: octets.lowerBound)
        return try (0..<9).map { _ in try take(pkcs8, &inner) }
    }

    /// Advances over one element and gives the range of its contents.
    private static func take(_ bytes: [UInt8], _ rest: inout Range<Int>) throws -> Range<Int> {
        let found = try contents(bytes, at: rest.lowerBound)
        rest = found.upperBound..<rest.upperBound
        return found
    }

    private static func contents(_ bytes: [UInt8], at offset: Int) throws -> Range<Int> {
        try #require(offset + 1 < bytes.count)
        let first = Int(bytes[offset + 1])
        guard first >= 0x80 else { return (offset + 2)..<(offset + 2 + first) }
        let count = first - 0x80
        let length = bytes[(offset + 2)..<(offset + 2 + count)].reduce(0) { $0 << 8 | Int($1) }
        return (offset + 2 + count)..<(offset + 2 + count + length)
    }
}
