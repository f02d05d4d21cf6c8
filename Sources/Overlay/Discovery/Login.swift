internal import CryptoCore
internal import NIOCore
internal import Synchronization

/// What logging in gives a client: its groups and, in the secure profile, its credential.
public struct Membership: Sendable {
    public let user: String
    public let groups: [GroupRecord]
    public let credential: Credential?
}

/// login (4.2), plain: user name and password in clear.
public struct Login: Inquiry, ~Copyable {
    private let user: String
    private let password: Password

    public init(user: String, password: Password) {
        self.user = user
        self.password = password
    }

    public mutating func begin() -> Message {
        var request = Message(.login)
        request.append(.username, text: user)
        request.append(.password, password.bytes.withBytes { span in span.withUnsafeBytes { Array($0) } })
        return request
    }

    public consuming func finish(_ reply: Message) throws(OverlayError) -> Membership {
        let reply = try reply.accepted(.login)
        return Membership(user: user, groups: try reply.groups(), credential: nil)
    }
}

extension Broker {
    func answerLogin(
        _ request: Message, on connection: ConnectionID, at time: UnixTime
    ) throws(OverlayError) -> BrokerAnswer {
        guard policy.allowsInsecure else { throw .plainRefused }
        let user = try request.required(.username).text()
        let password = try request.required(.password).withReadableSpan { Password(copying: $0) }
        let (account, verdict) = try authenticate(user, password, at: time)
        let pushes = try state.withLock { (state) throws(OverlayError) in
            guard let peer = state.connections[connection]?.claimedPeer else { throw .disconnected("login") }
            return state.enter(
                BrokerState.Member(user: user, peer: peer, groups: account.groups, isSecure: false), on: connection)
        }
        var reply = Message(.login)
        reply.append(account.groups)
        return BrokerAnswer(
            reply: reply, pushes: pushes,
            login: LoginRecord(
                user: user, profile: "plain", suite: cryptography.suite.name, engine: "none", keyBits: 0,
                passwordHashNanoseconds: verdict.nanoseconds))
    }

    /// JXTA-Overlay's standard check of user name and password, the same for both profiles.
    ///
    /// Unknown and disabled users cost the same hash, and every refusal looks the same outside.
    func authenticate(
        _ user: String, _ password: Password, at time: UnixTime
    ) throws(OverlayError) -> (account: Account, verdict: PasswordVerdict) {
        try state.withLock { (state) throws(OverlayError) in try state.failures.check(user, at: time) }
        let phase = Phase.begin()
        let stored = try accounts { () throws(AccountError) in
            try directory.password(of: user, orElse: nobody)
        }
        phase.end("lookup")
        let verdict = try passwords.check(password, against: stored.hash)
        let lookup = Phase.begin()
        let account = try accounts { () throws(AccountError) in
            stored.isKnown && verdict.matches ? try directory.account(of: user) : nil
        }
        lookup.end("lookup")
        guard let account, !account.isDisabled else {
            state.withLock { $0.failures.record(user, at: time) }
            throw .userNotAuthentic
        }
        state.withLock { $0.failures.clear(user) }
        return (account, verdict)
    }
}

/// Groups on the wire: one element each, `LP(id) LP(name)` and whether it is open.
extension Message {
    mutating func append(_ groups: [GroupRecord]) {
        for group in groups {
            var content = ByteBuffer()
            content.writeLengthPrefixed(group.id.text.utf8)
            content.writeLengthPrefixed(group.name.utf8)
            content.writeInteger(group.isOpen ? 1 : 0 as UInt8)
            append(.group, content)
        }
    }

    func groups() throws(OverlayError) -> [GroupRecord] {
        var groups: [GroupRecord] = []
        for var content in contents(of: .group) {
            let isOpen = content.readableBytes > 0 && content.getInteger(at: content.writerIndex - 1) == UInt8(1)
            guard content.readableBytes > 0 else { throw .message(.truncated) }
            content.moveWriterIndex(to: content.writerIndex - 1)
            var fields = LengthPrefixedReader(content)
            let id = try JXTAID(fields.nextText())
            groups.append(GroupRecord(id: id, name: try fields.nextText(), isOpen: isOpen))
            try fields.end()
        }
        return groups
    }
}
