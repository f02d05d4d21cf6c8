import CProcess
import CoreScript
import CryptoCore

/// What a hardware profile prices, measured: JSON of schema juxtapose.profile/1.
enum ProfileRun {
    private static let bulk = 65_536
    private static let longMessage = 1 << 20
    /// scrypt's N of the overlay's accounts.
    static let passwordCost: UInt64 = 16384
    /// What one parse of the reference certificate takes, counted under qemu-i386 for this program's 32-bit build
    /// (`tools/probe count`): what an instruction of ordinary code costs follows from its time. Builds differ a little.
    private static let instructionsOfParse: UInt64 = 291_000

    private struct Figure {
        let id: String
        /// Picoseconds: whole numbers all the way.
        let value: UInt64
        let low: UInt64
        let high: UInt64
        let unit: String
        let sourceClass: String
        let source: String
    }

    static func run() throws(CryptoError) {
        var figures: [Figure] = []
        for suite in Suite.allCases { try rsa(suite, &figures) }
        try symmetric(&figures)
        try instruction(&figures)
        figures += try kernel()
        note("without password hashing, resident at most " + resident() + " KiB\n")
        try passwordHash(&figures)
        note("with it, resident at most " + resident() + " KiB\n")
        write(figures)
    }

    private static func note(_ text: String) { Output.note(text) }

    /// With the fastest engine of this machine.
    private static func rsa(_ suite: Suite, _ figures: inout [Figure]) throws(CryptoError) {
        let engine = try PrivateOperationArm.fastest(suite)
        let arm = try PrivateOperationArm(suite, EngineTable(engine))
        let samples = try Samples.collect { () throws(CryptoError) in _ = try arm.timed() }
        note(suite.name + ": " + Output.microseconds(samples.median) + " with engine \(engine.name)\n")
        let source = "engine \(engine.name), CPU time, median"
        figures.append(figure("private/" + suite.name, samples, per: 1, "ns", source))
        guard suite.primes == 2 else { return }
        let key = try Material.keys(suite, engines: EngineTable(engine))[0]
        let message = [UInt8](repeating: 7, count: 32)
        let signature = try key.sign(message.span.bytes)
        let verified = try Samples.collect { () throws(CryptoError) in
            for _ in 0..<10 { try key.publicKey.verify(signature.span.bytes, of: message.span.bytes) }
        }
        figures.append(figure("public/" + suite.name, verified, per: 10, "ns", source))
    }

    private static func symmetric(_ figures: inout [Figure]) throws(CryptoError) {
        let frame = Buffer(count: bulk + AESGCM.tagBytes)
        for keyBytes in [16, 32] {
            let key = try randomBytes(keyBytes)
            let samples = try Samples.collect { () throws(CryptoError) in
                try SelfCheck.seal(frame, text: bulk, key: key)
            }
            figures.append(
                figure(keyBytes == 16 ? "aes128gcm" : "aes256gcm", samples, per: bulk, "ns/B", "64 KiB at once"))
        }
        let hashed = try Samples.collect { () throws(CryptoError) in
            _ = try Digest.of(RawSpan(_unsafeBytes: UnsafeRawBufferPointer(frame.bytes)))
        }
        figures.append(figure("sha256", hashed, per: frame.bytes.count, "ns/B", "64 KiB at once"))
        let target = Buffer(count: 1 << 20)
        let source = Buffer(count: 1 << 20)
        let copied = try Samples.collect { () throws(CryptoError) in
            for _ in 0..<4 { target.bytes.copyMemory(from: UnsafeRawBufferPointer(source.bytes)) }
        }
        figures.append(figure("copy", copied, per: 4 << 20, "ns/B", "1 MiB from one place to another"))
    }

    /// Parsing a certificate is ordinary code.
    private static func instruction(_ figures: inout [Figure]) throws(CryptoError) {
        let parse = try CertificateParse()
        let samples = try Samples.collect { () throws(CryptoError) in for _ in 0..<20 { try parse.once() } }
        let value = 1000 * samples.median / 20 / instructionsOfParse
        figures.append(
            Figure(
                id: "instruction", value: max(1, value), low: max(1, value * 3 / 4), high: max(1, value * 5 / 4),
                unit: "ns",
                sourceClass: "derived",
                source:
                    "time of parsing a certificate over the instructions that qemu-i386 counted for it; 25 % either way"
            ))
    }

    private static func passwordHash(_ figures: inout [Figure]) throws(CryptoError) {
        let password = Array("lovelace".utf8)
        let samples = try Samples.collect(atLeast: 3, atMost: 9) { () throws(CryptoError) in
            _ = try KeyDerivation.scrypt(
                password: password.span.bytes, salt: password.span.bytes, cost: passwordCost, blockSize: 8,
                parallelism: 1, count: 32)
        }
        figures.append(figure("passwordHash", samples, per: 1, "ns", "scrypt with N = 16384, r = 8, p = 1"))
    }

