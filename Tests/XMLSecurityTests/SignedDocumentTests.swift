import CryptoCore
import Foundation
import TestSupport
import Testing
import XMLSecurity

@Suite("Signed documents")
struct SignedDocumentTests {
    static let engines = EngineTable(.openSSL)
    static let key = try! RSAPrivateKey.generate(bits: 2048, engines: engines)
    static let text = """
        <jxta:PipeAdvertisement xmlns:jxta="http://jxta.org" xml:space="preserve">
        <Id>urn:jxta:x</Id><Name a="1" b='2'>Ren\u{e9}e &amp; co &lt;x></Name><Empty/></jxta:PipeAdvertisement>
        """

    @Test("what was signed verifies, and only the canonical content can be read")
    func roundTrip() throws {
        let signed = try SignedDocument.sign(Self.text, key: Self.key, certificates: [])
        let content = try SignedDocument(signed.span.bytes).verify(with: Self.key.publicKey)
        #expect(content.root.child("Name")?.text == "Ren\u{e9}e & co <x>")
        #expect(content.root.child("Signature", in: "http://www.w3.org/2000/09/xmldsig#") == nil)
    }

    @Test("another key, and every single changed byte of the content, is refused")
    func tampered() throws {
        let signed = try SignedDocument.sign(Self.text, key: Self.key, certificates: [])
        let other = try RSAPrivateKey.generate(bits: 2048, engines: Self.engines).publicKey
        #expect(throws: XMLError.crypto(.signatureInvalid)) { try verify(signed, other) }
        let plain = String(decoding: signed, as: UTF8.self)
        for (from, to) in [
            ("Ren\u{e9}e", "Renee"), ("a=\"1\"", "a=\"2\""), ("<Empty>", "<Empty> "), ("urn:jxta:x", "urn:jxta:y"),
        ] {
            let forged = Array(plain.replacingOccurrences(of: from, with: to).utf8)
            #expect(forged != signed)
            #expect(throws: XMLError.digestMismatch) { try verify(forged, Self.key.publicKey) }
        }
    }

    @Test(
        "a SignedInfo that is spelt otherwise than ours verifies by its own canonical form only",
        arguments: [
            ("</ds:CanonicalizationMethod>", "</ds:CanonicalizationMethod>\n"),
            ("<ds:Reference", "<?note x?><ds:Reference"), ("<ds:Transforms>", "<ds:Transforms>text"),
            ("<ds:DigestValue>", "<ds:DigestValue>\n"), ("<ds:DigestValue>", "<ds:DigestValue Id=\"d\">"),
            ("ds:", "dsig:"),
        ])
    func otherSpelling(_ from: String, _ to: String) throws {
        let ours = String(decoding: try SignedDocument.sign(Self.text, key: Self.key, certificates: []), as: UTF8.self)
        let (open, close) = ("<ds:SignedInfo>", "</ds:SignedInfo>")
        let inner = try #require(ours.components(separatedBy: open).last?.components(separatedBy: close).first)
        let canonical =
            #"<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">"# + inner + close
        func respell(_ text: String) -> String {
            let respelt = text.replacingOccurrences(of: from, with: to)
            return from == "ds:" ? respelt.replacingOccurrences(of: "xmlns:ds=", with: "xmlns:dsig=") : respelt
        }
        let signature = try Self.key.sign(Array(respell(canonical).utf8).span.bytes)
        let value = String(decoding: Base64.encode(signature), as: UTF8.self)
        let signed = respell(ours).replacingOccurrences(
            of: "SignatureValue>[^<]+<", with: "SignatureValue>\(value)<", options: .regularExpression)
        _ = try SignedDocument(Array(signed.utf8).span.bytes).verify(with: Self.key.publicKey)
        // The signature is over that spelling: put back as ours, it no longer holds.
        let restored = ours.replacingOccurrences(
            of: "SignatureValue>[^<]+<", with: "SignatureValue>\(value)<", options: .regularExpression)
        #expect(throws: XMLError.crypto(.signatureInvalid)) { try verify(Array(restored.utf8), Self.key.publicKey) }
        // And a comment changes no canonical form: such a spelling of ours still verifies.
        let commented = ours.replacingOccurrences(of: "<ds:Reference", with: "<!--x--><ds:Reference")
        _ = try SignedDocument(Array(commented.utf8).span.bytes).verify(with: Self.key.publicKey)
    }

