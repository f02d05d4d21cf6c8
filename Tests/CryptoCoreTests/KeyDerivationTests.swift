import CryptoCore
import Foundation
import TestSupport
import Testing

@Suite("Key derivation", .enabled(if: TestData.has("vectors/rfc_kdf_mac"), Comment(rawValue: TestData.absence)))
struct KeyDerivationTests {
    @Test("RFC 7914 §12: scrypt")
    func scrypt() throws {
        var cases = 0
        for record in try records("vectors/rfc_kdf_mac/scrypt.txt", endingWith: "DERIVED_KEY") {
            let cost = UInt64(record["N"] ?? "") ?? 0
            // The 1 GiB case is for machines that have it; the limit refuses it, which is tested too.
            let derive: () throws -> [UInt8] = {
                try KeyDerivation.scrypt(
                    password: Array((record["PASSWORD"] ?? "").utf8).span.bytes,
                    salt: Array((record["SALT"] ?? "").utf8).span.bytes, cost: cost,
                    blockSize: UInt64(record["r"] ?? "") ?? 0, parallelism: UInt64(record["p"] ?? "") ?? 0,
                    count: Int(record["LENGTH"] ?? "") ?? 0)
            }
            if cost > 1 << 16 {
                #expect(throws: CryptoError.self) { try derive() }
            } else {
                #expect(try derive() == bytes(hex: record["DERIVED_KEY"] ?? ""))
            }
            cases += 1
        }
        #expect(cases >= 3)
    }

    @Test("RFC 5869 appendix A: HKDF with SHA-256")
    func hkdf() throws {
        let all = try records("vectors/rfc_kdf_mac/rfc-5869-HKDF-SHA256.txt", endingWith: "OKM")
        for record in all {
            let output = try KeyDerivation.hkdf(
                secret: bytes(hex: record["IKM"] ?? "").span.bytes, salt: bytes(hex: record["salt"] ?? "").span.bytes,
                info: bytes(hex: record["info"] ?? "").span.bytes, count: Int(record["L"] ?? "") ?? 0)
            #expect(output == bytes(hex: record["OKM"] ?? ""))
        }
        #expect(all.count == 3)
    }
}
