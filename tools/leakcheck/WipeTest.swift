internal import CryptoCore
internal import Glibc

/// After a key was read, used and released, none of its secrets may stand in this process's heap or data.
enum WipeTest {
    static func run() throws -> Bool {
        var passed = true
        for engine in RSAEngine.available {
            let needles = try useAndRelease(engine)
            let found = needles.filter { isInMemory($0) }.map(\.name)
            let verdict = found.isEmpty ? "nothing found" : "FOUND \(found.joined(separator: ", "))"
            print("wipe, \(engine.name): \(needles.count) secrets sought, \(verdict)")
            passed = passed && found.isEmpty
        }
        // The control: one copy that nobody wipes.
        let needles = try useAndRelease(.gmp)
        let forgotten = needles[0].bytes.map { $0 ^ Needle.cover }
        let caught = isInMemory(needles[0])
        print("control: a copy left behind: \(caught ? "caught" : "NOT CAUGHT")")
        return withExtendedLifetime(forgotten) { passed && caught }
    }

    /// Sixteen bytes out of the middle of a secret, covered so that the needle does not find itself.
    struct Needle {
        static let cover: UInt8 = 0xa5
        let name: String
        let bytes: [UInt8]
    }

    private static func useAndRelease(_ engine: RSAEngine) throws -> [Needle] {
        var needles: [Needle] = []
        let der = keyOfAnotherProcess()
        defer { der.deallocate() }
        for (name, range) in zip(["d", "p", "q", "dP", "dQ", "qInv"], privateIntegers(of: der)) {
            let middle = (range.lowerBound + range.upperBound) / 2
            // Big-endian as in files and in libcrypto's serialisation, little-endian as in limbs of any width.
            let window = der[middle..<(middle + 16)].map { $0 ^ Needle.cover }
            needles.append(Needle(name: "\(name), big-endian", bytes: window))
            needles.append(Needle(name: "\(name), little-endian", bytes: window.reversed()))
        }
        let key = try RSAPrivateKey(
            der: RawSpan(_unsafeBytes: UnsafeRawBufferPointer(der)), engines: EngineTable(engine))
        wipe(der)
        let message = try randomBytes(32)
        _ = try key.sign(message.span.bytes)
        let envelope = try SealedEnvelope(.rsa2048)
        let plaintext = try SecretBytes(randomCount: 32)
        let sealed = try envelope.seal(plaintext, for: key.publicKey, .login)
        _ = PrivatePaths.open(sealed, envelope, key)
        return needles
    }

    /// PKCS#8 on standard output: in a process of its own, so that the search meets nothing of the key's making.
    static func makeKey() throws {
        let der = try RSAPrivateKey.generate(for: .rsa2048, engines: EngineTable(.openSSL)).pkcs8()
        guard write(1, der, der.count) == der.count else { exit(74) }
    }

    /// Into memory of one owner: an array might be copied by the write that wipes it.
    private static func keyOfAnotherProcess() -> UnsafeMutableRawBufferPointer {
        guard let pipe = popen("'\(CommandLine.arguments[0])' make-key", "r") else { exit(74) }
        defer { pclose(pipe) }
        // A stream's buffer would be a copy that nobody wipes.
        setvbuf(pipe, nil, _IONBF, 0)
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
        let count = fread(memory.baseAddress, 1, memory.count, pipe)
        guard count > 1000 else { exit(74) }
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
    }

    /// Contents of d, p, q, dP, dQ and qInv in a PKCS#8 structure with 2048-bit numbers.
    private static func privateIntegers(of der: UnsafeMutableRawBufferPointer) -> [Range<Int>] {
        func element(at offset: Int) -> Range<Int> {
            let first = Int(der[offset + 1])
            guard first >= 0x80 else { return (offset + 2)..<(offset + 2 + first) }
            let octets = first - 0x80
            let length = der[(offset + 2)..<(offset + 2 + octets)].reduce(0) { $0 << 8 | Int($1) }
            return (offset + 2 + octets)..<(offset + 2 + octets + length)
        }
        var cursor = element(at: 0).lowerBound
        for _ in 0..<2 { cursor = element(at: cursor).upperBound }
        cursor = element(at: element(at: cursor).lowerBound).lowerBound
        var integers: [Range<Int>] = []
        for _ in 0..<9 {
            integers.append(element(at: cursor))
            cursor = element(at: cursor).upperBound
        }
        return Array(integers[3...])
    }

    /// Reads every writable mapping of this process but its stack: libcrypto's decoders leave the end of a key file there,
    /// until later calls overwrite it, and nothing of ours reaches their frames.
    private static func isInMemory(_ needle: Needle) -> Bool {
        let memory = open("/proc/self/mem", O_RDONLY)
        guard memory >= 0, let maps = fopen("/proc/self/maps", "r") else { return true }
        defer {
            close(memory)
            fclose(maps)
        }
        var ranges: [(UInt, UInt)] = []
        var line = [CChar](repeating: 0, count: 4096)
        while fgets(&line, Int32(line.count), maps) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            let fields = text.split(separator: " ")
            let bounds = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
            if fields[1].hasPrefix("rw"), bounds.count == 2, !text.contains("[stack]"), !text.contains("[v") {
                ranges.append((bounds[0], bounds[1]))
            }
        }
        // Read through the file into memory that is left out of the search: what is searched is never the buffer.
        let size = 1 << 20
        let buffer = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 4096)
        defer {
            memset(buffer, 0, size)
            buffer.deallocate()
        }
        let own = UInt(bitPattern: buffer)
        for (start, end) in ranges {
            var at = start
            while at < end {
                let count = pread(memory, buffer, min(size, Int(end - at)), off_t(at))
                guard count > 0 else { break }
                if contains(
                    UnsafeRawBufferPointer(start: buffer, count: count), needle, at: at,
                    except: own..<(own + UInt(size)))
                {
                    return true
                }
                // Overlap by a needle's length.
                at += UInt(max(1, count == size ? count - needle.bytes.count : count))
            }
        }
        return false
    }

    private static func contains(
        _ bytes: UnsafeRawBufferPointer, _ needle: Needle, at address: UInt, except own: Range<UInt>
    ) -> Bool {
        let first = needle.bytes[0] ^ Needle.cover
        var offset = 0
        while offset + needle.bytes.count <= bytes.count {
            guard let hit = memchr(bytes.baseAddress! + offset, Int32(first), bytes.count - offset) else {
                return false
            }
            offset = UnsafeRawPointer(hit) - bytes.baseAddress!
            guard offset + needle.bytes.count <= bytes.count else { return false }
            let matches = needle.bytes.indices.allSatisfy { bytes[offset + $0] == needle.bytes[$0] ^ Needle.cover }
            if matches, !own.contains(address + UInt(offset)) { return true }
            offset += 1
        }
        return false
    }
}
