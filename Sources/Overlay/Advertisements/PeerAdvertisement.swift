public import XMLSecurity

/// A peer and where it listens: `jxta:PA` with a route advertisement under the endpoint service class.
public struct PeerAdvertisement: Equatable, Sendable {
    public var id: JXTAID
    public var group: JXTAID
    public var name: String?
    public var description: String?
    public var addresses: [String]

    /// The endpoint service's module class id (JXSE 2.5).
    static let endpointClass = "urn:jxta:uuid-DEADBEEFDEAFBABAFEEDBABE0000000805"

    public init(
        id: JXTAID, group: JXTAID = .netGroup, name: String? = nil, description: String? = nil, addresses: [String] = []
    ) {
        self.id = id
        self.group = group
        self.name = name
        self.description = description
        self.addresses = addresses
    }

    public init(_ root: XMLNode) throws(OverlayError) {
        guard root.isAdvertisement("PA") else { throw .advertisementInvalid("not a peer advertisement") }
        id = try JXTAID(root.required("PID"))
        guard id.kind == .peer else { throw .identifier(id.text) }
        group = try JXTAID(root.required("GID"))
        name = root.optional("Name")
        description = root.optional("Desc")
        addresses = []
        for service in root.children where service.isNamed("Svc") {
            guard service.optional("MCID") == Self.endpointClass,
                let route = service.child("Parm")?.child("RA", in: "http://jxta.org"),
                let point = route.child("Dst")?.child("APA", in: "http://jxta.org")
            else { continue }
            for child in point.children where child.isNamed("EA") { addresses.append(child.trimmedText) }
        }
    }

    public init(parsing bytes: RawSpan) throws(OverlayError) {
        try self.init(xml { () throws(XMLError) in try XMLDocument(bytes) }.root)
    }

    public var document: String {
        var text = XMLText(root: "jxta:PA")
        text.add("PID", id.text)
        text.add("GID", group.text)
        if let name { text.add("Name", name) }
        if let description { text.add("Desc", description) }
        if !addresses.isEmpty {
            let points = addresses.map { "<EA>\(XMLText.escape($0))</EA>" }.joined()
            let route =
                #"<jxta:RA xml:space="preserve"><DstPID>\#(id.text)</DstPID><Dst><jxta:APA xml:space="preserve">"#
                + points + "</jxta:APA></Dst></jxta:RA>"
            text.add("Svc", inner: "<MCID>\(Self.endpointClass)</MCID><Parm>\(route)</Parm>")
        }
        return text.document
    }
}
