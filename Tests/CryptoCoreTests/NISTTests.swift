import CryptoCore
import Foundation
import TestSupport
import Testing

/// NIST CAVP and ACVP.
@Suite("NIST vectors", .enabled(if: TestData.has("vectors/nist_cavp"), Comment(rawValue: TestData.absence)))
struct NISTTests {
    private static let hashes: [String: HashFunction] = [
        "SHA1": .sha1, "SHA224": .sha224, "SHA256": .sha256, "SHA384": .sha384, "SHA512": .sha512,
        "SHA-1": .sha1, "SHA2-224": .sha224, "SHA2-256": .sha256, "SHA2-384": .sha384, "SHA2-512": .sha512,
        "SHA2-512/224": .sha512_224, "SHA2-512/256": .sha512_256,
    ]

    @Test("CAVP SHA short and long messages")
    func sha() throws {
        let files: [(String, HashFunction)] = [
            ("SHA1ShortMsg", .sha1), ("SHA256ShortMsg", .sha256), ("SHA256LongMsg", .sha256),
            ("SHA512ShortMsg", .sha512),
        ]
        var cases = 0
        for (file, function) in files {
            for record in try records("vectors/nist_cavp/sha/\(file).rsp", endingWith: "MD") {
                let message = bytes(hex: record["Msg"] ?? "").prefix((Int(record["Len"] ?? "") ?? 0) / 8)
                #expect(try Digest.of(Array(message).span.bytes, function) == bytes(hex: record["MD"] ?? "-"))
                cases += 1
            }
        }
        #expect(cases == 323)
    }

    @Test("CAVP SHA-512 Monte Carlo, 100 rounds")
    func monteCarlo() throws {
        let rounds = try records("vectors/nist_cavp/sha/SHA512Monte.rsp", endingWith: "MD")
        var seed = bytes(hex: rounds.first?["Seed"] ?? "")
        for round in rounds {
            var last = [seed, seed, seed]
            for _ in 0..<1000 {
                last.append(try Digest.of((last[0] + last[1] + last[2]).span.bytes, .sha512))
                last.removeFirst()
            }
            seed = last[2]
            #expect(seed == bytes(hex: round["MD"] ?? ""))
        }
        #expect(rounds.count == 100)
    }

    @Test("CAVP SigGen PKCS#1 v1.5 signatures verify", arguments: RSAEngine.available)
    func signatures(_ engine: RSAEngine) throws {
        var cases = 0
        for record in try records("vectors/nist_cavp/rsa/SigGen15_186-3.rsp", endingWith: "S") {
            let key = try RSAPublicKey(
                modulus: bytes(hex: record["n"] ?? "").span.bytes, exponent: bytes(hex: record["e"] ?? "").span.bytes,
                engines: EngineTable(engine))
            let scheme = SignatureScheme.pkcs1v15(try #require(Self.hashes[record["SHAAlg"] ?? ""]))
            try key.verify(
                bytes(hex: record["S"] ?? "").span.bytes, of: bytes(hex: record["Msg"] ?? "").span.bytes, scheme)
            cases += 1
        }
        #expect(cases == 250)
    }

    @Test("CAVP SigVer PSS verdicts", arguments: RSAEngine.available)
    func pss(_ engine: RSAEngine) throws {
        var cases = 0
        for record in try records("vectors/nist_cavp/rsa/SigVerPSS_186-3.rsp", endingWith: "Result") {
            let hash = try #require(Self.hashes[record["SHAAlg"] ?? ""])
            let saltBytes = bytes(hex: record["SaltVal"] ?? "").count
            let verified: Void? = try? RSAPublicKey(
                modulus: bytes(hex: record["n"] ?? "").span.bytes, exponent: bytes(hex: record["e"] ?? "").span.bytes,
                engines: EngineTable(engine)
            ).verify(
                bytes(hex: record["S"] ?? "").span.bytes, of: bytes(hex: record["Msg"] ?? "").span.bytes,
                .pss(hash: hash, mask: hash, saltBytes: saltBytes))
            #expect((verified != nil) == (record["Result"] ?? "").hasPrefix("P"))
            cases += 1
        }
        #expect(cases == 450)
    }

    @Test("CAVP AES-256-GCM decryption and AES-128-GCM tags, 96-bit nonces and full tags")
    func gcm() throws {
        var cases = 0
        for (file, last) in [("gcmDecrypt256", "PT|FAIL"), ("gcmEncryptExtIV128", "Tag")] {
            for record in try records("vectors/nist_cavp/aes_gcm/\(file).rsp", endingWith: last)
            where record["Taglen"] == "128" && record["IVlen"] == "96" {
                let plaintext = openGCM(
                    bytes(hex: record["CT"] ?? ""), tag: bytes(hex: record["Tag"] ?? ""),
                    key: bytes(hex: record["Key"] ?? ""), nonce: bytes(hex: record["IV"] ?? ""),
                    header: bytes(hex: record["AAD"] ?? ""))
                #expect(plaintext == (record["FAIL"] != nil ? nil : bytes(hex: record["PT"] ?? "")))
                cases += 1
            }
        }
        #expect(cases == 750)
    }

    @Test(
        "ACVP RSA signature verification",
        .enabled(if: TestData.has("vectors/acvp"), Comment(rawValue: TestData.absence)),
        arguments: RSAEngine.available)
    func acvpSignatures(_ engine: RSAEngine) throws {
        let file = try TestData.json("vectors/acvp/RSA-SigVer-FIPS186-5.internalProjection.json")
        var cases = 0
        for group in file["testGroups"] as? [[String: Any]] ?? [] {
            func text(_ name: String) -> String { group[name] as? String ?? "" }
            guard let hash = Self.hashes[text("hashAlg")],
                text("maskFunction") == "none" || text("maskFunction") == "mgf1"
            else { continue }
            let scheme: SignatureScheme =
                text("sigType") == "pss"
                ? .pss(hash: hash, mask: hash, saltBytes: group["saltLen"] as? Int ?? 0) : .pkcs1v15(hash)
            let key = try RSAPublicKey(
                modulus: bytes(hex: text("n")).span.bytes, exponent: bytes(hex: text("e")).span.bytes,
                engines: EngineTable(engine))
            for test in group["tests"] as? [[String: Any]] ?? [] {
                let verified: Void? = try? key.verify(
                    bytes(hex: test["signature"] as? String ?? "").span.bytes,
                    of: bytes(hex: test["message"] as? String ?? "").span.bytes, scheme)
                #expect((verified != nil) == (test["testPassed"] as? Bool), "\(test["tcId"] ?? "")")
                cases += 1
            }
        }
        #expect(cases == 108)
    }
}

/// `name = value` records of a CAVP file. Values in brackets and those set once apply to all records after them.
func records(_ path: String, endingWith last: String) throws -> [[String: String]] {
    let ends = Set(last.split(separator: "|").map(String.init))
    var found: [[String: String]] = []
    var current: [String: String] = [:]
    for rawLine in try TestData.text(path).split(whereSeparator: \.isNewline) {
        let line = rawLine.trimmingCharacters(in: CharacterSet(charactersIn: "[] \t\r"))
        if line.isEmpty || line.hasPrefix("#") { continue }
        let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = parts[0].trimmingCharacters(in: .whitespaces)
        current[name] = parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
        if ends.contains(name) {
            found.append(current)
            for key in ends.union(["CT", "AAD"]) { current[key] = nil }
        }
    }
    return found
}
