/// What a run tells its peer processes, one JSON object per line.
struct PeerCommand: Codable, Sendable {
    enum Operation: String, Codable, Sendable {
        case configure, pin, crowd, rush, join, settle, await, payload, mode, exchange, openLoop, tamper, group,
            referenceServe, reference, counters, quit
    }

    var operation: Operation
    var configuration: PeerConfiguration?
    var arm: String?
    var count: Int?
    /// Sent before the counted ones and not recorded: caches and branch predictors of a block that was away.
    var warmUps: Int?
    var bytes: Int?
    var replyBytes: Int?
    var seed: UInt64?
    /// Spent busily before each message of an exchange.
    var pauseNanoseconds: UInt64?
    /// Between the intended starts of an open loop.
    var intervalNanoseconds: UInt64?
    var port: Int?
    var cores: [Int]?
    var address: String?
    var file: String?

    init(_ operation: Operation) { self.operation = operation }
}

struct PeerConfiguration: Codable, Sendable {
    var suite: String
    var engine: String
    var administratorFile: String
    var broker: String
    /// Users of this process: the first sends and receives, all are members of the group.
    var users: [String]
    var password: String
    var group: String
}

/// What they answer.
struct PeerReply: Codable, Sendable {
    /// Why the command failed; the run stops with it.
    var error: String?
    var joins: [JoinSample]?
    var exchanges: [ExchangeSample]?
    /// Of those, sent before the counted ones.
    var warmUps: [ExchangeSample]?
    var openSamples: [OpenSample]?
    var nanoseconds: [UInt64]?
    var values: [String: Int]?
    var text: String?

    init() {}
}

struct JoinSample: Codable, Sendable {
    var connect: UInt64
    var login: UInt64
    /// Until the own advertisement is accepted; 0 where it was not published.
    var ready: UInt64
    var privateOperations: Int
    var publicOperations: Int
    var roundTrips: Int

    var total: UInt64 { connect + login }
}

struct ExchangeSample: Codable, Sendable {
    /// From the call of the primitive to the event at the receiver, one way, on one clock.
    var oneWay: UInt64
    /// Until the 16 bytes back.
    var roundTrip: UInt64
    /// Inside the same message.
    var seal: UInt64
    var open: UInt64
}

struct OpenSample: Codable, Sendable {
    /// From the intended start to the event at the receiver.
    var latency: UInt64
    /// From the intended start to the actual one.
    var lateness: UInt64
}
