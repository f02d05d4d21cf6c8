import CryptoCore
import Foundation
import TestSupport
import Testing

@Suite("OAEP vectors", .enabled(if: TestData.has("vectors/oaep_custom"), Comment(rawValue: TestData.absence)))
struct OAEPVectorTests {
    @Test("pyca OAEP with SHA-2 pairs, 480 cases", arguments: RSAEngine.available)
    func sha2(_ engine: RSAEngine) throws {
        var cases = 0
        for file in try TestData.files("vectors/oaep_custom", ending: ".txt") {
            let parts = (file as NSString).lastPathComponent.dropLast(4).split(separator: "-")
            // oaep-<mask>-<hash>.txt, as the headings inside ("alg=... mgf1=...") confirm.
            cases += try check(
                file, engine, hash: try #require(named(String(parts[2]))), mask: try #require(named(String(parts[1]))))
        }
        #expect(cases == 480)
    }

    @Test("RSA Laboratories pkcs-1v2-1d2 OAEP with SHA-1, 60 cases", arguments: RSAEngine.available)
    func rsaLabs(_ engine: RSAEngine) throws {
        #expect(try check("vectors/rsa_labs_pkcs1/oaep-vect.txt", engine, hash: .sha1, mask: .sha1) == 60)
    }

    @Test("RSA Laboratories PKCS#1 v1.5 signatures with SHA-1, 300 cases", arguments: RSAEngine.available)
    func rsaLabsSignatures(_ engine: RSAEngine) throws {
        var cases = 0
        var key: RSAPublicKey?
        var message: [UInt8] = []
        for (name, value) in try fields("vectors/rsa_labs_pkcs1/pkcs1v15sign-vectors.txt") {
            switch name {
            case "Message to be signed": message = value
            case "Signature":
                try #require(key).verify(value.span.bytes, of: message.span.bytes, .pkcs1v15(.sha1))
                cases += 1
            default: if let made = try publicKey(name, value, engine) { key = made }
            }
        }
        #expect(cases == 300)
    }

    private func check(_ file: String, _ engine: RSAEngine, hash: HashFunction, mask: HashFunction) throws -> Int {
        var cases = 0
        var numbers: [String: [UInt8]] = [:]
        var message: [UInt8] = []
        var key: RSAPrivateKey?
        for (name, value) in try fields(file) {
            switch name {
            case "Message", "Message to be encrypted": message = value
            case "Encryption":
                if key == nil { key = try privateKey(numbers, engine) }
                let encoding = try OAEP(hash: hash, mask: mask)
                #expect(try key?.decrypt(value.span.bytes, with: encoding) == message)
                cases += 1
            default:
                numbers[name] = value
                key = nil
            }
        }
        return cases
    }

    private func publicKey(_ name: String, _ value: [UInt8], _ engine: RSAEngine) throws -> RSAPublicKey? {
        // Every key of the file has the public exponent 65537.
        let exponent: [UInt8] = [1, 0, 1]
        return name == "Modulus"
            ? try RSAPublicKey(
                modulus: value.span.bytes, exponent: exponent.span.bytes, engines: EngineTable(engine)) : nil
    }

    /// PKCS#1 RSAPrivateKey from its numbers.
    private func privateKey(_ numbers: [String: [UInt8]], _ engine: RSAEngine) throws -> RSAPrivateKey {
        var content: [UInt8] = [0x02, 0x01, 0x00]
        for names in [
            ["Modulus"], ["Public exponent", "Exponent"], ["Exponent"], ["Prime 1"], ["Prime 2"], ["Prime exponent 1"],
            ["Prime exponent 2"], ["Coefficient"],
        ] {
            let number = try #require(names.lazy.compactMap { numbers[$0] }.first).drop { $0 == 0 }
            content += der(0x02, (number.first ?? 0) & 0x80 == 0 ? Array(number) : [0] + number)
        }
        return try RSAPrivateKey(der: der(0x30, content).span.bytes, engines: EngineTable(engine))
    }

    private func der(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
        content.count < 128
            ? [tag, UInt8(content.count)] + content
            : [tag, 0x82, UInt8(content.count >> 8), UInt8(content.count & 0xff)] + content
    }

    private func named(_ name: String) -> HashFunction? {
        ["sha1": .sha1, "sha256": .sha256, "sha384": .sha384, "sha512": .sha512][name]
    }

    /// `# Name:` lines, each followed by lines of hexadecimal digits.
    private func fields(_ path: String) throws -> [(name: String, value: [UInt8])] {
        var found: [(String, [UInt8])] = []
        for line in try TestData.text(path).components(separatedBy: .newlines) {
            if line.hasPrefix("#") {
                let name = line.trimmingCharacters(in: CharacterSet(charactersIn: "# :\t\r"))
                found.append((name, []))
            } else if !found.isEmpty, line.allSatisfy({ $0.isHexDigit || $0.isWhitespace }) {
                found[found.count - 1].1 += bytes(hex: line)
            }
        }
        return found.filter { !$0.1.isEmpty }
    }
}
