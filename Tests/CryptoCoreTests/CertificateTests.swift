import CryptoCore
import Foundation
import TestSupport
import Testing

@Suite("Certificates")
struct CertificateTests {
    static let engines = EngineTable(.openSSL)
    static let day: Int64 = 86400
    static let now = Int64(Date().timeIntervalSince1970)
    static let administratorKey = try! RSAPrivateKey.generate(bits: 2048, engines: engines)
    static let brokerKey = try! RSAPrivateKey.generate(bits: 2048, engines: engines)
    static let clientKey = try! RSAPrivateKey.generate(bits: 2048, engines: engines)
    static let administrator = try! Certificate.selfSigned(
        CertificateTemplate(
            commonName: "Adm", extensions: CertificateExtensions(role: .administrator, peerID: "urn:jxta:cbid-A03"),
            validity: (now - 10)...(now + 3650 * day)), key: administratorKey, engines: engines)
    static let broker = try! Certificate.issue(
        CertificateTemplate(
            commonName: "Broker é", extensions: CertificateExtensions(role: .broker, peerID: "urn:jxta:cbid-B03"),
            validity: (now - 10)...(now + 30 * day)), for: brokerKey.publicKey, by: administrator,
        key: administratorKey, engines: engines)
    static let client = try! Certificate.issue(
        CertificateTemplate(
            commonName: "ada",
            extensions: CertificateExtensions(
                role: .client, peerID: "urn:jxta:cbid-C03", groupIDs: ["urn:jxta:cbid-102", "urn:jxta:cbid-202"]),
            validity: (now - 10)...(now + day)), for: clientKey.publicKey, by: broker, key: brokerKey, engines: engines)

    @Test("a chain of administrator, broker, client holds")
    func chain() throws {
        try Self.administrator.check(issuedBy: Self.administrator, at: Self.now)
        try Self.broker.check(issuedBy: Self.administrator, at: Self.now)
        try Self.client.check(issuedBy: Self.broker, at: Self.now)
        #expect(Self.client.commonName == "ada")
        #expect(Self.client.extensions.groupIDs.count == 2)
        #expect(Self.client.validity == (Self.now - 10)...(Self.now + Self.day))
    }

    @Test("openssl verify -x509_strict accepts our chains", .enabled(if: isInstalled("openssl")))
    func opensslVerify() throws {
        try withTemporaryFolder { folder in
            func write(_ name: String, _ certificate: Certificate) throws -> String {
                let file = folder.appendingPathComponent(name)
                try Data(PEM.encode(certificate.der, label: "CERTIFICATE").utf8).write(to: file)
                return file.path
            }
            let administrator = try write("adm.pem", Self.administrator)
            let broker = try write("broker.pem", Self.broker)
            let client = try write("client.pem", Self.client)
            let result = try run(
                "openssl", ["verify", "-x509_strict", "-CAfile", administrator, "-untrusted", broker, broker, client])
            #expect(result.status == 0, "\(result.output)")
            let list = try RevocationList(
                revoking: [Self.client.serial], number: 1, validity: (Self.now - 5)...(Self.now + 60),
                by: Self.administrator, key: Self.administratorKey)
            let crl = folder.appendingPathComponent("crl.pem")
            try Data(PEM.encode(list.der, label: "X509 CRL").utf8).write(to: crl)
            let shown = try run("openssl", ["crl", "-in", crl.path, "-CAfile", administrator, "-noout", "-text"])
            #expect(shown.output.contains("verify OK"), "\(shown.output)")
        }
    }

