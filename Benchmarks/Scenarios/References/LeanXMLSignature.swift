internal import CLibCrypto
internal import CLibXML2

/// The floor of advertisement verification: bare libxml2 parse, exclusive C14N of SignedInfo and of the document, and
/// libcrypto's verification, on the same bytes.
final class LeanXMLSignature {
    private let crypto: LeanLibcrypto
    private let signature: [UInt8]
    private let digest: [UInt8]

    /// - Parameters:
    ///   - signature: the decoded SignatureValue.
    ///   - digest: the decoded DigestValue.
    init(_ crypto: LeanLibcrypto, signature: [UInt8], digest: [UInt8]) {
        self.crypto = crypto
        self.signature = signature
        self.digest = digest
        xmlInitParser()
    }

    func verify(_ bytes: [UInt8]) -> Bool {
        let options = Int32(XML_PARSE_NONET.rawValue | XML_PARSE_NOCDATA.rawValue | XML_PARSE_COMPACT.rawValue)
        let parsed = bytes.withUnsafeBytes {
            xmlReadMemory($0.baseAddress?.assumingMemoryBound(to: CChar.self), Int32($0.count), nil, nil, options)
        }
        let document = require(parsed)
        defer { xmlFreeDoc(document) }
        let element = require(xmlGetLastChild(xmlDocGetRootElement(document)))
        let signedInfo = require(element.pointee.children)
        let isGenuine = withCanonical(document, apex: signedInfo) { text in
            signature.withUnsafeBytes { crypto.verify($0, of: text) }
        }
        xmlUnlinkNode(element)
        defer { xmlFreeNode(element) }
        return isGenuine && withCanonical(document, apex: nil) { crypto.hash($0) == digest }
    }

    private func withCanonical(
        _ document: xmlDocPtr, apex: xmlNodePtr?, _ body: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        let buffer = require(xmlAllocOutputBuffer(nil))
        defer { xmlOutputBufferClose(buffer) }
        let isVisible: xmlC14NIsVisibleCallback = { apex, node, parent in
            var next = node?.pointee.type == XML_NAMESPACE_DECL ? parent : node
            while let current = next {
                if UnsafeMutableRawPointer(current) == apex { return 1 }
                next = current.pointee.parent
            }
            return 0
        }
        let status = xmlC14NExecute(
            document, apex == nil ? nil : isVisible, apex, Int32(XML_C14N_EXCLUSIVE_1_0.rawValue), nil, 0, buffer)
        precondition(status >= 0, "reference: canonicalisation failed")
        return body(
            UnsafeRawBufferPointer(start: xmlOutputBufferGetContent(buffer), count: xmlOutputBufferGetSize(buffer)))
    }
}

/// The floor of a cold credential chain: libcrypto parses both certificates and verifies them up to the trust anchor.
final class LeanChain {
    private let store: OpaquePointer
    private let leaf: [UInt8]
    private let issuer: [UInt8]

    init(anchor: [UInt8], leaf: [UInt8], issuer: [UInt8]) {
        store = require(X509_STORE_new())
        let certificate = Self.parse(anchor)
        require(X509_STORE_add_cert(store, certificate))
        X509_free(certificate)
        self.leaf = leaf
        self.issuer = issuer
    }

    deinit { X509_STORE_free(store) }

    func verify() -> Bool {
        let (leaf, issuer) = (Self.parse(leaf), Self.parse(issuer))
        let untrusted = require(OPENSSL_sk_new_null())
        defer {
            OPENSSL_sk_free(untrusted)
            X509_free(leaf)
            X509_free(issuer)
        }
        OPENSSL_sk_push(untrusted, UnsafeRawPointer(issuer))
        let context = require(X509_STORE_CTX_new())
        defer { X509_STORE_CTX_free(context) }
        require(X509_STORE_CTX_init(context, store, leaf, untrusted))
        return X509_verify_cert(context) == 1
    }

    /// Parses one certificate and lets it go: what a join's floor pays for each.
    static func parseOnly(_ der: [UInt8]) { X509_free(parse(der)) }

    private static func parse(_ der: [UInt8]) -> OpaquePointer {
        der.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return require(d2i_X509(nil, &cursor, bytes.count))
        }
    }
}
