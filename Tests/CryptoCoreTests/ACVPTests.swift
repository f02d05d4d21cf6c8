import CryptoCore
import Foundation
import TestSupport
import Testing

/// NIST ACVP's symmetric vectors; its RSA signatures stand with the other NIST families.
@Suite("ACVP", .enabled(if: TestData.has("vectors/acvp"), Comment(rawValue: TestData.absence)))
struct ACVPTests {
    @Test("AES-GCM, 60 cases; short tags and nonces that are not 96 bits are refused whatever the verdict")
    func aesGCM() throws {
        var (judged, refused) = (0, 0)
        try forEachCase("ACVP-AES-GCM-1.0") { group, test in
            let opened = openGCM(
                hex(test, "ct"), tag: hex(test, "tag"), key: hex(test, "key"), nonce: hex(test, "iv"),
                header: hex(test, "aad"))
            guard group["ivLen"] as? Int == 96, group["tagLen"] as? Int == 128 else {
                #expect(opened == nil)
                refused += 1
                return
            }
            let isGenuine = test["testPassed"] as? Bool ?? true
            #expect(opened == (isGenuine ? hex(test, "pt") : nil), "\(test["tcId"] ?? "")")
            judged += 1
        }
        #expect(judged == 30 && refused == 30)
    }

    @Test("HMAC-SHA-256, 150 cases, cut to each one's length")
    func hmac() throws {
        var cases = 0
        try forEachCase("HMAC-SHA2-256-2.0") { _, test in
            let mac = try KeyDerivation.hmac(key: hex(test, "key").span.bytes, hex(test, "msg").span.bytes)
            let bits = test["macLen"] as? Int ?? 0
            #expect(Array(mac.prefix(bits / 8)) == hex(test, "mac"), "\(test["tcId"] ?? "")")
            cases += 1
        }
        #expect(cases == 150)
    }

    private func hex(_ test: [String: Any], _ name: String) -> [UInt8] { bytes(hex: test[name] as? String ?? "") }
}

/// Every test of an ACVP file, with its group.
func forEachCase(_ name: String, _ body: (_ group: [String: Any], _ test: [String: Any]) throws -> Void) throws {
    let file = try TestData.json("vectors/acvp/\(name).internalProjection.json")
    for group in file["testGroups"] as? [[String: Any]] ?? [] {
        for test in group["tests"] as? [[String: Any]] ?? [] { try body(group, test) }
    }
}
