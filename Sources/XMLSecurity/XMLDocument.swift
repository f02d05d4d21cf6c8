internal import CLibXML2
internal import CryptoCore

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
    private let context: ParserContext

    /// - Throws: `.tooLong`, `.tooDeep`, `.tooManyAttributes`, `.documentTypeRefused`, `.notWellFormed`.
    public init(_ bytes: RawSpan, limits: XMLLimits = XMLLimits()) throws(XMLError) {
        guard bytes.byteCount <= limits.bytes else { throw .tooLong(limit: limits.bytes, actual: bytes.byteCount) }
        let phase = Phase.begin()
        defer { phase.end("xml", bytes: bytes.byteCount) }
        guard let context = ParserContext.take() else {
            throw .notWellFormed(code: Int32(bitPattern: XML_ERR_NO_MEMORY.rawValue), line: 0)
        }
        handle = try bytes.withUnsafeBytes { (source) throws(XMLError) in try context.parse(source, limits: limits) }
        self.context = context
    }

    deinit {
        xmlFreeDoc(handle)
        context.giveBack()
    }

    /// The document element.
    public var root: XMLNode { XMLNode(xmlDocGetRootElement(handle), in: self) }
}
