import CryptoCore
import Foundation
import TestSupport
import Testing

/// C2SP/wycheproof, both engines.
@Suite("Wycheproof", .enabled(if: TestData.has("vectors/wycheproof"), Comment(rawValue: TestData.absence)))
struct WycheproofTests {
    @Test("RSAES-OAEP decryption, 443 cases", arguments: RSAEngine.available)
    func oaep(_ engine: RSAEngine) throws {
        let cases = try forEachCase("vectors/wycheproof/rsa_oaep") { _, group, test in
            let key = try RSAPrivateKey(der: hex(group, "privateKeyPkcs8").span.bytes, engines: EngineTable(engine))
            let encoding = try OAEP(
                hash: hash(group, "sha"), mask: hash(group, "mgfSha"), label: hex(test, "label"))
            return (try? key.decrypt(hex(test, "ct").span.bytes, with: encoding)) == hex(test, "msg")
        }
        #expect(cases == 443)
    }

    @Test("RSASSA-PKCS1-v1_5 verification, 2327 cases", arguments: RSAEngine.available)
    func pkcs1Verification(_ engine: RSAEngine) throws {
        let cases = try forEachCase("vectors/wycheproof/rsa_pkcs1_verify") { _, group, test in
            let key = try RSAPublicKey(spki: hex(group, "publicKeyDer").span.bytes, engines: EngineTable(engine))
            return verifies(key, test, .pkcs1v15(try hash(group, "sha")))
        }
        #expect(cases == 2327)
    }

    @Test("RSASSA-PKCS1-v1_5 generation, 100 cases", arguments: RSAEngine.available)
    func pkcs1Generation(_ engine: RSAEngine) throws {
        let cases = try forEachCase("vectors/wycheproof/rsa_pkcs1_siggen") { _, group, test in
            let key = try RSAPrivateKey(der: hex(group, "privateKeyPkcs8").span.bytes, engines: EngineTable(engine))
            return try key.sign(hex(test, "msg").span.bytes, .pkcs1v15(hash(group, "sha"))) == hex(test, "sig")
        }
        #expect(cases == 100)
    }

    @Test("RSASSA-PSS verification, 1472 cases", arguments: RSAEngine.available)
    func pssVerification(_ engine: RSAEngine) throws {
        let cases = try forEachCase("vectors/wycheproof/rsa_pss_verify") { _, group, test in
            // The `params` files put the parameters into the key; the numbers are given beside it as well.
            let numbers = group["publicKey"] as? [String: Any] ?? [:]
            let key = try RSAPublicKey(
                modulus: hex(numbers, "modulus").span.bytes, exponent: hex(numbers, "publicExponent").span.bytes,
                engines: EngineTable(engine))
            let saltBytes = group["sLen"] as? Int ?? 0
            return verifies(
                key, test, .pss(hash: try hash(group, "sha"), mask: try hash(group, "mgfSha"), saltBytes: saltBytes))
        }
        #expect(cases == 1472)
    }

    @Test("AES-GCM, 155 cases; nonces that are not 96 bits are refused whatever the verdict")
    func aesGCM() throws {
        var foreignNonces = 0
        let cases = try forEachCase("vectors/wycheproof/aes_gcm") { _, group, test in
            let opened = openGCM(
                hex(test, "ct"), tag: hex(test, "tag"), key: hex(test, "key"), nonce: hex(test, "iv"),
                header: hex(test, "aad"))
            guard group["ivSize"] as? Int != 96 else { return opened == hex(test, "msg") }
            foreignNonces += 1
            #expect(opened == nil)
            return test["result"] as? String == "valid"
        }
        #expect(cases == 155 && foreignNonces == 66)
    }

    @Test("HKDF with SHA-256 and SHA-384, 169 cases")
    func hkdf() throws {
        let cases = try forEachCase("vectors/wycheproof/hkdf") { file, _, test in
            let function: HashFunction = file.contains("384") ? .sha384 : .sha256
            let output = try? KeyDerivation.hkdf(
                secret: hex(test, "ikm").span.bytes, salt: hex(test, "salt").span.bytes,
                info: hex(test, "info").span.bytes, count: test["size"] as? Int ?? 0, function)
            return output == hex(test, "okm")
        }
        #expect(cases == 169)
    }

