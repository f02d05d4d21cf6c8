import CLibCrypto
import CryptoCore

/// The crypto core as a small program of its own, for machines that Swift's full runtime does not reach: a 32-bit
/// Pentium M first of all. Checks itself, then times every private operation beside libcrypto's of the same build.
@main
struct Probe {
    static func main() {
        do throws(CryptoError) {
            print("engine      suite       private operation   ratio to libcrypto's two primes")
            for group in [
                [Suite.rsa1024], [.rsa2048, .rsa2048x3], [.rsa3072, .rsa3072x3], [.rsa4096, .rsa4096x4],
            ] {
                try measure(group)
            }
        } catch {
            print("probe: a self-check failed")
            exit(7)
        }
    }

    /// One arm: an engine with a key of one suite.
    private struct Arm {
        let name: StaticString
        let suite: Suite
        let key: RSAPrivateKey
        let operand: Operand
        var times: [UInt64] = []
    }

    /// A representative, its power under the public exponent, and room for what the private operation makes of it.
    /// Kept until the program ends.
    private struct Operand {
        let plain: UnsafeMutableRawBufferPointer
        let raised: UnsafeMutableRawBufferPointer
        let result: UnsafeMutableRawBufferPointer

        init(_ key: RSAPrivateKey) throws(CryptoError) {
            let size = key.modulusBytes
            plain = .allocate(byteCount: size, alignment: 16)
            raised = .allocate(byteCount: size, alignment: 16)
            result = .allocate(byteCount: size, alignment: 16)
            plain.copyBytes(from: try randomBytes(size))
            plain[0] = 0
            try key.publicKey.apply(UnsafeRawBufferPointer(plain), into: raised)
        }
    }

    /// Arms in turn, so that what disturbs one disturbs all.
    private static func measure(_ suites: [Suite]) throws(CryptoError) {
        let rounds = 40
        var arms: [Arm] = []
        for suite in suites {
            let key = try RSAPrivateKey.generate(for: suite, engines: EngineTable(.openSSL))
            for engine in RSAEngine.available {
                let bound = try key.bound(to: EngineTable(engine))
                arms.append(Arm(name: engine.name, suite: suite, key: bound, operand: try Operand(bound)))
            }
        }
        for round in 0..<rounds {
            for index in arms.indices {
                // Alternately forwards and backwards.
                let place = round & 1 == 0 ? index : arms.count - 1 - index
                arms[place].times.append(try time(arms[place]))
            }
        }
        var base: UInt64 = 0
        for arm in arms where arm.suite == suites[0] {
            if isSame(arm.name, "openSSL") { base = median(arm.times) }
        }
        for arm in arms {
            let middle = median(arm.times)
            print(
                pad("\(arm.name)", 12) + pad(arm.suite.name, 12) + pad(decimal(middle, 1000) + " us", 20)
                    + decimal(middle * 1000 / base, 1000))
        }
    }

    private static func time(_ arm: Arm) throws(CryptoError) -> UInt64 {
        let operand = arm.operand
        let start = nanoseconds()
        try arm.key.apply(UnsafeRawBufferPointer(operand.raised), into: operand.result)
        let elapsed = nanoseconds() - start
        guard memcmp(operand.result.baseAddress!, operand.plain.baseAddress!, operand.plain.count) == 0 else {
            throw .faultDetected
        }
        return elapsed
    }

    private static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    private static func median(_ values: [UInt64]) -> UInt64 { values.sorted()[values.count / 2] }

    private static func isSame(_ a: StaticString, _ b: StaticString) -> Bool {
        a.utf8CodeUnitCount == b.utf8CodeUnitCount && memcmp(a.utf8Start, b.utf8Start, a.utf8CodeUnitCount) == 0
    }

    private static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    /// `value / unit` with three digits after the point.
    private static func decimal(_ value: UInt64, _ unit: UInt64) -> String {
        let thousandths = value * 1000 / unit
        let rest = thousandths % 1000
        return "\(thousandths / 1000)." + (rest < 100 ? "0" : "") + (rest < 10 ? "0" : "") + "\(rest)"
    }
}
