internal import CLibXML2
internal import Synchronization

/// One libxml2 parser, lent to one document at a time and kept for the next: a new one would make its dictionary and
/// tables again for every small advertisement.
///
/// A document's names live in its parser's dictionary, so a parser is lent for the document's whole life.
final class ParserContext: @unchecked Sendable {
    // Sendable: one holder at a time; `idle` hands over under its lock.
    private static let idle = Mutex<[ParserContext]>([])
    /// As many as threads could plausibly use at once.
    private static let bound = 16
    /// Names are never forgotten by a dictionary: one that strangers have filled is not kept.
    private static let largestDictionary = 64 << 10

    private let handle: xmlParserCtxtPtr
    private var isReusable = false

    private init?() {
        guard let made = xmlNewParserCtxt() else { return nil }
        handle = made
        ParseGuard.install(handle.pointee.sax)
    }

    deinit { xmlFreeParserCtxt(handle) }

    static func take() -> ParserContext? {
        LibXML.prepareThread()
        return idle.withLock { $0.popLast() } ?? ParserContext()
    }

    /// To be called once the document is gone. A parser that stopped half-way is in no known state: it is dropped.
    func giveBack() {
        guard isReusable, xmlDictGetUsage(handle.pointee.dict) <= Self.largestDictionary else { return }
        Self.idle.withLock { if $0.count < Self.bound { $0.append(self) } }
    }

    /// - Throws: the guard's refusal, or `.notWellFormed`.
    func parse(_ source: UnsafeRawBufferPointer, limits: XMLLimits) throws(XMLError) -> xmlDocPtr {
        isReusable = false
        var guardian = ParseGuard(limits: limits)
        let options = [XML_PARSE_NONET, XML_PARSE_NOERROR, XML_PARSE_NOWARNING, XML_PARSE_NOCDATA, XML_PARSE_COMPACT]
        let document = withUnsafeMutablePointer(to: &guardian) { guardian in
            handle.pointee._private = UnsafeMutableRawPointer(guardian)
            defer { handle.pointee._private = nil }
            return withUnsafeTemporaryAllocation(byteCount: source.count + 1, alignment: 1) { text in
                text.copyMemory(from: source)
                text[source.count] = 0
                return xml_parse(
                    handle, text.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(source.count),
                    options.reduce(0) { $0 | Int32(bitPattern: $1.rawValue) })
            }
        }
        guard let document, handle.pointee.nsWellFormed == 1, guardian.refusal == nil else {
            xmlFreeDoc(document)
            throw guardian.refusal ?? .notWellFormed(code: handle.pointee.errNo, line: handle.pointee.lastError.line)
        }
        isReusable = true
        return document
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
