internal import CLibXML2
internal import CryptoCore

/// Which of the W3C's canonical forms. Advertisements use exclusive; the others serve the published vectors.
package enum CanonicalForm: Sendable {
    case inclusive10, exclusive10, inclusive11
}

extension XMLDocument {
    /// The whole document in canonical form, in memory: these bytes are digested and parsed again.
    package func canonical(
        _ form: CanonicalForm = .exclusive10, withComments: Bool = false
    ) throws(XMLError) -> [UInt8] {
        try canonicalise(form, withComments: withComments, nil, nil)
    }

    /// One element and all below it, in exclusive canonical form, comments left out.
    func canonical(subtree: XMLNode) throws(XMLError) -> [UInt8] {
        try canonicalise(
            .exclusive10, withComments: false,
            { apex, node, parent in
                // Namespace nodes come with their element as parent.
                var next = node?.pointee.type == XML_NAMESPACE_DECL ? parent : node
                while let current = next {
                    if UnsafeMutableRawPointer(current) == apex { return 1 }
                    next = current.pointee.parent
                }
                return 0
            }, UnsafeMutableRawPointer(subtree.handle))
    }

    /// The node set of an XPath expression, as the C14N vectors need it.
    package func canonical(
        _ form: CanonicalForm, withComments: Bool, xpath: String, namespaces: [(prefix: String, uri: String)],
        inclusivePrefixes: [String] = []
    ) throws(XMLError) -> [UInt8] {
        LibXML.prepareThread()
        guard let context = xmlXPathNewContext(handle) else { throw .canonicalisationFailed }
        defer { xmlXPathFreeContext(context) }
        for (prefix, uri) in namespaces { xmlXPathRegisterNs(context, prefix, uri) }
        guard let found = xmlXPathEvalExpression(xpath, context) else { throw .canonicalisationFailed }
        defer { xmlXPathFreeObject(found) }
        var prefixes: [UnsafeMutablePointer<xmlChar>?] = inclusivePrefixes.map { xmlStrdup($0) } + [nil]
        defer { for prefix in prefixes where prefix != nil { xml_free(prefix) } }
        return try output { buffer in
            prefixes.withUnsafeMutableBufferPointer {
                xmlC14NDocSaveTo(
                    handle, found.pointee.nodesetval, mode(form), inclusivePrefixes.isEmpty ? nil : $0.baseAddress,
                    withComments ? 1 : 0, buffer)
            }
        }
    }

    private func canonicalise(
        _ form: CanonicalForm, withComments: Bool, _ isVisible: xmlC14NIsVisibleCallback?,
        _ apex: UnsafeMutableRawPointer?
    ) throws(XMLError) -> [UInt8] {
        let phase = Phase.begin()
        defer { phase.end("c14n") }
        LibXML.prepareThread()
        return try output { buffer in
            xmlC14NExecute(handle, isVisible, apex, mode(form), nil, withComments ? 1 : 0, buffer)
        }
    }

    private func output(_ write: (xmlOutputBufferPtr) -> Int32) throws(XMLError) -> [UInt8] {
        guard let buffer = xmlAllocOutputBuffer(nil) else { throw .canonicalisationFailed }
        defer { xmlOutputBufferClose(buffer) }
        guard write(buffer) >= 0, let content = xmlOutputBufferGetContent(buffer) else {
            throw .canonicalisationFailed
        }
        return Array(UnsafeBufferPointer(start: content, count: Int(xmlOutputBufferGetSize(buffer))))
    }

    private func mode(_ form: CanonicalForm) -> Int32 {
        switch form {
        case .inclusive10: Int32(XML_C14N_1_0.rawValue)
        case .exclusive10: Int32(XML_C14N_EXCLUSIVE_1_0.rawValue)
        case .inclusive11: Int32(XML_C14N_1_1.rawValue)
        }
    }
}