    @Test(
        "xmlsec1 --verify accepts our signature by the chain to the administrator", .enabled(if: isInstalled("xmlsec1"))
    )
    func xmlsec() throws {
        try withTemporaryFolder { folder in
            let now = Int64(Date().timeIntervalSince1970)
            let administratorKey = try RSAPrivateKey.generate(bits: 2048, engines: Self.engines)
            let administrator = try Certificate.selfSigned(
                CertificateTemplate(
                    commonName: "Adm", extensions: CertificateExtensions(role: .administrator, peerID: "urn:jxta:a"),
                    validity: (now - 60)...(now + 3600)), key: administratorKey, engines: Self.engines)
            let broker = try Certificate.issue(
                CertificateTemplate(
                    commonName: "broker", extensions: CertificateExtensions(role: .broker, peerID: "urn:jxta:b"),
                    validity: (now - 60)...(now + 3600)), for: Self.key.publicKey, by: administrator,
                key: administratorKey, engines: Self.engines)
            let signed = try SignedDocument.sign(Self.text, key: Self.key, certificates: [broker.der])
            let (trust, file) = (folder.appendingPathComponent("adm.pem"), folder.appendingPathComponent("adv.xml"))
            try Data(PEM.encode(administrator.der, label: "CERTIFICATE").utf8).write(to: trust)
            try Data(signed).write(to: file)
            let result = try run("xmlsec1", ["--verify", "--trusted-pem", trust.path, file.path])
            #expect(result.status == 0 && result.output.contains("OK"), "\(result.output)")
            let forged = String(decoding: signed, as: UTF8.self).replacingOccurrences(of: "co", with: "ko")
            try Data(forged.utf8).write(to: file)
            #expect(try run("xmlsec1", ["--verify", "--trusted-pem", trust.path, file.path]).status != 0)
        }
    }

    @Test(
        "what xmlsec1 --sign signs in the profile verifies here, with its own spelling and line breaks",
        .enabled(if: isInstalled("xmlsec1")))
    func foreignSigner() throws {
        try withTemporaryFolder { folder in
            let template = """
                <jxta:PipeAdvertisement xmlns:jxta="http://jxta.org" xml:space="preserve">
                <Id>urn:jxta:x</Id><Name>Ren\u{e9}e</Name>
                <Signature xmlns="http://www.w3.org/2000/09/xmldsig#">
                  <SignedInfo>
                    <CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
                    <SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>
                    <Reference URI="">
                      <Transforms>
                        <Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
                        <Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
                      </Transforms>
                      <DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>
                      <DigestValue/>
                    </Reference>
                  </SignedInfo>
                  <SignatureValue/>
                </Signature></jxta:PipeAdvertisement>
                """
            let (key, file) = (folder.appendingPathComponent("key.pem"), folder.appendingPathComponent("adv.xml"))
            try Data(Self.key.pem()).write(to: key)
            try Data(template.utf8).write(to: file)
            let signed = folder.appendingPathComponent("signed.xml")
            let result = try run("xmlsec1", ["--sign", "--privkey-pem", key.path, "--output", signed.path, file.path])
            #expect(result.status == 0, "\(result.output)")
            let bytes = Array(try Data(contentsOf: signed))
            let content = try SignedDocument(bytes.span.bytes).verify(with: Self.key.publicKey)
            #expect(content.root.child("Name")?.text == "Ren\u{e9}e")
            let forged = Array(
                String(decoding: bytes, as: UTF8.self).replacingOccurrences(of: "jxta:x<", with: "jxta:y<").utf8)
            #expect(throws: XMLError.digestMismatch) { try verify(forged, Self.key.publicKey) }
        }
    }

