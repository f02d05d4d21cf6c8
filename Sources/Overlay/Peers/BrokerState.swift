internal import NIOCore

/// A connection to a broker, numbered by the transport.
public typealias ConnectionID = UInt64

/// What connections share at a broker.
struct BrokerState: Sendable {
    /// One logged-in user behind a connection.
    struct Member: Sendable {
        let user: String
        let peer: JXTAID
        var groups: [GroupRecord]
        /// Whether it logged in securely: then only signed advertisements are taken from it.
        let isSecure: Bool
    }

    struct Connection: Sendable {
        /// From the welcome: claimed, and checked against the key at secureLogin step 7.
        let claimedPeer: JXTAID
        var session: (identifier: [UInt8], expiry: UnixTime)?
        var member: Member?
    }

    struct Entry: Sendable {
        let connection: ConnectionID
        let advertisement: ByteBuffer
    }

    var connections: [ConnectionID: Connection] = [:]
    var roster = Roster<Entry>()
    var failures = FailureLimiter()

    /// Takes the session of a connection: whoever asks second finds none.
    mutating func takeSession(of connection: ConnectionID, at time: UnixTime) -> [UInt8]? {
        guard let session = connections[connection]?.session else { return nil }
        connections[connection]?.session = nil
        return time < session.expiry ? session.identifier : nil
    }

    func member(_ connection: ConnectionID) throws(OverlayError) -> Member {
        guard let member = connections[connection]?.member else { throw .notLoggedIn }
        return member
    }
}

/// Five failed logins per user and minute (PROTOCOL, secureLogin).
struct FailureLimiter: Sendable {
    static let limit = 5
    static let windowSeconds: UnixTime = 60
    /// Users remembered at once; beyond it those whose failures are over are dropped, then all.
    static let capacity = 4096

    private var failures: [String: [UnixTime]] = [:]

    func check(_ user: String, at time: UnixTime) throws(OverlayError) {
        let recent = failures[user, default: []].filter { time - $0 < Self.windowSeconds }
        guard recent.count < Self.limit else { throw .tooManyFailures(user: user) }
    }

    mutating func record(_ user: String, at time: UnixTime) {
        if failures.count >= Self.capacity {
            failures = failures.filter { time - ($0.value.last ?? 0) < Self.windowSeconds }
            if failures.count >= Self.capacity { failures = [:] }
        }
        failures[user] =
            failures[user, default: []].filter { time - $0 < Self.windowSeconds }.suffix(Self.limit) + [time]
    }

    mutating func clear(_ user: String) { failures[user] = nil }
}
