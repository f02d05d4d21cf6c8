import Foundation
import Harness
import Projection
import Testing

@Suite("Projections")
struct ProjectionTests {
    /// Round numbers: a private operation is 1000 instructions of the library, a public one 100, a byte through AEAD or
    /// hash 1, a password hash 500.
    static func counts(instructions: Bool = true, dropping: String = "none") -> Counts {
        func row(
            _ id: String, privates: Int = 0, publics: Int = 0, aead: Int = 0, hashed: Int = 0, wire: Int = 0,
            trips: Int = 0, hashes: Int = 0, runtime: Int, parsing: Int = 0
        ) -> CountRow {
            var row = CountRow(
                id: id, engine: "openSSL", privateOperations: privates, publicOperations: publics, aeadBytes: aead,
                hashedBytes: hashed, wireBytes: wire, roundTrips: trips, payloadBytesCopied: 0, passwordHashes: hashes)
            let inLibrary = 1000 * privates + 100 * publics + aead + hashed + 500 * hashes + parsing
            row.instructions = instructions ? runtime + inLibrary : nil
            row.cryptoInstructions = instructions ? inLibrary : nil
            row.allocations = instructions ? 0 : nil
            row.systemCalls = instructions ? 0 : nil
            return row
        }
        var rows = [
            row("join/plain/rsa2048", hashed: 200, wire: 800, trips: 2, hashes: 1, runtime: 2000),
            row(
                "join/paper/rsa2048", privates: 4, publics: 5, aead: 1000, hashed: 2000, wire: 4000, trips: 2,
                hashes: 1,
                runtime: 7000, parsing: 600),
            row("core/private/rsa2048/openSSL", privates: 1, runtime: 0),
            row("core/public/rsa2048/openSSL", publics: 1, runtime: 0),
        ]
        for size in [1024, 65536, 1 << 20] {
            rows.append(row("message/plain/rsa2048/\(size)", wire: size + 500, runtime: 20_000))
            rows.append(
                row(
                    "message/paper/rsa2048/\(size)", privates: 2, publics: 2, aead: 2 * size, hashed: 2 * size,
                    wire: size + 1000, runtime: 90_000))
        }
        rows.append(
            row(
                "message/paper-uncached/rsa2048/1024", privates: 2, publics: 8, aead: 2048, hashed: 2048, wire: 2024,
                runtime: 500_000))
        return Counts(
            key: CountKey(
                architecture: "x86_64", instructionSet: "avx2", compiler: "c", libraries: [:],
                valgrind: instructions ? "valgrind" : nil), suite: "rsa2048",
            notCounted: instructions ? nil : "no valgrind", peakResidentBytes: 1,
            rows: rows.filter { !$0.id.hasPrefix(dropping) })
    }

    /// Every price one nanosecond, but those given; intervals of a factor either way.
    static func profile(_ values: [String: Double] = [:], factor: Double = 1, without: String = "none")
        -> HardwareProfile
    {
        HardwareProfile(
            id: "flat", title: "Flat", machine: "m", notes: "",
            figures: Cost.all.filter { $0.id != without }.map { id, unit in
                let value = values[id] ?? 1
                return HardwareProfile.Figure(
                    id: id, value: value, low: value / factor, high: value * factor, unit: unit, sourceClass: .assumed,
                    source: "s")
            })
    }

    static func project(
        _ profile: HardwareProfile, over link: ProjectedLink = .loopback, seed: UInt64 = 1
    ) throws -> Projection {
        try Projection(
            WorkTable(counts(), from: "here"), on: Projector(profile, seed: seed), over: link, source: "here",
            profile: ProfileReference(profile, sha256: "00"), validation: nil)
    }

