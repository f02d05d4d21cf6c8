public import NIOCore

/// What an application built on the Client Module is told.
public enum OverlayEvent: Sendable {
    case message(InboundMessage)
    /// A member's pipe advertisement arrived and, in the secure profile, verified.
    case advertisement(peer: JXTAID, user: String?, group: JXTAID)
    case presence(PresenceAdvertisement)
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
