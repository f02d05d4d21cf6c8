internal import Synchronization

/// logout: leaves the network; the connection stays open.
public struct Logout: Inquiry, ~Copyable {
    public init() {}

    public mutating func begin() -> Message { Message(.logout) }

    public consuming func finish(_ reply: Message) throws(OverlayError) { _ = try reply.accepted(.logout) }
}

extension Broker {
    func answerLogout(on connection: ConnectionID) throws(OverlayError) -> BrokerAnswer {
        let pushes = try state.withLock { (state) throws(OverlayError) in
            _ = try state.member(connection)
            return state.departure(of: connection)
        }
        return BrokerAnswer(reply: Message(.logout), pushes: pushes)
    }
}

extension BrokerState {
    /// Takes up a user on a connection; whoever was logged in on it leaves.
    mutating func enter(
        _ member: Member, on connection: ConnectionID
    ) -> [(connection: ConnectionID, message: Message)] {
        let pushes = departure(of: connection)
        connections[connection]?.member = member
        return pushes
    }

    /// Takes a connection's member out of every group and tells the others.
    mutating func departure(of connection: ConnectionID) -> [(connection: ConnectionID, message: Message)] {
        guard let member = connections[connection]?.member else { return [] }
        connections[connection]?.member = nil
        connections[connection]?.session = nil
        var pushes: [(connection: ConnectionID, message: Message)] = []
        for group in roster.groups(of: member.peer) {
            // The user may be logged in elsewhere by now: that place is not this connection's to give up.
            guard roster[group, member.peer]?.connection == connection else { continue }
            roster.remove(member.peer, from: group)
            pushes += presence(of: member, in: group, .offline)
        }
        return pushes
    }

    /// A presence push for every other member of a group.
    func presence(
        of member: Member, in group: JXTAID, _ status: PresenceAdvertisement.Status
    ) -> [(connection: ConnectionID, message: Message)] {
        let document = PresenceAdvertisement(peer: member.peer, user: member.user, group: group, status: status)
            .document
        var message = Message(.presence)
        message.append(.presence, text: document)
        return roster.members(of: group).filter { $0.peer != member.peer }.map { ($0.entry.connection, message) }
    }
}
