internal import NIOCore

/// The asking half of a primitive: one request, one reply, one outcome.
public protocol Inquiry: ~Copyable, Sendable {
    associatedtype Outcome: Sendable
    mutating func begin() throws(OverlayError) -> Message
    consuming func finish(_ reply: Message) throws(OverlayError) -> Outcome
}

/// A primitive that expects no reply.
public protocol Notice: ~Copyable {
    consuming func compose() throws(OverlayError) -> Message
}

/// The primitives by their names on the wire.
enum Primitive: String, Sendable {
    case connect, login, logout
    case secureConnection, secureLogin
    case publish
    case createGroup, joinGroup, leaveGroup, listGroups
    /// Pushed by brokers, not asked for.
    case advertisement, presence
}

extension Message {
    init(_ primitive: Primitive) {
        self.init()
        append(.primitive, text: primitive.rawValue)
    }

    var primitive: Primitive? {
        guard let name = try? self[.primitive]?.text() else { return nil }
        return Primitive(rawValue: name)
    }

    /// The reply of a broker, or its refusal as an error.
    func accepted(_ expected: Primitive) throws(OverlayError) -> Message {
        if let refusal = self[.refusal] { throw .refusedByPeer(try refusal.text()) }
        guard primitive == expected else { throw .unexpectedReply((try self[.primitive]?.text()) ?? "") }
        return self
    }

    func required(_ name: ElementName) throws(OverlayError) -> ByteBuffer {
        guard let content = self[name] else { throw .missingElement(name.name) }
        return content
    }
}
