/// `tcp://host:port[/service[/parameter]]` (JXTA v2.0 specification §4.4.2.1), with group redirection.
public struct EndpointAddress: Hashable, Sendable, CustomStringConvertible {
    /// `tcp://host:port`, or `jxta://<peer unique value>` for the router.
    public let transport: String
    public let service: String?
    public let parameter: String?
    /// The pipe id that a message is for, with or without group redirection.
    public let pipe: String?

    public init(transport: String, service: String? = nil, parameter: String? = nil) {
        self.transport = transport
        self.service = service
        self.parameter = parameter
        let prefix = "PipeService/"
        if service == "PipeService" {
            pipe = parameter
        } else {
            pipe = parameter.flatMap { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
        }
    }

    /// An input pipe of a group, as a message for a group's service travels over its parent's transport.
    public init(transport: String, pipe: JXTAID, group: JXTAID) {
        self.init(
            transport: transport, service: "EndpointService:" + group.uniqueValue,
            parameter: "PipeService/" + pipe.text)
    }

    public init(_ text: String) throws(OverlayError) {
        guard text.utf8.count <= 1024, let scheme = text.range(of: "://") else { throw .identifier(text) }
        let rest = text[scheme.upperBound...]
        guard let slash = rest.firstIndex(of: "/") else {
            self.init(transport: text)
            return
        }
        let path = rest[rest.index(after: slash)...]
        let second = path.firstIndex(of: "/")
        self.init(
            transport: String(text[..<slash]), service: String(second.map { path[..<$0] } ?? path),
            parameter: second.map { String(path[path.index(after: $0)...]) })
    }

    public var description: String {
        transport + (service.map { "/" + $0 } ?? "") + (parameter.map { "/" + $0 } ?? "")
    }

    /// Whether this addresses the endpoint router, in either form.
    public var isRouter: Bool { service == "EndpointRouter" || parameter == "EndpointRouter" }
}

extension String {
    /// The first place of a short text; the standard library's own search would need Foundation.
    fileprivate func range(of text: String) -> Range<Index>? {
        var start = startIndex
        while start < endIndex {
            if self[start...].hasPrefix(text) { return start..<index(start, offsetBy: text.count) }
            start = index(after: start)
        }
        return nil
    }
}
