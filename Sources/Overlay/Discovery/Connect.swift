internal import NIOCore
internal import Synchronization

/// connect (4.2), plain: locates a broker and waits for the connection to open.
public struct Connect: Inquiry, ~Copyable {
    public init() {}

    public mutating func begin() -> Message { Message(.connect) }

    /// - Returns: the peer id that the broker gives itself. Nothing proves it.
    public consuming func finish(_ reply: Message) throws(OverlayError) -> JXTAID {
        try JXTAID(reply.accepted(.connect).required(.peer).text())
    }
}

extension Broker {
    func answerConnect(_ request: Message) throws(OverlayError) -> BrokerAnswer {
        guard policy.allowsInsecure else { throw .plainRefused }
        var reply = Message(.connect)
        reply.append(.peer, text: identity.peerID.text)
        return BrokerAnswer(reply: reply)
    }

    /// A connection has exchanged welcomes: its peer id is claimed, not yet proven.
    public func opened(_ connection: ConnectionID, claiming peer: JXTAID) {
        state.withLock { $0.connections[connection] = BrokerState.Connection(claimedPeer: peer) }
    }

    /// A connection has closed: its session and its place in the groups are gone.
    public func closed(_ connection: ConnectionID) -> BrokerAnswer {
        let pushes = state.withLock { state in
            let pushes = state.departure(of: connection)
            state.connections[connection] = nil
            return pushes
        }
        return BrokerAnswer(reply: nil, pushes: pushes)
    }
}
