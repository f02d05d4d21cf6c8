internal import CLibXML2

/// An element of a document, read-only.
public struct XMLNode {
    let handle: xmlNodePtr
    /// Keeps the tree alive.
    private let document: XMLDocument

    init(_ handle: xmlNodePtr, in document: XMLDocument) {
        self.handle = handle
        self.document = document
    }

    public var name: String { String(cString: handle.pointee.name) }

    public var namespace: String? { handle.pointee.ns.map { String(cString: $0.pointee.href) } }

    /// Whether the element has this name, without building strings.
    public func isNamed(_ name: StaticString, in namespace: StaticString? = nil) -> Bool {
        guard Self.same(handle.pointee.name, name) else { return false }
        guard let namespace else { return handle.pointee.ns == nil }
        return handle.pointee.ns.map { Self.same($0.pointee.href, namespace) } ?? false
    }

    /// Child elements in document order; text, comments and instructions are passed over.
    public var children: ChildElements { ChildElements(next: handle.pointee.children, document: document) }

    public func child(_ name: StaticString, in namespace: StaticString? = nil) -> XMLNode? {
        children.first { $0.isNamed(name, in: namespace) }
    }

    /// All character data directly inside, concatenated over comments: never just the first piece.
    public var text: String {
        var bytes: [UInt8] = []
        var next = handle.pointee.children
        while let node = next {
            if node.pointee.type == XML_TEXT_NODE || node.pointee.type == XML_CDATA_SECTION_NODE,
                let content = node.pointee.content
            {
                bytes.append(contentsOf: UnsafeBufferPointer(start: content, count: Int(xmlStrlen(content))))
            }
            next = node.pointee.next
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// ``text`` without white space around it: some JXTA writers put text on lines of its own.
    public var trimmedText: String {
        withText { bytes in
            let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0a || $0 == 0x0d }
            var (start, end) = (0, bytes.count)
            while start < end, isSpace(bytes[start]) { start += 1 }
            while start < end, isSpace(bytes[end - 1]) { end -= 1 }
            return String(decoding: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
        }
    }

    /// The value of an attribute without a namespace.
    public func attribute(_ name: String) -> String? {
        guard let value = xmlGetNoNsProp(handle, name) else { return nil }
        defer { xml_free(value) }
        return String(cString: value)
    }

    /// Whether the element has exactly this attribute, namespace declarations not counted.
    func hasOnly(_ name: StaticString, equalTo value: StaticString) -> Bool {
        guard let attribute = handle.pointee.properties, attribute.pointee.next == nil, attribute.pointee.ns == nil,
            Self.same(attribute.pointee.name, name)
        else { return false }
        // An empty value has no text node.
        guard let text = attribute.pointee.children else { return value.utf8CodeUnitCount == 0 }
        return text.pointee.next == nil && text.pointee.type == XML_TEXT_NODE && Self.same(text.pointee.content, value)
    }

    func hasPrefix(_ prefix: StaticString) -> Bool {
        handle.pointee.ns.map { Self.same($0.pointee.prefix, prefix) } ?? false
    }

    /// Namespace declarations not counted.
    var hasAttributes: Bool { handle.pointee.properties != nil }

    /// Whether any node directly inside is no element: text, comments, instructions.
    var hasOtherThanElements: Bool { hasChild { $0 != XML_ELEMENT_NODE } }

    var hasOtherThanText: Bool { hasChild { $0 != XML_TEXT_NODE } }

    private func hasChild(where isSo: (xmlElementType) -> Bool) -> Bool {
        var next = handle.pointee.children
        while let node = next {
            if isSo(node.pointee.type) { return true }
            next = node.pointee.next
        }
        return false
    }

    /// How many elements below this one have this name.
    func countElements(_ name: StaticString, in namespace: StaticString) -> Int {
        Self.countElements(below: handle, name, namespace)
    }

    /// On bare pointers: this visits every node of a document.
    private static func countElements(below parent: xmlNodePtr, _ name: StaticString, _ namespace: StaticString) -> Int
    {
        var count = 0
        var next = parent.pointee.children
        while let node = next {
            if node.pointee.type == XML_ELEMENT_NODE {
                let isNamed = same(node.pointee.name, name) && same(node.pointee.ns?.pointee.href, namespace)
                count += (isNamed ? 1 : 0) + countElements(below: node, name, namespace)
            }
            next = node.pointee.next
        }
        return count
    }

    /// The character data as bytes, lent: in place where it is one piece, as signatures' always is.
    func withText<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        if let only = handle.pointee.children, only.pointee.next == nil, only.pointee.type == XML_TEXT_NODE,
            let content = only.pointee.content
        {
            return try body(UnsafeRawBufferPointer(start: content, count: Int(xmlStrlen(content))))
        }
        let bytes = Array(text.utf8)
        return try bytes.span.bytes.withUnsafeBytes { (bytes) throws(E) in try body(bytes) }
    }

    private static func same(_ text: UnsafePointer<xmlChar>?, _ expected: StaticString) -> Bool {
        // Both end with a zero byte: a StaticString promises it.
        xml_same(text, expected.utf8Start) != 0
    }
}

/// The child elements of an element, one after another.
public struct ChildElements: Sequence, IteratorProtocol {
    private var cursor: xmlNodePtr?
    private let document: XMLDocument

    fileprivate init(next: xmlNodePtr?, document: XMLDocument) {
        cursor = next
        self.document = document
    }

    public mutating func next() -> XMLNode? {
        while let node = cursor {
            cursor = node.pointee.next
            if node.pointee.type == XML_ELEMENT_NODE { return XMLNode(node, in: document) }
        }
        return nil
    }
}