    @Test("time is amount times price, of every amount once: worked by hand")
    func byHand() throws {
        let projection = try Self.project(Self.profile())
        func time(_ id: String) throws -> Int { try #require(projection.rows.first { $0.id == id }).nanoseconds }
        // 2000 instructions, 1 hash, 200 bytes hashed, 4 messages, 800 bytes through the kernel.
        #expect(try time("join/plain/rsa2048") == 2000 + 1 + 200 + 4 + 800)
        // 7000 and the 600 that parse keys; 4 + 5 operations; 1 hash; 1000 + 2000 bytes; 4 messages; 4000 bytes.
        #expect(try time("join/paper/rsa2048") == 7600 + 9 + 1 + 3000 + 4 + 4000)
        #expect(try time("message/plain/rsa2048/1024") == 20_000 + 1 + 1524)
        #expect(try time("message/paper/rsa2048/1024") == 90_000 + 4 + 4096 + 1 + 2024)
        // Between two counted payloads the work lies on the line between them.
        #expect(try time("message/plain/rsa2048/4096") == 20_000 + 1 + 4596)
        #expect(try time("message/paper/rsa2048/262144") == 90_000 + 4 + 4 * 262_144 + 1 + 263_144)
        // What verifying adds is counted once and added everywhere: 410 000 instructions and 6 operations.
        #expect(
            try time("message/paper-uncached/rsa2048/65536") == (try time("message/paper/rsa2048/65536")) + 410_000 + 6)
        for row in projection.rows {
            #expect(row.kind == .projected && row.low == row.nanoseconds && row.high == row.nanoseconds)
            #expect(abs(row.parts.reduce(0) { $0 + $1.nanoseconds } - row.nanoseconds) <= row.parts.count)
        }
    }

    @Test("a link adds half a round trip a message, one for TCP's handshake, and the bytes with their headers")
    func link() throws {
        let wire = ProjectedLink(name: "l", roundTripNanoseconds: 10e6, bitsPerSecond: 8e6)
        let (near, far) = (try Self.project(Self.profile()), try Self.project(Self.profile(), over: wire))
        func added(_ id: String) throws -> Int {
            let rows = try [near, far].map { try #require($0.rows.first { $0.id == id }) }
            return rows[1].nanoseconds - rows[0].nanoseconds
        }
        // 4 messages of 200 bytes, one segment each, a microsecond a byte.
        #expect(try added("join/plain/rsa2048") == 30_000_000 + 1000 * (800 + 4 * 78))
        // 1524 bytes in two segments.
        #expect(try added("message/plain/rsa2048/1024") == 5_000_000 + 1000 * (1524 + 2 * 78))
    }

    @Test("5 and 95 % of the draws are the price's own; errors of one kind do not average out; a seed replays")
    func intervals() throws {
        var values = Dictionary(uniqueKeysWithValues: Cost.all.map { ($0.id, 1e-9) })
        values["private/rsa2048"] = 1e6
        values["public/rsa2048"] = 1e6
        let projection = try Self.project(Self.profile(values, factor: 2))
        let row = try #require(projection.rows.first { $0.id == "message/paper/rsa2048/1024" })
        #expect(row.nanoseconds == 4_000_000)
        #expect(abs(Double(row.low) / 2e6 - 1) < 0.06 && abs(Double(row.high) / 8e6 - 1) < 0.06)
        #expect(try Self.project(Self.profile(values, factor: 2)) == projection)
        #expect(try Self.project(Self.profile(values, factor: 2), seed: 2) != projection)
    }

    @Test("overhead falls below ten per cent where two lines say; where the floor is above, never")
    func crossing() throws {
        // Plain: 20 001 + n + 500. Secure with free cryptography: 90 001 + n + 1000.
        var values = ["private/rsa2048": 1e-9, "public/rsa2048": 1e-9, "aes256gcm": 1e-9, "sha256": 1e-9]
        let cheap = try Self.project(Self.profile(values))
        let found = try #require(cheap.crossings.first?.payloadBytes)
        // (90001 + 1000 + n) = 1.1 (20001 + 500 + n)
        let exact = (91_001 - 1.1 * 20_501) / 0.1
        #expect(abs(Double(found) / exact - 1) < 0.01)
        values["aes256gcm"] = 1
        values["sha256"] = 1
        let dear = try #require(try Self.project(Self.profile(values)).crossings.first)
        #expect(dear.payloadBytes == nil && abs(dear.floorPercent - 400) < 1)
    }

    @Test("a profile without a figure that is needed is refused by the figure's name")
    func lacking() throws {
        #expect { try Self.project(Self.profile(without: "passwordHash")) } throws: {
            ($0 as? Failure)?.code == .inputMissing && "\($0)".contains("passwordHash")
        }
        #expect(throws: Never.self) { try Self.project(Self.profile(without: "private/rsa4096")) }
    }

