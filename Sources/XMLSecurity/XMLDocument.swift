internal import CLibXML2

/// Bounds that hold before and while a document is parsed.
public struct XMLLimits: Sendable {
    public var bytes: Int
    public var depth: Int
    public var attributes: Int

    public init(bytes: Int = 64 << 10, depth: Int = 64, attributes: Int = 64) {
        self.bytes = bytes
        self.depth = depth
        self.attributes = attributes
    }
}

/// A parsed document: namespaces resolved, nothing fetched, no entities beyond the five of XML itself.
///
/// One owner at a time: libxml2 trees are not safe to share between threads.
public final class XMLDocument {
    let handle: xmlDocPtr

    /// - Throws: `.tooLong`, `.tooDeep`, `.tooManyAttributes`, `.documentTypeRefused`, `.notWellFormed`.
    public init(_ bytes: RawSpan, limits: XMLLimits = XMLLimits()) throws(XMLError) {
        guard bytes.byteCount <= limits.bytes else { throw .tooLong(limit: limits.bytes, actual: bytes.byteCount) }
        var guardian = ParseGuard(limits: limits)
        var position = (code: Int32(0), line: Int32(0))
        let document = bytes.withUnsafeBytes { source in
            withUnsafeMutablePointer(to: &guardian) { guardian in
                Self.parse(source, under: guardian, &position)
            }
        }
        if let refusal = guardian.refusal {
            xmlFreeDoc(document)
            throw refusal
        }
        guard let document else { throw .notWellFormed(code: position.code, line: position.line) }
        handle = document
    }

    deinit { xmlFreeDoc(handle) }

    /// The document element.
    public var root: XMLNode { XMLNode(xmlDocGetRootElement(handle), in: self) }

    private static func parse(
        _ source: UnsafeRawBufferPointer, under guardian: UnsafeMutablePointer<ParseGuard>,
        _ position: inout (code: Int32, line: Int32)
    ) -> xmlDocPtr? {
        LibXML.prepareThread()
        let text = source.baseAddress?.assumingMemoryBound(to: CChar.self)
        guard source.count > 0, let context = xmlCreateMemoryParserCtxt(text, Int32(source.count)) else { return nil }
        defer { xmlFreeParserCtxt(context) }
        let options = [XML_PARSE_NONET, XML_PARSE_NOERROR, XML_PARSE_NOWARNING, XML_PARSE_NOCDATA, XML_PARSE_COMPACT]
        xmlCtxtUseOptions(context, options.reduce(0) { $0 | Int32(bitPattern: $1.rawValue) })
        context.pointee._private = UnsafeMutableRawPointer(guardian)
        ParseGuard.install(context.pointee.sax)
        xmlParseDocument(context)
        guard context.pointee.wellFormed == 1, context.pointee.nsWellFormed == 1, guardian.pointee.refusal == nil else {
            position = (context.pointee.errNo, context.pointee.lastError.line)
            if context.pointee.myDoc != nil { xmlFreeDoc(context.pointee.myDoc) }
            context.pointee.myDoc = nil
            return nil
        }
        return context.pointee.myDoc
    }
}

/// Watches the parser's events and stops it at the first thing the profile refuses.
struct ParseGuard {
    let limits: XMLLimits
    var refusal: XMLError?

    init(limits: XMLLimits) { self.limits = limits }

    static func install(_ handler: UnsafeMutablePointer<xmlSAXHandler>?) {
        // Called before a `[` is consumed: external identifiers and internal subsets are refused unread. A bare
        // DOCTYPE makes no node, so it changes nothing about the tree or its canonical form.
        handler?.pointee.internalSubset = { raw, _, externalID, systemID in
            guard let context = raw?.assumingMemoryBound(to: xmlParserCtxt.self) else { return }
            let opensSubset = context.pointee.input?.pointee.cur?.pointee == UInt8(ascii: "[")
            if externalID != nil || systemID != nil || opensSubset { stop(context, .documentTypeRefused) }
        }
        handler?.pointee.externalSubset = nil
        handler?.pointee.resolveEntity = nil
        handler?.pointee.startElementNs = {
            raw, name, prefix, uri, namespaceCount, namespaces, attributeCount, defaulted, attributes in
            guard let context = raw?.assumingMemoryBound(to: xmlParserCtxt.self),
                let guardian = context.pointee._private?.assumingMemoryBound(to: ParseGuard.self)
            else { return }
            let limits = guardian.pointee.limits
            if context.pointee.nodeNr >= limits.depth { return stop(context, .tooDeep(limit: limits.depth)) }
            if attributeCount > limits.attributes || namespaceCount > limits.attributes {
                return stop(context, .tooManyAttributes(limit: limits.attributes))
            }
            xmlSAX2StartElementNs(
                raw, name, prefix, uri, namespaceCount, namespaces, attributeCount, defaulted, attributes)
        }
    }
}

/// A free function: C callbacks capture nothing, not even a type.
private func stop(_ context: xmlParserCtxtPtr, _ refusal: XMLError) {
    context.pointee._private?.assumingMemoryBound(to: ParseGuard.self).pointee.refusal = refusal
    xmlStopParser(context)
}

/// Process-wide and per-thread state of libxml2.
enum LibXML {
    private static let initialised: Void = xmlInitParser()

    /// Canonicalisation reports errors past its context, to standard error; a handler per thread silences it.
    static func prepareThread() {
        _ = initialised
        xmlSetStructuredErrorFunc(nil) { _, _ in }
    }
}
