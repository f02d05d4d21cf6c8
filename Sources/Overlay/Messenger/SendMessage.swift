public import NIOCore

/// sendMsgPeer (4.3), plain: the payload as one element to the peer's input pipe of a group.
///
/// sendMsgPeerGroup is this for every member: ``ClientPeer/compose(_:toGroup:secure:at:)`` iterates.
public struct SendMessage: Notice, ~Copyable {
    private let payload: ByteBuffer
    private let leading: [MessageElement]

    public init(_ payload: consuming ByteBuffer, from identity: borrowing Identity) {
        self.payload = payload
        leading = identity.leadingElements
    }

    public consuming func compose() -> Message { Message(leading, .payload, payload) }
}

extension ClientPeer {
    /// Delivers a plain message, where plain is allowed at all.
    ///
    /// Mutating like its secure partner: a call that only looks would copy the whole client first.
    mutating func receivePlain(
        _ payload: ByteBuffer, from sender: JXTAID, in group: JXTAID
    ) throws(OverlayError) -> OverlayEvent {
        guard allowsPlain else { throw .plainRefused }
        _ = try contact(of: sender, in: group)
        return .message(
            InboundMessage(sender: sender, user: nil, group: group, payload: payload, isSecure: false))
    }
}
