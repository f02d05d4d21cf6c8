public import NIOCore

/// What an application built on the Client Module is told.
public enum OverlayEvent: Sendable {
    case message(InboundMessage)
    /// A member's pipe advertisement arrived and, in the secure profile, verified.
    case advertisement(peer: JXTAID, user: String?, group: JXTAID)
    case presence(PresenceAdvertisement)
}

extension OverlayEvent {
    /// The same event with a payload of its own, to be kept as long as one likes.
    public var detached: OverlayEvent {
        guard case .message(let message) = self else { return self }
        return .message(
            InboundMessage(
                sender: message.sender, user: message.user, group: message.group,
                payload: ByteBuffer(bytes: message.payload.readableBytesView), isSecure: message.isSecure))
    }
}

/// A message as it reaches the application.
public struct InboundMessage: Sendable {
    public let sender: JXTAID
    /// The user behind the sender: from the verified credential, or nil for a plain message.
    public let user: String?
    public let group: JXTAID
    /// A slice of a reused buffer: whoever keeps it makes the next message use fresh memory.
    public let payload: ByteBuffer
    public let isSecure: Bool
}
