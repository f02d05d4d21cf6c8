public import XMLSecurity

/// Where a peer's messages go: `jxta:PipeAdvertisement`, with the holder and its address added.
public struct PipeAdvertisement: Equatable, Sendable {
    public enum PipeType: String, Sendable {
        case unicast = "JxtaUnicast"
        case unicastSecure = "JxtaUnicastSecure"
        case propagate = "JxtaPropagate"
    }

    public var id: JXTAID
    public var type: PipeType
    public var name: String?
    public var description: String?
    /// The holder, the group and where it listens: what JXTA would look up through route advertisements. JXSE
    /// passes over elements that it does not know.
    public var peer: JXTAID?
    public var group: JXTAID?
    public var addresses: [String]

    public init(
        id: JXTAID, type: PipeType = .unicast, name: String? = nil, description: String? = nil, peer: JXTAID? = nil,
        group: JXTAID? = nil, addresses: [String] = []
    ) {
        self.id = id
        self.type = type
        self.name = name
        self.description = description
        self.peer = peer
        self.group = group
        self.addresses = addresses
    }

    public init(_ root: XMLNode) throws(OverlayError) {
        guard root.isAdvertisement("PipeAdvertisement") else { throw .advertisementInvalid("not a pipe advertisement") }
        id = try JXTAID(root.required("Id"))
        guard id.kind == .pipe else { throw .identifier(id.text) }
        let typeName = root.optional("Type") ?? PipeType.unicast.rawValue
        guard let type = PipeType(rawValue: typeName) else { throw .advertisementInvalid("pipe type \(typeName)") }
        self.type = type
        name = root.optional("Name")
        description = root.optional("Desc")
        peer = nil
        group = nil
        addresses = []
        for child in root.children {
            if child.isNamed("PID") { peer = try JXTAID(child.trimmedText) }
            if child.isNamed("GID") { group = try JXTAID(child.trimmedText) }
            if child.isNamed("EA"), addresses.count < 8 { addresses.append(child.trimmedText) }
        }
    }

    public init(parsing bytes: RawSpan) throws(OverlayError) {
        try self.init(xml { () throws(XMLError) in try XMLDocument(bytes) }.root)
    }

    public var document: String { fields.document }
    /// The document element alone, to be signed.
    var element: String { fields.element }

    private var fields: XMLText {
        var text = XMLText(root: "jxta:PipeAdvertisement")
        text.add("Id", id.text)
        text.add("Type", type.rawValue)
        if let name { text.add("Name", name) }
        if let description { text.add("Desc", description) }
        if let peer { text.add("PID", peer.text) }
        if let group { text.add("GID", group.text) }
        for address in addresses { text.add("EA", address) }
        return text
    }
}
