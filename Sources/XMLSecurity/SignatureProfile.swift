internal import CryptoCore

/// The one form of XML signature that advertisements carry: enveloped, exclusive C14N, RSA-SHA256, one Reference.
enum SignatureProfile {
    static let dsig: StaticString = "http://www.w3.org/2000/09/xmldsig#"
    static let exclusiveC14N: StaticString = "http://www.w3.org/2001/10/xml-exc-c14n#"
    static let rsaSHA256: StaticString = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
    static let sha256: StaticString = "http://www.w3.org/2001/04/xmlenc#sha256"
    static let enveloped: StaticString = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

    /// SignedInfo in canonical form: as a subtree of its own it declares `ds` itself.
    /// - Parameter digest: in base64.
    static func canonicalSignedInfo(digest: [UInt8]) -> [UInt8] { beforeDigest + digest + afterDigest }

    private static let beforeDigest = signedInfoBeforeDigest(#" xmlns:ds="\#(dsig)""#)
    private static let afterDigest = Array("</ds:DigestValue></ds:Reference></ds:SignedInfo>".utf8)

    /// The Signature element for an already canonical document, without line breaks.
    /// - Parameter digest: in base64.
    static func signature(digest: [UInt8], value: [UInt8], certificates: [[UInt8]]) -> [UInt8] {
        var text = Array(#"<ds:Signature xmlns:ds="\#(dsig)">"#.utf8)
        text += signedInfoBeforeDigest("") + digest + afterDigest
        text += "<ds:SignatureValue>".utf8 + Base64.encode(value) + "</ds:SignatureValue><ds:KeyInfo><ds:X509Data>".utf8
        for certificate in certificates {
            text += "<ds:X509Certificate>".utf8 + Base64.encode(certificate) + "</ds:X509Certificate>".utf8
        }
        return text + "</ds:X509Data></ds:KeyInfo></ds:Signature>".utf8
    }

    private static func signedInfoBeforeDigest(_ declaration: String) -> [UInt8] {
        let text =
            "<ds:SignedInfo\(declaration)>"
            + #"<ds:CanonicalizationMethod Algorithm="\#(exclusiveC14N)"></ds:CanonicalizationMethod>"#
            + #"<ds:SignatureMethod Algorithm="\#(rsaSHA256)"></ds:SignatureMethod>"#
            + #"<ds:Reference URI=""><ds:Transforms><ds:Transform Algorithm="\#(enveloped)"></ds:Transform>"#
            + #"<ds:Transform Algorithm="\#(exclusiveC14N)"></ds:Transform></ds:Transforms>"#
            + #"<ds:DigestMethod Algorithm="\#(sha256)"></ds:DigestMethod><ds:DigestValue>"#
        return Array(text.utf8)
    }

    /// What a conforming Signature element holds.
    struct Parts {
        let signedInfo: XMLNode
        /// SignedInfo's canonical form where it is spelt as we spell it: nothing is left to canonicalise then.
        let ownSpelling: [UInt8]?
        let digest: [UInt8]
        let value: [UInt8]
        /// X509Certificate elements, holder's first.
        let certificates: [XMLNode]
    }

    /// Reads a Signature element and refuses every deviation before anything is computed.
    static func parse(_ signature: XMLNode) throws(XMLError) -> Parts {
        var children = signature.children
        guard let signedInfo = children.next(), signedInfo.isNamed("SignedInfo", in: dsig),
            let value = children.next(), value.isNamed("SignatureValue", in: dsig)
        else { throw .signatureStructure("Signature does not begin with SignedInfo and SignatureValue") }
        let keyInfo = children.next()
        guard keyInfo?.isNamed("KeyInfo", in: dsig) ?? true, children.next() == nil else {
            throw .signatureStructure("Signature holds more than SignedInfo, SignatureValue and KeyInfo")
        }
        guard let valueBytes = value.withText({ Base64.decode($0) }), !valueBytes.isEmpty else {
            throw .signatureStructure("SignatureValue is not base64")
        }
        let digest = try readSignedInfo(signedInfo)
        let text = Base64.encode(digest)
        let ownSpelling = isOwnSpelling(signedInfo, digest: text) ? canonicalSignedInfo(digest: text) : nil
        return Parts(
            signedInfo: signedInfo, ownSpelling: ownSpelling, digest: digest, value: valueBytes,
            certificates: keyInfo?.child("X509Data", in: dsig)?.children.filter {
                $0.isNamed("X509Certificate", in: dsig)
            } ?? [])
    }

    private static func readSignedInfo(_ node: XMLNode) throws(XMLError) -> [UInt8] {
        var children = node.children
        try expect(children.next(), "CanonicalizationMethod", exclusiveC14N)
        try expect(children.next(), "SignatureMethod", rsaSHA256)
        guard let reference = children.next(), reference.isNamed("Reference", in: dsig), children.next() == nil else {
            throw .signatureStructure("SignedInfo holds other than one Reference")
        }
        guard reference.hasOnly("URI", equalTo: "") else {
            throw .signatureStructure("Reference is not to the whole document")
        }
        var parts = reference.children
        guard let transforms = parts.next(), transforms.isNamed("Transforms", in: dsig) else {
            throw .signatureStructure("Reference without Transforms")
        }
        var steps = transforms.children
        try expect(steps.next(), "Transform", enveloped)
        try expect(steps.next(), "Transform", exclusiveC14N)
        guard steps.next() == nil else { throw .signatureStructure("more than two Transforms") }
        try expect(parts.next(), "DigestMethod", sha256)
        guard let digest = parts.next(), digest.isNamed("DigestValue", in: dsig), parts.next() == nil,
            let bytes = digest.withText({ Base64.decode($0) }), bytes.count == 32
        else { throw .signatureStructure("DigestValue is not a SHA-256 digest") }
        return bytes
    }

    /// Whether a SignedInfo that conforms has ``canonicalSignedInfo(digest:)`` as its canonical form: the prefix is
    /// ours, and there is no text, instruction or attribute that conforming leaves open. Most advertisements are our
    /// own, and canonicalising a subtree visits the whole document.
    private static func isOwnSpelling(_ element: XMLNode, digest: [UInt8]) -> Bool {
        guard element.hasPrefix("ds") else { return false }
        // `readSignedInfo` has pinned the one attribute of every other element.
        let isDigest = element.isNamed("DigestValue", in: dsig)
        let isBare = isDigest || element.isNamed("SignedInfo", in: dsig) || element.isNamed("Transforms", in: dsig)
        if isBare, element.hasAttributes { return false }
        if isDigest {
            return element.withText { $0.elementsEqual(digest) } && !element.hasOtherThanText
        }
        return !element.hasOtherThanElements && element.children.allSatisfy { isOwnSpelling($0, digest: digest) }
    }

    /// An element of this name whose only content is the Algorithm attribute: parameters are refused.
    private static func expect(_ node: XMLNode?, _ name: StaticString, _ algorithm: StaticString) throws(XMLError) {
        guard let node, node.isNamed(name, in: dsig) else { throw .signatureStructure("element missing or misplaced") }
        var children = node.children
        guard node.hasOnly("Algorithm", equalTo: algorithm), children.next() == nil else {
            throw .signatureStructure("algorithm outside the profile")
        }
    }
}