    @Test(
        "the generated signature-wrapping set, 42 cases",
        .enabled(if: TestData.has("vectors/jxta_xsw_generated"), Comment(rawValue: TestData.absence)))
    func wrapping() throws {
        let folder = "vectors/jxta_xsw_generated"
        let index = try TestData.json(folder + "/index.json")
        let pem = try TestData.bytes(folder + "/signer.pub.pem")
        let signer = try RSAPublicKey(pem: pem.span.bytes, engines: Self.engines)
        let expectedID = try #require(index["expected_pipe_id"] as? String)
        var cases = 0
        for entry in index["cases"] as? [[String: Any]] ?? [] {
            let file = try #require(entry["file"] as? String)
            let bytes = try TestData.bytes("\(folder)/\(file)")
            let id = try? readID(bytes, signer)
            switch entry["expect"] as? String {
            // `profile`: JXTA's own bare DOCTYPE, which this profile accepts.
            case "accept", "profile": #expect(id == expectedID, "\(file)")
            case "accept_full_text_or_reject": #expect(id == nil || id == expectedID || file.contains("c02"), "\(file)")
            default: #expect(id == nil, "\(file): \(entry["why"] ?? "")")
            }
            if file.contains("c02") { #expect(id != expectedID, "the text after the comment must not be lost") }
            cases += 1
        }
        #expect(cases == 42)
    }

    private func verify(_ bytes: [UInt8], _ key: RSAPublicKey) throws {
        _ = try SignedDocument(bytes.span.bytes).verify(with: key)
    }

    /// As a verifier does it: the key that the document brings must be one that is trusted.
    private func readID(_ bytes: [UInt8], _ signer: RSAPublicKey) throws -> String? {
        let text = String(decoding: bytes, as: UTF8.self)
        if let modulus = value("Modulus", text), let exponent = value("Exponent", text) {
            let brought = try RSAPublicKey(
                modulus: modulus.span.bytes, exponent: exponent.span.bytes, engines: Self.engines)
            guard brought.isSameKey(as: signer) else { throw XMLError.crypto(.signatureInvalid) }
        }
        return try SignedDocument(bytes.span.bytes).verify(with: signer).root.child("Id")?.text
    }

    private func value(_ name: String, _ text: String) -> [UInt8]? {
        let parts = text.components(separatedBy: "<ds:\(name)>")
        guard parts.count > 1 else { return nil }
        return Array(parts[1].components(separatedBy: "<")[0].utf8).withUnsafeBytes(Base64.decode)
    }

    @Test(
        "foreign XML signatures are never accepted where the reference refuses them",
        .enabled(if: TestData.has("vectors/xmldsig"), Comment(rawValue: TestData.absence)),
        arguments: [
            "xmldsig/xmlsec/must_not_accept_unsupported_alg", "xmldsig/xmlsec/hmac", "xmldsig/xmlsec/rsa_pkcs1",
            "xmldsig/xmlsec/rsa_pss", "xmldsig/santuario/negative_and_keyinfo", "xsw/python3-saml", "xsw/ruby-saml",
            "xsw/pysaml2",
        ])
    func foreign(_ folder: String) throws {
        // None of these is an enveloped, whole-document, RSA-SHA256, exclusive-C14N signature by our key: each must
        // be refused, by structure or by signature, and none may crash.
        var count = 0
        for ending in [".xml", ".base64", ".xml.base64"] {
            for file in try TestData.files("vectors/" + folder, ending: ending) {
                let bytes = try TestData.bytes(file)
                #expect(throws: XMLError.self, "\(file)") { try verify(bytes, Self.key.publicKey) }
                count += 1
            }
        }
        #expect(count > 0)
    }
}
