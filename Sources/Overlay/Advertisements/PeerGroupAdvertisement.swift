public import XMLSecurity

/// A group: `jxta:PGA`.
public struct PeerGroupAdvertisement: Equatable, Hashable, Sendable {
    public var id: JXTAID
    /// The module spec id; JXSE's all-purpose peer group by default.
    public var specification: String
    public var name: String?
    public var description: String?

    static let allPurpose = "urn:jxta:uuid-DEADBEEFDEAFBABAFEEDBABE000000010306"

    public init(id: JXTAID, name: String? = nil, description: String? = nil) {
        self.id = id
        specification = Self.allPurpose
        self.name = name
        self.description = description
    }

    public init(_ root: XMLNode) throws(OverlayError) {
        guard root.isAdvertisement("PGA") else { throw .advertisementInvalid("not a group advertisement") }
        id = try JXTAID(root.required("GID"))
        guard id.kind == .group else { throw .identifier(id.text) }
        specification = try root.required("MSID")
        name = root.optional("Name")
        description = root.optional("Desc")
    }

    public init(parsing bytes: RawSpan) throws(OverlayError) {
        try self.init(xml { () throws(XMLError) in try XMLDocument(bytes) }.root)
    }

    public var document: String {
        var text = XMLText(root: "jxta:PGA")
        text.add("GID", id.text)
        text.add("MSID", specification)
        if let name { text.add("Name", name) }
        if let description { text.add("Desc", description) }
        return text.document
    }
}
