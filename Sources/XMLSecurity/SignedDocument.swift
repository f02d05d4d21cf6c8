internal import CLibXML2
public import CryptoCore

/// A document with an enveloped XML signature that keeps its own type: the paper's signed advertisement [15].
public struct SignedDocument {
    private let document: XMLDocument
    private let signature: XMLNode
    private let parts: SignatureProfile.Parts

    /// The X509Certificate texts of KeyInfo, holder's first. Unsigned: trust comes from the chain they form.
    public var certificates: [String] { parts.certificates.map(\.text) }

    /// A key for the chain as it is spelt here: found in a cache without decoding anything.
    public var certificatesKey: ExactBytes {
        var key: [UInt8] = []
        for certificate in parts.certificates {
            certificate.withText { text in
                // Lengths keep two texts from reading as one.
                withUnsafeBytes(of: text.count) { key.append(contentsOf: $0) }
                key.append(contentsOf: text)
            }
        }
        return ExactBytes(key)
    }

    /// Parses a document and checks the place and form of its signature; nothing is verified yet.
    public init(_ bytes: RawSpan, limits: XMLLimits = XMLLimits()) throws(XMLError) {
        document = try XMLDocument(bytes, limits: limits)
        let root = document.root
        var last: XMLNode?
        for child in root.children { last = child }
        guard let last, last.isNamed("Signature", in: SignatureProfile.dsig) else {
            throw .signatureStructure("the last child of the root is no Signature")
        }
        guard root.countElements("Signature", in: SignatureProfile.dsig) == 1 else {
            throw .signatureStructure("more than one Signature")
        }
        signature = last
        parts = try SignatureProfile.parse(last)
    }

    /// Verifies, and returns the content *as it was digested*: the canonical bytes, parsed again. Nothing that the
    /// signature does not cover can be read from the result.
    public consuming func verify(with key: RSAPublicKey) throws(XMLError) -> XMLDocument {
        let signedInfo =
            if let own = parts.ownSpelling { own } else { try document.canonical(subtree: parts.signedInfo) }
        try Self.crypto { () throws(CryptoError) in
            try key.verify(parts.value.span.bytes, of: signedInfo.span.bytes)
        }
        xmlUnlinkNode(signature.handle)
        defer { xmlFreeNode(signature.handle) }
        let content = try document.canonical()
        let digest = try Self.crypto { () throws(CryptoError) in try Digest.of(content.span.bytes) }
        guard digest == parts.digest else { throw .digestMismatch }
        return try XMLDocument(content.span.bytes, limits: XMLLimits(bytes: content.count))
    }

    /// Signs a document: one private operation.
    /// - Parameters:
    ///   - text: the document without a signature.
    ///   - certificates: the chain below the trust anchor, holder's first, DER.
    /// - Returns: prolog, JXTA's bare DOCTYPE, and the canonical document with the signature as its last child.
    public static func sign(
        _ text: String, key: RSAPrivateKey, certificates: [[UInt8]]
    ) throws(XMLError) -> [UInt8] {
        let source = Array(text.utf8)
        let document = try XMLDocument(source.span.bytes)
        let content = try document.canonical()
        let signature = try crypto { () throws(CryptoError) in
            let digest = Base64.encode(try Digest.of(content.span.bytes))
            let signedInfo = SignatureProfile.canonicalSignedInfo(digest: digest)
            return SignatureProfile.signature(
                digest: digest, value: try key.sign(signedInfo.span.bytes), certificates: certificates)
        }
        // In canonical form every element has an end tag, and the root's is the last `</` of the text.
        guard let end = content.lastIndex(of: UInt8(ascii: "<")) else { throw .canonicalisationFailed }
        let name = String(decoding: content[(end + 2)..<(content.count - 1)], as: UTF8.self)
        let prolog = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE \(name)>\n"
        return Array(prolog.utf8) + content[..<end] + signature + content[end...] + [UInt8(ascii: "\n")]
    }

    private static func crypto<R>(_ body: () throws(CryptoError) -> R) throws(XMLError) -> R {
        do throws(CryptoError) { return try body() } catch { throw .crypto(error) }
    }
}
