internal import XMLSecurity

/// Whether a member of a group is there. Sent by the broker, which knows from the connection.
public struct PresenceAdvertisement: Equatable, Sendable {
    public enum Status: String, Sendable {
        case online, offline
    }

    public var peer: JXTAID
    public var user: String
    public var group: JXTAID
    public var status: Status

    public init(peer: JXTAID, user: String, group: JXTAID, status: Status) {
        self.peer = peer
        self.user = user
        self.group = group
        self.status = status
    }

    public init(parsing bytes: RawSpan) throws(OverlayError) {
        let root = try xml { () throws(XMLError) in try XMLDocument(bytes) }.root
        guard root.isAdvertisement("Presence") else { throw .advertisementInvalid("not a presence advertisement") }
        peer = try JXTAID(root.required("PID"))
        group = try JXTAID(root.required("GID"))
        user = try root.required("User")
        guard let status = Status(rawValue: try root.required("Status")) else {
            throw .advertisementInvalid("presence status")
        }
        self.status = status
    }

    public var document: String {
        var text = XMLText(root: "jxta:Presence")
        text.add("PID", peer.text)
        text.add("GID", group.text)
        text.add("User", user)
        text.add("Status", status.rawValue)
        return text.document
    }
}