    @Test("counts without instructions, or without a row that is needed, are refused")
    func incomplete() {
        #expect { try WorkTable(Self.counts(instructions: false), from: "x") } throws: {
            ($0 as? Failure)?.code == .incomplete && "\($0)".contains("no valgrind")
        }
        for row in ["join/paper", "core/private", "message/plain", "message/paper/rsa2048/65536"] {
            #expect { try WorkTable(Self.counts(dropping: row), from: "x") } throws: {
                ($0 as? Failure)?.code == .incomplete
            }
        }
    }

    @Test("§5: the round trip at which a percentage holds, put into the link, gives the percentage")
    func section5() throws {
        let published = try PublishedFigures.read(
            ProfileTests.root.appendingPathComponent("Results/published/arnedo-moreno-2009.json"))
        let table = try WorkTable(Self.counts(), from: "here")
        let projector = Projector(Self.profile(["private/rsa2048": 25e6, "public/rsa2048": 0.6e6]), seed: 1)
        var section = Section5(published)
        try section.add(table, on: projector, over: [.loopback])
        #expect(section.conditions.count == 4 && section.curves.count == 1)
        for condition in section.conditions where condition.withHash {
            let roundTrip = try #require(condition.roundTrip).point
            let link = ProjectedLink(name: "l", roundTripNanoseconds: 1e6 * roundTrip, bitsPerSecond: nil)
            let projection = try Projection(
                table, on: projector, over: link, source: "here",
                profile: ProfileReference(projector.profile, sha256: ""),
                validation: nil)
            let join = try #require(projection.overheads.first { $0.id == "join/paper/rsa2048" })
            let percent = condition.reading == .ofPlain ? join.percent : join.percentOfSecure
            #expect(abs(percent - 81.76) < 0.01)
        }
    }

    @Test("a surface has every link and payload; overhead falls as round trips grow")
    func surface() throws {
        var surface = Surface()
        let profile = Self.profile(["private/rsa2048": 25e6])
        try surface.add(
            WorkTable(Self.counts(), from: "here"), on: Projector(profile, seed: 1),
            profile: ProfileReference(profile, sha256: ""), arm: "paper")
        let sheet = try #require(surface.sheets.first)
        #expect(sheet.lines.count == Surface.roundTripsMilliseconds.count * Surface.megabits.count)
        #expect(sheet.lines.allSatisfy { $0.points.map(\.payloadBytes) == Surface.payloads })
        let first = sheet.lines.filter { $0.megabitsPerSecond == 10 }.map { $0.points[0].percent }
        #expect(first == first.sorted(by: >) && Set(first).count == first.count)
    }

    @Test("a validation's error is the median of the rounds' own, signed case by case, and summed up by size")
    func validation() {
        let cases = [[(110.0, 100.0), (550, 500), (1, 9)], [(80, 100)], [(103, 100)]].map { rounds in
            Validation.Case(
                id: "a", from: "x", to: "y", rounds: rounds.map { (predicted: $0.0, measured: $0.1) })
        }
        #expect(cases.map { $0.errorPercent.rounded() } == [10, -20, 3])
        let validation = Validation(cases, unseen: [])
        #expect(abs(validation.medianErrorPercent - 10) < 1e-9 && abs(validation.worstErrorPercent - 20) < 1e-9)
        #expect(Validation.sentence(validation).contains("worst 20.0 % over 3"))
        #expect(Validation.sentence(nil).hasPrefix("Not validated"))
    }
}
