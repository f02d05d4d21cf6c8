internal import NIOCore
internal import Synchronization

/// Publishes the client's own pipe advertisement for a group; the broker pushes it to the members.
public struct Publish: Inquiry, ~Copyable {
    private let document: [UInt8]

    /// - Parameter document: signed in the secure profile, plain otherwise.
    public init(_ document: [UInt8]) { self.document = document }

    public mutating func begin() -> Message {
        var request = Message(.publish)
        request.append(.advertisement, ByteBuffer(bytes: document), type: MessageElement.xmlType)
        return request
    }

    public consuming func finish(_ reply: Message) throws(OverlayError) { _ = try reply.accepted(.publish) }
}

extension Broker {
    func answerPublish(
        _ request: Message, on connection: ConnectionID, at time: UnixTime
    ) throws(OverlayError) -> BrokerAnswer {
        let document = try request.required(.advertisement)
        let member = try state.withLock { (state) throws(OverlayError) in try state.member(connection) }
        let advertisement = try check(document, of: member, at: time)
        let group = advertisement.group ?? .netGroup
        guard member.groups.contains(where: { $0.id == group }) else { throw .notMember(group: group.text) }
        let pushes = state.withLock { state in
            let entry = BrokerState.Entry(connection: connection, advertisement: document)
            let isNew = state.roster[group, member.peer] == nil
            state.roster.insert(entry, for: member.peer, in: group)
            var pushes = self.introductions(of: member.peer, entry: entry, in: group, isNew: isNew, state)
            if isNew { pushes += state.presence(of: member, in: group, .online) }
            return pushes
        }
        return BrokerAnswer(reply: Message(.publish), pushes: pushes)
    }

    /// The advertisement must be the member's own: by signature and credential, or, in plain, by its ids at least.
    private func check(
        _ document: ByteBuffer, of member: BrokerState.Member, at time: UnixTime
    ) throws(OverlayError) -> PipeAdvertisement {
        guard member.isSecure else {
            let advertisement = try document.withReadableSpan { (span) throws(OverlayError) in
                try PipeAdvertisement(parsing: span)
            }
            guard advertisement.id == member.peer.pipe(in: advertisement.group ?? .netGroup) else {
                throw .identifierMismatch(claimed: advertisement.id.text, derived: member.peer.text)
            }
            return advertisement
        }
        let verified = try verifier.withLock { (verifier) throws(OverlayError) in
            try document.withReadableSpan { (span) throws(OverlayError) in try verifier.verify(span, at: time) }
        }
        guard verified.peer == member.peer, verified.user == member.user else { throw .senderMismatch }
        return verified.advertisement
    }

    /// The newcomer goes to the members; they, and the broker itself, go to a newcomer.
    private func introductions(
        of peer: JXTAID, entry: BrokerState.Entry, in group: JXTAID, isNew: Bool, _ state: BrokerState
    ) -> [(connection: ConnectionID, message: Message)] {
        var pushes: [(connection: ConnectionID, message: Message)] = []
        if isNew { pushes.append((entry.connection, .push(ByteBuffer(bytes: advertisement)))) }
        let own = Message.push(entry.advertisement)
        for member in state.roster.members(of: group) where member.peer != peer {
            pushes.append((member.entry.connection, own))
            if isNew { pushes.append((entry.connection, .push(member.entry.advertisement))) }
        }
        return pushes
    }
}

extension Message {
    fileprivate static func push(_ document: ByteBuffer) -> Message {
        var message = Message(.advertisement)
        message.append(.advertisement, document, type: MessageElement.xmlType)
        return message
    }
}
