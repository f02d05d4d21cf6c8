internal import CryptoCore
public import NIOCore

/// A message ready to go: to whom, where, and what.
public struct OutgoingMessage: Sendable {
    public let peer: JXTAID
    public let pipe: JXTAID
    public let group: JXTAID
    /// Where the recipient listens, from its advertisement.
    public let addresses: [String]
    public var message: Message

    public init(peer: JXTAID, pipe: JXTAID, group: JXTAID, addresses: [String], message: Message) {
        self.peer = peer
        self.pipe = pipe
        self.group = group
        self.addresses = addresses
        self.message = message
    }
}

extension ClientPeer {
    /// sendMsgPeer or secureMsgPeer: composes the message to one member of a group.
    public mutating func compose(
        _ payload: consuming ByteBuffer, to peer: JXTAID, in group: JXTAID, secure: Bool, at time: UnixTime
    ) throws(OverlayError) -> OutgoingMessage {
        let contact = try contact(of: peer, in: group)
        guard secure else {
            guard allowsPlain else { throw .plainRefused }
            return outgoing(SendMessage(payload, from: identity).compose(), to: contact, peer, group)
        }
        try checkCredential(at: time)
        // Steps 1 to 3.
        let recipient = try verifiedAdvertisement(of: peer, in: group, at: time)
        let prefix = cryptography.messages.layout.prefixBytes(recipientModulusBytes: recipient.key.modulusBytes)
        let (count, source) = (payload.readableBytes, payload.address)
        let message = try SecureMessage(
            payload, to: recipient, from: identity, with: cryptography.messages
        ).compose()
        // Sealed where it lay, or moved because the buffer was shared or lacked room: the address tells.
        if message[.sealed].map({ $0.address + prefix }) != source { copies.sending += count }
        return outgoing(message, to: contact, peer, group)
    }

    /// sendMsgPeerGroup or secureMsgPeerGroup: every other member of a group, one message each.
    ///
    /// It iterates as the paper says; S(m) is the same for every member and made once.
    public mutating func compose(
        _ payload: ByteBuffer, toGroup group: JXTAID, secure: Bool, at time: UnixTime
    ) throws(OverlayError) -> [OutgoingMessage] {
        let members = roster.members(of: group).filter { $0.peer != identity.peerID }
        guard !members.isEmpty else { return [] }
        guard secure else {
            return try members.map { (member) throws(OverlayError) in
                try compose(payload, to: member.peer, in: group, secure: false, at: time)
            }
        }
        try checkCredential(at: time)
        let (sender, protection) = (identity, cryptography.messages)
        let signature = try SecureMessage.sign(payload, as: sender, with: protection)
        let recipients = try members.map { (member) throws(OverlayError) in
            try verifiedAdvertisement(of: member.peer, in: group, at: time)
        }
        copies.sending += members.count * payload.readableBytes
        let messages = try mapped(recipients, on: protection.threads) { (recipient) throws(OverlayError) in
            // Each member's envelope needs memory of its own: the one copy per member that a group costs.
            var own = PayloadBuffer.make(capacity: payload.readableBytes)
            own.writeImmutableBuffer(payload)
            return try SecureMessage(own, to: recipient, from: sender, with: protection, signature: signature)
                .compose()
        }
        return zip(members, messages).map { member, message in
            outgoing(message, to: member.entry, member.peer, group)
        }
    }

    /// Whether others still accept the own credential: what it vouched for would go out and be refused by everybody.
    /// - Throws: `.credentialEnded`, or `.notLoggedIn` where there is none.
    public func checkCredential(at time: UnixTime) throws(OverlayError) {
        guard let credential = identity.credential else { throw .notLoggedIn }
        do throws(OverlayError) { try trust.checkAgain(credential, at: time) } catch {
            guard case .crypto(.certificate(let defect)) = error else { throw error }
            throw .credentialEnded(defect)
        }
    }

    /// Steps 1 to 3, and 6: the member's advertisement, verified; usually a look-up by its bytes.
    mutating func verifiedAdvertisement(
        of peer: JXTAID, in group: JXTAID, at time: UnixTime
    ) throws(OverlayError) -> VerifiedAdvertisement {
        let verified = try verifier.verify(contact(of: peer, in: group).document, at: time)
        guard verified.peer == peer, verified.group == group else { throw .senderMismatch }
        return verified
    }

    private func outgoing(_ message: consuming Message, to contact: Contact, _ peer: JXTAID, _ group: JXTAID)
        -> OutgoingMessage
    {
        OutgoingMessage(
            peer: peer, pipe: contact.advertisement.id, group: group, addresses: contact.advertisement.addresses,
            message: message)
    }
}
