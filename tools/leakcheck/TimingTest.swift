internal import CGMP
internal import CryptoCore
internal import Glibc
internal import Metrology

/// Fixed against random, in random order, on every engine of ours: does the time tell the classes apart?
enum TimingTest {
    /// - Returns: whether every path held and every control was caught.
    static func run(samples: Int) throws -> Bool {
        var passed = true
        for engine in RSAEngine.available where engine != .openSSL {
            let key = try RSAPrivateKey.generate(for: .rsa2048, engines: EngineTable(engine))
            for path in try paths(key) {
                // A disturbance of the machine does not come back with fresh inputs; a leak does.
                var t = try measure(path, samples: samples)
                if t > WelchTest.bound { t = try min(t, measure(path, samples: samples)) }
                passed = report("\(engine.name): \(path.name)", t, expected: .quiet) && passed
            }
        }
        for control in try controls() {
            passed =
                report("control: \(control.name)", try measure(control, samples: samples), expected: .leak) && passed
        }
        return passed
    }

    private enum Expectation { case quiet, leak }

    private static func report(_ name: String, _ t: Double, expected: Expectation) -> Bool {
        let holds = (t <= WelchTest.bound) == (expected == .quiet)
        let verdict =
            holds ? (expected == .quiet ? "no difference" : "caught") : (expected == .quiet ? "LEAK" : "NOT CAUGHT")
        print("\(name): |t| = \((t * 100).rounded() / 100)  \(verdict)")
        return holds
    }

    /// What is timed for one class or the other. Inputs are made before the clock starts.
    struct Path {
        let name: String
        let prepare: (_ isFixed: Bool) throws -> [UInt8]
        let work: ([UInt8]) throws -> Void
    }

    private static func measure(_ path: Path, samples: Int) throws -> Double {
        var test = WelchTest()
        let order = try randomBytes(samples)
        // Inputs of both classes come from one pool, so that caches know neither better.
        let pool = try (0..<64).map { _ in (fixed: try path.prepare(true), random: try path.prepare(false)) }
        for index in 0..<samples {
            let isFixed = order[index] & 1 == 0
            let pair = pool[index % pool.count]
            let input = isFixed ? pair.fixed : pair.random
            let start = nanoseconds()
            try path.work(input)
            let elapsed = nanoseconds() - start
            // The first ones warm caches and predictors.
            if index > samples / 20 { test.add(Double(elapsed), toClass: isFixed ? 0 : 1) }
        }
        return test.largest
    }

    private static func paths(_ key: RSAPrivateKey) throws -> [Path] {
        let message = try randomBytes(32)
        let envelope = try SealedEnvelope(.rsa2048)
        let valid = try sealed(key)
        var result = [UInt8](repeating: 0, count: key.modulusBytes)
        func unwrap(_ wrapped: [UInt8]) { _ = PrivatePaths.open(wrapped, envelope, key) }
        /// An envelope whose wrapped encoding is exactly what `make` says.
        func wrapping(_ make: () throws -> [UInt8]) throws -> [UInt8] {
            var envelope = try sealed(key)
            try make().withUnsafeBytes { input in
                try result.withUnsafeMutableBytes { try key.publicKey.apply(input, into: $0) }
            }
            envelope.replaceSubrange(3..<(3 + key.modulusBytes), with: result)
            return envelope
        }
        func encoded(label: [UInt8] = []) throws -> [UInt8] {
            var encoded = [UInt8](repeating: 0, count: key.modulusBytes)
            let (message, seed, encoding) = (try randomBytes(32), try randomBytes(32), try OAEP(label: label))
            try encoded.withUnsafeMutableBytes { target in
                try encoding.encode(message.span.bytes, seed: seed.span.bytes, into: target)
            }
            return encoded
        }
        /// Both masks off, the separator cleared, and both on again.
        func encodedWithoutSeparator() throws -> [UInt8] {
            var bytes = try encoded()
            try bytes.withUnsafeMutableBytes { all in
                let seed = UnsafeMutableRawBufferPointer(rebasing: all[1..<33])
                let block = UnsafeMutableRawBufferPointer(rebasing: all[33...])
                try MGF1.apply(seed: UnsafeRawBufferPointer(block), to: seed, .sha256)
                try MGF1.apply(seed: UnsafeRawBufferPointer(seed), to: block, .sha256)
                for index in 32..<block.count { block[index] = 0 }
                try MGF1.apply(seed: UnsafeRawBufferPointer(seed), to: block, .sha256)
                try MGF1.apply(seed: UnsafeRawBufferPointer(block), to: seed, .sha256)
            }
            return bytes
        }
        return [
            Path(
                name: "sign, one message against random ones",
                prepare: { $0 ? message : try randomBytes(32) }, work: { _ = try key.sign($0.span.bytes) }),
            Path(
                name: "unwrap, one envelope against random ones",
                prepare: { $0 ? valid : try sealed(key) }, work: unwrap),
            Path(
                name: "unwrap, right label against a wrong one",
                prepare: { isFixed in try wrapping { try encoded(label: isFixed ? [] : [1]) } }, work: unwrap),
            Path(
                name: "unwrap, leading zero against another byte",
                prepare: { isFixed in
                    try wrapping {
                        var bytes = try encoded()
                        if !isFixed { bytes[0] = 1 }
                        return bytes
                    }
                }, work: unwrap),
            Path(
                name: "unwrap, separator against none",
                prepare: { isFixed in try wrapping { try isFixed ? encoded() : encodedWithoutSeparator() } },
                work: unwrap),
        ]
    }

    private static func sealed(_ key: RSAPrivateKey) throws -> [UInt8] {
        let plaintext = try SecretBytes(randomCount: 32)
        let envelope = try SealedEnvelope(.rsa2048)
        return try envelope.seal(plaintext, for: key.publicKey, .login)
    }

    /// Code with the mistakes that the test is there for.
    private static func controls() throws -> [Path] {
        let secret = try randomBytes(256)
        let limbs = 32
        var modulus = try randomBytes(8 * limbs)
        modulus[0] |= 1
        modulus[8 * limbs - 1] |= 0x80
        let fixed = [UInt8](repeating: 0, count: 8 * limbs - 1) + [1]
        return [
            Path(
                name: "comparison that leaves at the first difference",
                prepare: { isFixed in isFixed ? secret : try randomBytes(256) },
                work: { guess in
                    for index in secret.indices { if !equal(secret[index], guess[index]) { break } }
                }),
            Path(
                name: "mpz_powm with a short exponent against random ones",
                prepare: { isFixed in isFixed ? fixed : try randomBytes(8 * limbs) },
                work: { exponent in
                    exponent.withUnsafeBytes { e in
                        modulus.withUnsafeBytes { m in gmp_variable_time_power(e.baseAddress, m.baseAddress, limbs) }
                    }
                }),
        ]
    }

    @inline(never) private static func equal(_ a: UInt8, _ b: UInt8) -> Bool { a == b }

    private static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_RAW, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