    /// Half of a round trip over loopback TCP between two processes.
    private static func kernel() throws(CryptoError) -> [Figure] {
        let small = try Echo.roundTrips(bytes: 16)
        let large = try Echo.roundTrips(bytes: longMessage)
        // The fast ones on both sides: waking up takes longer, and less evenly, than many bytes do.
        let (quick, long) = (small.quantile(50), large.quantile(50))
        let byte = max(1, 1000 * (long > quick ? long - quick : 0) / UInt64(longMessage))
        return [
            figure(
                "kernelMessage", small, per: 2, "ns",
                "half a round trip of 16 bytes over loopback TCP between two processes"),
            Figure(
                id: "kernelByte", value: byte, low: max(1, byte / 2), high: 2 * byte, unit: "ns/B",
                sourceClass: "measured",
                source: "a fast round trip of 1 MiB and 16 bytes, less a fast small one; a difference, so 2 either way"),
        ]
    }

    private static func figure(
        _ id: String, _ samples: Samples, per units: Int, _ unit: String, _ source: String
    ) -> Figure {
        func share(_ thousandths: Int) -> UInt64 { max(1, 1000 * samples.quantile(thousandths) / UInt64(units)) }
        return Figure(
            id: id, value: share(500), low: share(50), high: share(950), unit: unit, sourceClass: "measured",
            source: source + "; 5 and 95 % of the samples")
    }

    private static func write(_ figures: [Figure]) {
        var text = "{\n  \"figures\" : [\n"
        for index in figures.indices {
            let figure = figures[index]
            text += "    { \"id\" : \"" + figure.id + "\", \"value\" : " + number(figure.value)
            text += ", \"low\" : " + number(figure.low) + ", \"high\" : " + number(figure.high)
            text += ", \"unit\" : \"" + figure.unit + "\", \"sourceClass\" : \"" + figure.sourceClass
            text += "\", \"source\" : \"" + figure.source + "\" }" + (index + 1 < figures.count ? ",\n" : "\n")
        }
        let model = SystemFile.value("model name", in: "/proc/cpuinfo") ?? "unknown processor"
        text += "  ],\n  \"id\" : \"probed\",\n  \"machine\" : \"" + model + "\",\n"
        text += "  \"notes\" : \"Measured by juxtapose-probe, the fastest engine for each key.\",\n"
        text += "  \"schema\" : \"juxtapose.profile/1\",\n  \"title\" : \"" + model + "\"\n}\n"
        Output.write(text)
    }

    private static func number(_ picoseconds: UInt64) -> String { Output.decimal(thousandths: picoseconds) }

    /// The most memory that the program has had, KiB.
    static func resident() -> String { SystemFile.value("VmHWM", in: "/proc/self/status", until: 32) ?? "?" }
}

/// A certificate to parse, again and again.
final class CertificateParse {
    private let der: [UInt8]
    private let engines = EngineTable(.openSSL)

    init() throws(CryptoError) {
        let key = try Material.keys(.rsa2048, engines: engines)[0]
        der = try Certificate.selfSigned(
            CertificateTemplate(
                commonName: "probe",
                extensions: CertificateExtensions(role: .administrator, peerID: "urn:jxta:cbid-00"),
                validity: 1_700_000_000...1_900_000_000), key: key, engines: engines
        ).der
    }

    func once() throws(CryptoError) {
        // Bound before it is borrowed: a span of a class's property would outlive the access.
        let der = der
        _ = try Certificate(der: der.span.bytes, engines: engines)
    }
}

/// Lines of the kernel's files: `key : value`.
enum SystemFile {
    /// - Parameter end: a character that ends the value, beside the line's own end.
    static func value(_ key: String, in path: String, until end: UInt8 = 10) -> String? {
        var bytes = [CChar](repeating: 0, count: 8192)
        let count = bytes.withUnsafeMutableBufferPointer { probe_file(path, $0.baseAddress, 8191) }
        var line: [UInt8] = []
        for byte in bytes.prefix(Int(count)) {
            guard byte == 10 else {
                line.append(UInt8(bitPattern: byte))
                continue
            }
            if line.starts(with: Array(key.utf8)), let colon = line.firstIndex(of: 58) {
                var value: [UInt8] = []
                for character in line[(colon + 1)...] {
                    if value.isEmpty, character == 32 || character == 9 { continue }
                    // What JSON would need to escape does not occur in a processor's name.
                    if character == end || character == 34 || character == 92 { break }
                    value.append(character)
                }
                return String(decoding: value, as: UTF8.self)
            }
            line = []
        }
        return nil
    }
}
