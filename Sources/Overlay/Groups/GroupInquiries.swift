internal import NIOCore
internal import Synchronization

/// createGroup: a new group that users may join; its creator is its first member.
public struct CreateGroup: Inquiry, ~Copyable {
    private let name: String
    public init(_ name: String) { self.name = name }
    public mutating func begin() -> Message { .request(.createGroup, group: name) }
    public consuming func finish(_ reply: Message) throws(OverlayError) -> GroupRecord {
        try reply.accepted(.createGroup).group()
    }
}

/// joinGroup: membership of an open group.
public struct JoinGroup: Inquiry, ~Copyable {
    private let name: String
    public init(_ name: String) { self.name = name }
    public mutating func begin() -> Message { .request(.joinGroup, group: name) }
    public consuming func finish(_ reply: Message) throws(OverlayError) -> GroupRecord {
        try reply.accepted(.joinGroup).group()
    }
}

/// leaveGroup: gives a membership up.
public struct LeaveGroup: Inquiry, ~Copyable {
    private let name: String
    public init(_ name: String) { self.name = name }
    public mutating func begin() -> Message { .request(.leaveGroup, group: name) }
    public consuming func finish(_ reply: Message) throws(OverlayError) -> GroupRecord {
        try reply.accepted(.leaveGroup).group()
    }
}

/// listGroups: every group that there is.
public struct ListGroups: Inquiry, ~Copyable {
    public init() {}
    public mutating func begin() -> Message { Message(.listGroups) }
    public consuming func finish(_ reply: Message) throws(OverlayError) -> [GroupRecord] {
        try reply.accepted(.listGroups).groups()
    }
}

extension Broker {
    func answerCreateGroup(_ request: Message, on connection: ConnectionID) throws(OverlayError) -> BrokerAnswer {
        let name = try request.groupName()
        return try change(.createGroup, on: connection) { (member, directory) throws(AccountError) in
            try directory.createGroup(named: name, by: member.user)
        }
    }

    func answerJoinGroup(_ request: Message, on connection: ConnectionID) throws(OverlayError) -> BrokerAnswer {
        let name = try request.groupName()
        return try change(.joinGroup, on: connection) { (member, directory) throws(AccountError) in
            try directory.join(member.user, group: name)
        }
    }

    func answerLeaveGroup(_ request: Message, on connection: ConnectionID) throws(OverlayError) -> BrokerAnswer {
        let name = try request.groupName()
        return try change(.leaveGroup, on: connection) { (member, directory) throws(AccountError) in
            try directory.leave(member.user, group: name)
        }
    }

    func answerListGroups(on connection: ConnectionID) throws(OverlayError) -> BrokerAnswer {
        _ = try state.withLock { (state) throws(OverlayError) in try state.member(connection) }
        var reply = Message(.listGroups)
        reply.append(try accounts { () throws(AccountError) in try directory.groups() })
        return BrokerAnswer(reply: reply)
    }

    /// Changes the database first, then what the connection may do.
    private func change(
        _ primitive: Primitive, on connection: ConnectionID,
        _ body: (BrokerState.Member, any AccountDirectory) throws(AccountError) -> GroupRecord
    ) throws(OverlayError) -> BrokerAnswer {
        let member = try state.withLock { (state) throws(OverlayError) in try state.member(connection) }
        let group = try accounts { () throws(AccountError) in try body(member, directory) }
        let pushes = state.withLock { state -> [(connection: ConnectionID, message: Message)] in
            state.connections[connection]?.member?.groups.removeAll { $0.id == group.id }
            guard primitive == .leaveGroup else {
                state.connections[connection]?.member?.groups.append(group)
                return []
            }
            // Nobody is told of the leaving of one who was not there.
            guard state.roster.remove(member.peer, from: group.id) != nil else { return [] }
            return state.presence(of: member, in: group.id, .offline)
        }
        var reply = Message(primitive)
        reply.append([group])
        return BrokerAnswer(reply: reply, pushes: pushes)
    }
}

extension Message {
    /// Longest group name: that of a certificate's names.
    private static var longestName: Int { 64 }

    fileprivate static func request(_ primitive: Primitive, group name: String) -> Message {
        var request = Message(primitive)
        request.append(.group, text: name)
        return request
    }

    fileprivate func groupName() throws(OverlayError) -> String {
        let name = try required(.group).text()
        guard (1...Self.longestName).contains(name.unicodeScalars.count) else {
            throw .tooLarge(what: "group name", limit: Self.longestName, actual: name.unicodeScalars.count)
        }
        return name
    }

    fileprivate func group() throws(OverlayError) -> GroupRecord {
        guard let group = try groups().first else { throw .missingElement("group") }
        return group
    }
}
