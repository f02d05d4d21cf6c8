internal import NIOCore
public import Overlay
internal import XMLSecurity

/// The endpoint router's element (JXSE 2.5 writes `jxta:ERM`): a reply that travels over a connection which the
/// recipient opened names its real destination here.
public struct RouterMessage: Equatable, Sendable {
    public let source: String
    public let destination: EndpointAddress
    public let lastHop: String

    public init(_ message: Message) throws(OverlayError) {
        guard let content = message[.routerMessage] else { throw .missingElement("EndpointRouterMsg") }
        let document: XMLDocument
        do throws(XMLError) { document = try XMLDocument(content.readableBytesSpan) } catch { throw .xml(error) }
        guard document.root.isNamed("ERM", in: "http://jxta.org"),
            let source = document.root.child("Src"), let destination = document.root.child("Dest")
        else { throw .missingElement("Dest") }
        self.source = source.trimmedText
        self.destination = try EndpointAddress(destination.trimmedText)
        lastHop = document.root.child("Last")?.trimmedText ?? ""
    }
}