    @Test("HMAC with SHA-256, SHA-384 and SHA-512, 522 cases")
    func hmac() throws {
        let cases = try forEachCase("vectors/wycheproof/hmac") { file, group, test in
            let function: HashFunction =
                file.contains("256") ? .sha256 : file.contains("384") ? .sha384 : .sha512
            let mac = try KeyDerivation.hmac(key: hex(test, "key").span.bytes, hex(test, "msg").span.bytes, function)
            return Array(mac.prefix((group["tagSize"] as? Int ?? 0) / 8)) == hex(test, "tag")
        }
        #expect(cases == 522)
    }

    @Test("PBKDF2 with SHA-1, SHA-256 and SHA-384, 182 cases")
    func pbkdf2() throws {
        let cases = try forEachCase("vectors/wycheproof/pbkdf2") { file, _, test in
            let function: HashFunction =
                file.contains("sha1") ? .sha1 : file.contains("256") ? .sha256 : .sha384
            return try KeyDerivation.pbkdf2(
                password: hex(test, "password").span.bytes, salt: hex(test, "salt").span.bytes,
                iterations: test["iterationCount"] as? Int ?? 0, count: test["dkLen"] as? Int ?? 0, function)
                == hex(test, "dk")
        }
        #expect(cases == 182)
    }
}

/// Runs every case of a folder; "acceptable" ones may go either way.
private func forEachCase(
    _ folder: String, _ isAccepted: (_ file: String, _ group: [String: Any], _ test: [String: Any]) throws -> Bool
) throws -> Int {
    var count = 0
    for file in try TestData.files(folder, ending: ".json") {
        for group in try TestData.json(file)["testGroups"] as? [[String: Any]] ?? [] {
            for test in group["tests"] as? [[String: Any]] ?? [] {
                count += 1
                let accepted = try isAccepted(file, group, test)
                switch test["result"] as? String {
                case "valid": #expect(accepted, "\(file) case \(test["tcId"] ?? 0): \(test["comment"] ?? "")")
                case "invalid": #expect(!accepted, "\(file) case \(test["tcId"] ?? 0): \(test["comment"] ?? "")")
                default: break
                }
            }
        }
    }
    return count
}

private func verifies(_ key: RSAPublicKey, _ test: [String: Any], _ scheme: SignatureScheme) -> Bool {
    (try? key.verify(hex(test, "sig").span.bytes, of: hex(test, "msg").span.bytes, scheme)) != nil
}

private func hex(_ object: [String: Any], _ name: String) -> [UInt8] { bytes(hex: object[name] as? String ?? "") }

private func hash(_ group: [String: Any], _ name: String) throws -> HashFunction {
    let names: [String: HashFunction] = [
        "SHA-1": .sha1, "SHA-224": .sha224, "SHA-256": .sha256, "SHA-384": .sha384, "SHA-512": .sha512,
        "SHA-512/224": .sha512_224, "SHA-512/256": .sha512_256,
    ]
    return try #require(names[group[name] as? String ?? ""])
}

/// Opens with AES-GCM; nil when the tag refuses.
func openGCM(_ ciphertext: [UInt8], tag: [UInt8], key: [UInt8], nonce: [UInt8], header: [UInt8]) -> [UInt8]? {
    var plaintext = [UInt8](repeating: 0, count: ciphertext.count)
    let opened: Void? = try? plaintext.withUnsafeMutableBytes { target in
        try ciphertext.withUnsafeBytes { source in
            try tag.withUnsafeBytes { tag in
                try nonce.withUnsafeBytes { nonce in
                    try header.withUnsafeBytes { header in
                        try AESGCM.open(
                            source, tag: tag, into: target, key: key.span.bytes, nonce: nonce, authenticating: header,
                            "")
                    }
                }
            }
        }
    }
    return opened == nil ? nil : plaintext
}
