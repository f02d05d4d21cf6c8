/// A namespace and a name. One reference: every element carries one, and is moved about.
public struct ElementName: Sendable {
    private final class Text: Sendable {
        let namespace: String
        let name: String
        /// FNV-1a of the name's bytes: different names have different ones, nearly always.
        let mark: UInt64

        init(_ namespace: String, _ name: String) {
            self.namespace = namespace
            self.name = name
            mark = ElementName.mark(of: name.utf8)
        }
    }

    private let text: Text

    public init(_ namespace: String, _ name: String) { text = Text(namespace, name) }

    public var namespace: String { text.namespace }
    public var name: String { text.name }

    private static func mark(of name: some Sequence<UInt8>) -> UInt64 {
        name.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}

extension ElementName: Equatable {
    public static func == (a: ElementName, b: ElementName) -> Bool {
        if a.text === b.text { return true }
        return a.text.mark == b.text.mark && a.name == b.name && a.namespace == b.namespace
    }
}

/// The elements that the binding and the overlay use.
extension ElementName {
    public static let sourceAddress = ElementName("jxta", "EndpointSourceAddress")
    public static let destinationAddress = ElementName("jxta", "EndpointDestinationAddress")
    public static let routerMessage = ElementName("jxta", "EndpointRouterMsg")

    static func overlay(_ name: String) -> ElementName { ElementName("overlay", name) }
    /// Which primitive a request or reply belongs to.
    public static let primitive = overlay("primitive")
    /// Pairs a reply with its request: eight bytes, chosen by the asking side.
    public static let request = overlay("request")
    public static let refusal = overlay("refusal")
    public static let challenge = overlay("challenge")
    public static let session = overlay("session")
    public static let signature = overlay("signature")
    public static let credential = overlay("credential")
    public static let envelope = overlay("envelope")
    public static let username = overlay("username")
    public static let password = overlay("password")
    public static let group = overlay("group")
    public static let peer = overlay("peer")
    public static let advertisement = overlay("advertisement")
    public static let presence = overlay("presence")
    public static let sender = overlay("sender")
    public static let payload = overlay("payload")
    public static let sealed = overlay("sealed")

    private static let known = [
        sourceAddress, destinationAddress, routerMessage, primitive, request, refusal, challenge, session, signature,
        credential, envelope, username, password, group, peer, advertisement, presence, sender, payload, sealed,
    ]

    /// One of those above that may have this name: what arrives need not be allocated anew.
    static func candidate(for name: some Sequence<UInt8>) -> ElementName? {
        let mark = mark(of: name)
        return known.first { $0.text.mark == mark }
    }
}
