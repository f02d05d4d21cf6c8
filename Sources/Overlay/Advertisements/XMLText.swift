internal import XMLSecurity

/// XML as JXSE 2.5 prints it: `xml:space="preserve"`, children on one line, `<` and `&` escaped in text.
struct XMLText {
    private(set) var text: String
    private let root: String

    init(root: String) {
        self.root = root
        text = #"<\#(root) xml:space="preserve" xmlns:jxta="http://jxta.org">"# + "\n"
    }

    mutating func add(_ name: String, _ value: String) { text += "<\(name)>\(Self.escape(value))</\(name)>" }

    mutating func add(_ name: String, inner: String) { text += "<\(name)>\(inner)</\(name)>" }

    /// The document element, closed.
    var element: String { text + "</\(root)>" }

    /// With prolog and DOCTYPE, which JXTA readers expect.
    var document: String { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE \(root)>\n\(element)\n" }

    static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;"
            case "&": escaped += "&amp;"
            case "\r": escaped += "&#xD;"
            // `]]>` may not stand in text.
            case ">": escaped += "&gt;"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}

extension XMLNode {
    /// The trimmed text of a child that must be there.
    func required(_ name: StaticString) throws(OverlayError) -> String {
        guard let child = child(name) else { throw .missingElement("\(name)") }
        return child.trimmedText
    }

    func optional(_ name: StaticString) -> String? { child(name)?.trimmedText }

    /// Whether this is an advertisement of this type: by name, or under any name with a `type` attribute.
    func isAdvertisement(_ localName: StaticString) -> Bool {
        isNamed(localName, in: "http://jxta.org") || attribute("type") == "jxta:\(localName)"
    }
}