    @Test("openssl accepts our certificate request", .enabled(if: isInstalled("openssl")))
    func request() throws {
        let request = try CertificateRequest(commonName: "broker-1", key: Self.brokerKey)
        let read = try CertificateRequest(der: request.der.span.bytes, engines: Self.engines)
        #expect(read.commonName == "broker-1" && read.publicKey.isSameKey(as: Self.brokerKey.publicKey))
        let shown = try run(
            "openssl", ["req", "-verify", "-noout"],
            input: Array(PEM.encode(request.der, label: "CERTIFICATE REQUEST").utf8))
        #expect(shown.status == 0 && shown.output.contains("OK"), "\(shown.output)")
        var forged = request.der
        forged[forged.count - 5] ^= 1
        #expect(throws: CryptoError.certificate(.signatureInvalid)) {
            try CertificateRequest(der: forged.span.bytes, engines: Self.engines)
        }
    }

    @Test("expired, future, foreign and misplaced certificates are refused, each with its reason")
    func refusals() throws {
        #expect(throws: CryptoError.certificate(.expired)) {
            try Self.client.check(issuedBy: Self.broker, at: Self.now + 2 * Self.day)
        }
        #expect(throws: CryptoError.certificate(.notYetValid)) {
            try Self.client.check(issuedBy: Self.broker, at: Self.now - 100)
        }
        #expect(throws: CryptoError.certificate(.wrongIssuer)) {
            try Self.client.check(issuedBy: Self.administrator, at: Self.now)
        }
        #expect(throws: CryptoError.certificate(.notAuthority)) {
            let byClient = try Certificate.issue(
                CertificateTemplate(
                    commonName: "eve", extensions: CertificateExtensions(role: .client, peerID: "urn:jxta:cbid-E03"),
                    validity: Self.now...(Self.now + 9)), for: Self.clientKey.publicKey, by: Self.client,
                key: Self.clientKey, engines: Self.engines)
            try byClient.check(issuedBy: Self.client, at: Self.now)
        }
        #expect(throws: CryptoError.certificate(.pathTooLong)) {
            let brokerByBroker = try Certificate.issue(
                CertificateTemplate(
                    commonName: "rogue", extensions: CertificateExtensions(role: .broker, peerID: "urn:jxta:cbid-E03"),
                    validity: Self.now...(Self.now + 9)), for: Self.clientKey.publicKey, by: Self.broker,
                key: Self.brokerKey, engines: Self.engines)
            try brokerByBroker.check(issuedBy: Self.broker, at: Self.now)
        }
        #expect(throws: CryptoError.certificate(.signatureInvalid)) {
            let forgery = try Certificate.issue(
                CertificateTemplate(
                    commonName: "rogue", extensions: CertificateExtensions(role: .broker, peerID: "urn:jxta:cbid-E03"),
                    validity: Self.now...(Self.now + 9)), for: Self.clientKey.publicKey, by: Self.administrator,
                key: Self.clientKey, engines: Self.engines)
            try forgery.check(issuedBy: Self.administrator, at: Self.now)
        }
    }

    @Test("revoked serials and an overdue list are refused")
    func revocation() throws {
        let list = try RevocationList(
            revoking: [Self.broker.serial], number: 7, validity: Self.now...(Self.now + 60), by: Self.administrator,
            key: Self.administratorKey)
        let read = try RevocationList(der: list.der.span.bytes, signedBy: Self.administrator)
        try read.check(Self.client, at: Self.now)
        #expect(throws: CryptoError.certificate(.revoked)) { try read.check(Self.broker, at: Self.now) }
        #expect(throws: CryptoError.certificate(.revocationListStale)) {
            try read.check(Self.client, at: Self.now + 61)
        }
        #expect(throws: CryptoError.self) { try RevocationList(der: list.der.span.bytes, signedBy: Self.broker) }
    }

    @Test("a certificate truncated or with one flipped bit at every byte never passes")
    func damaged() throws {
        let der = Self.client.der
        for index in der.indices {
            #expect(throws: CryptoError.self) {
                try Certificate(der: Array(der.prefix(index)).span.bytes, engines: Self.engines)
            }
            var forged = der
            forged[index] ^= 1 << UInt8(index % 8)
            #expect(throws: CryptoError.self) {
                try Certificate(der: forged.span.bytes, engines: Self.engines)
                    .check(issuedBy: Self.broker, at: Self.now)
            }
        }
    }

    @Test("dates survive the leap years and the change to four-digit years")
    func dates() throws {
        for time: Int64 in [0, 951_782_399, 951_782_400, 1_709_164_800, 2_524_607_999, 2_524_608_000, 4_102_444_800] {
            let certificate = try Certificate.selfSigned(
                CertificateTemplate(
                    commonName: "t", extensions: CertificateExtensions(role: .administrator, peerID: "urn:x"),
                    validity: time...(time + 1)), key: Self.administratorKey, engines: Self.engines)
            #expect(certificate.validity == time...(time + 1))
        }
    }

    @Test(
        "hostile DER never crashes the parsers",
        .enabled(if: TestData.has("vectors/fuzz_seed/gofuzz_asn1"), Comment(rawValue: TestData.absence)))
    func hostile() throws {
        var count = 0
        for file in try TestData.files("vectors/fuzz_seed/gofuzz_asn1", ending: "") {
            let data = try TestData.bytes(file)
            #expect(throws: CryptoError.self) { try Certificate(der: data.span.bytes, engines: Self.engines) }
            #expect(throws: CryptoError.self) { try RSAPublicKey(spki: data.span.bytes, engines: Self.engines) }
            count += 1
        }
        #expect(count == 165)
    }
}
