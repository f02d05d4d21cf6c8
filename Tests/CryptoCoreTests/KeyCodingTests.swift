import CryptoCore
import Foundation
import TestSupport
import Testing

@Suite("Keys as bytes")
struct KeyCodingTests {
    static let key = try! RSAPrivateKey.generate(bits: 2048, engines: EngineTable(.gmp))

    @Test("PKCS#8 and SPKI, DER and PEM, come back the same")
    func roundTrip() throws {
        let engines = EngineTable(.gmp)
        let key = Self.key
        let (pkcs8, privatePEM) = (try key.pkcs8(), try key.pem())
        let (spki, publicPEM) = (key.publicKey.spki, key.publicKey.pem())
        let fromPKCS8 = try RSAPrivateKey(der: pkcs8.span.bytes, engines: engines)
        let fromPrivatePEM = try RSAPrivateKey(pem: privatePEM.span.bytes, engines: engines)
        let fromSPKI = try RSAPublicKey(spki: spki.span.bytes, engines: engines)
        let fromPublicPEM = try RSAPublicKey(pem: publicPEM.span.bytes, engines: engines)
        for read in [fromPKCS8.publicKey, fromPrivatePEM.publicKey, fromSPKI, fromPublicPEM] {
            #expect(read.isSameKey(as: key.publicKey))
        }
    }

    @Test("openssl reads our keys, and writes the same SubjectPublicKeyInfo", .enabled(if: isInstalled("openssl")))
    func openssl() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("key.pem")
            try Data(Self.key.pem()).write(to: file)
            let der = folder.appendingPathComponent("key.der")
            let result = try run("openssl", ["pkey", "-in", file.path, "-pubout", "-outform", "DER", "-out", der.path])
            #expect(result.status == 0, "\(result.output)")
            #expect(try Array(Data(contentsOf: der)) == Self.key.publicKey.spki)
            try Data(Self.key.publicKey.pem()).write(to: file)
            let read = try run(
                "openssl", ["pkey", "-pubin", "-in", file.path, "-pubout", "-outform", "DER", "-out", der.path])
            #expect(read.status == 0, "\(read.output)")
            #expect(try Array(Data(contentsOf: der)) == Self.key.publicKey.spki)
        }
    }

    @Test("an encrypted key is refused, not prompted for")
    func encrypted() throws {
        let text = """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            MIIBvTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQI
            -----END ENCRYPTED PRIVATE KEY-----
            """
        let pem = Array(text.utf8)
        #expect(throws: CryptoError.self) { try RSAPrivateKey(pem: pem.span.bytes, engines: EngineTable(.gmp)) }
    }

    @Test("an SPKI truncated anywhere, or with a bit flipped in its structure, is refused or another key")
    func damaged() throws {
        let spki = Self.key.publicKey.spki
        let engines = EngineTable(.gmp)
        for index in spki.indices {
            let short = Array(spki.prefix(index))
            #expect(throws: CryptoError.self) { try RSAPublicKey(spki: short.span.bytes, engines: engines) }
            var forged = spki
            forged[index] ^= 1
            if let other = try? RSAPublicKey(spki: forged.span.bytes, engines: engines) {
                #expect(!other.isSameKey(as: Self.key.publicKey))
                #expect(other.spki == forged, "one key, one encoding")
            }
        }
    }

    @Test("suites refuse short keys and small exponents")
    func policy() throws {
        let short = try RSAPrivateKey.generate(bits: 1024, engines: EngineTable(.gmp))
        #expect(throws: CryptoError.keySizeRefused(bits: 1024)) { try Suite.rsa2048.check(peerKey: short.publicKey) }
        #expect(throws: CryptoError.keySizeRefused(bits: 1024)) { try Suite.rsa2048.check(ownKey: short.publicKey) }
        try Suite.rsa1024.check(ownKey: short.publicKey)
        let modulus = Array(Self.key.publicKey.spki[33..<(33 + 256)])
        let (two, three): ([UInt8], [UInt8]) = ([2], [3])
        let weak = try RSAPublicKey(
            modulus: modulus.span.bytes, exponent: three.span.bytes, engines: EngineTable(.gmp))
        #expect(throws: CryptoError.self) { try Suite.rsa2048.check(peerKey: weak) }
        #expect(throws: CryptoError.self) {
            try RSAPublicKey(modulus: modulus.span.bytes, exponent: two.span.bytes, engines: EngineTable(.gmp))
        }
    }

    @Test(
        "a key from its numbers: leading zeros do not count; what is too short, too long, even or out of order is none")
    func numbers() throws {
        func key(_ modulus: [UInt8], _ exponent: [UInt8]) throws -> RSAPublicKey {
            try RSAPublicKey(modulus: modulus.span.bytes, exponent: exponent.span.bytes, engines: EngineTable(.openSSL))
        }
        let (modulus, exponent): ([UInt8], [UInt8]) = (Array(Self.key.publicKey.spki[33..<(33 + 256)]), [1, 0, 1])
        #expect(try key([0, 0, 0] + modulus, [0] + exponent).isSameKey(as: Self.key.publicKey))
        for bits in [0, 8, 504, 511, 16392] {
            var short = [UInt8](repeating: 0xff, count: (bits + 7) / 8)
            if bits % 8 > 0 { short[0] >>= 8 - bits % 8 }
            #expect(throws: CryptoError.keySizeRefused(bits: bits)) { try key(short, exponent) }
        }
        for wrong: [UInt8] in [[], [0], [1], [2], [1, 0, 0], modulus, [1] + modulus] {
            #expect(throws: CryptoError.invalidKey("public exponent")) { try key(modulus, wrong) }
        }
        #expect(throws: CryptoError.invalidKey("even modulus")) { try key(modulus.dropLast() + [2], exponent) }
    }
}
