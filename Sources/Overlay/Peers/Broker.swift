internal import CryptoCore
internal import Synchronization

/// The Broker Module: grants access, issues credentials, keeps the index of members, pushes their advertisements.
///
/// One value serves every connection from any thread: the password hash and RSA run on workers, and what connections
/// share (sessions, roster, failed attempts) is one small table under a lock that is never held across either.
public final class Broker: Sendable {
    public let identity: Identity
    public let cryptography: Cryptography
    public let policy: BrokerPolicy
    let trust: TrustAnchor
    let directory: any AccountDirectory
    let passwords: any PasswordChecking
    /// What unknown users are checked against.
    let nobody: PasswordHash
    let state: Mutex<BrokerState>
    let verifier: Mutex<AdvertisementVerifier>
    /// The broker's own pipe advertisement, signed once where it has a credential.
    let advertisement: [UInt8]

    /// - Throws: `.insecureSuite`, or what is wrong with the credential, before anything is served.
    public init(
        identity: Identity, trust: TrustAnchor, directory: any AccountDirectory, cryptography: Cryptography,
        policy: BrokerPolicy, addresses: [String], passwords: any PasswordChecking = PasswordCheck(),
        at time: UnixTime
    ) throws(OverlayError) {
        guard cryptography.suite.isSecure || policy.allowsInsecure else {
            throw .insecureSuite(cryptography.suite.name)
        }
        guard let credential = identity.credential, credential.role == .broker else {
            throw .crypto(.certificate(.wrongRole))
        }
        _ = try trust.verify(credential.chain, suite: cryptography.suite, at: time)
        self.identity = identity
        self.trust = trust
        self.directory = directory
        self.cryptography = cryptography
        self.policy = policy
        self.passwords = passwords
        nobody = PasswordHash.dummy(cost: policy.passwordCost)
        state = Mutex(BrokerState())
        verifier = Mutex(AdvertisementVerifier(trust: trust, cryptography: cryptography))
        advertisement = try AdvertisementVerifier.sign(
            PipeAdvertisement(
                id: identity.peerID.pipe(in: .netGroup), name: credential.holder, peer: identity.peerID,
                addresses: addresses), as: identity)
    }

    /// Answers one request. Requests of one connection come one at a time.
    public func answer(_ request: Message, on connection: ConnectionID, at time: UnixTime) -> BrokerAnswer {
        guard let primitive = request.primitive else {
            return refuse(nil, request, .missingElement("primitive"))
        }
        do throws(OverlayError) {
            var answer = try perform(primitive, request, on: connection, at: time)
            answer.reply?.correlate(with: request)
            return answer
        } catch {
            return refuse(primitive, request, error)
        }
    }

    private func perform(
        _ primitive: Primitive, _ request: Message, on connection: ConnectionID, at time: UnixTime
    ) throws(OverlayError) -> BrokerAnswer {
        switch primitive {
        case .connect: try answerConnect(request)
        case .login: try answerLogin(request, on: connection, at: time)
        case .secureConnection: try answerSecureConnection(request, on: connection, at: time)
        case .secureLogin: try answerSecureLogin(request, on: connection, at: time)
        case .logout: try answerLogout(on: connection)
        case .publish: try answerPublish(request, on: connection, at: time)
        case .createGroup: try answerCreateGroup(request, on: connection)
        case .joinGroup: try answerJoinGroup(request, on: connection)
        case .leaveGroup: try answerLeaveGroup(request, on: connection)
        case .listGroups: try answerListGroups(on: connection)
        case .advertisement, .presence: throw .unexpectedReply(primitive.rawValue)
        }
    }

    /// One shape for every reason: the peer learns that it was refused, the log learns why.
    private func refuse(_ primitive: Primitive?, _ request: Message, _ reason: OverlayError) -> BrokerAnswer {
        var reply = primitive.map { Message($0) } ?? Message()
        reply.append(.refusal, text: "refused")
        reply.correlate(with: request)
        return BrokerAnswer(reply: reply, refusal: reason)
    }

    /// Whether a request runs RSA or the password hash, or waits for the database, and so belongs on a worker.
    public static func isCostly(_ request: Message) -> Bool {
        switch request.primitive {
        case .login, .secureConnection, .secureLogin, .publish, .createGroup, .joinGroup, .leaveGroup, .listGroups: true
        case .connect, .logout, .advertisement, .presence, nil: false
        }
    }
}

/// What a broker lets pass.
public struct BrokerPolicy: Sendable {
    /// Plain primitives and suite rsa1024: inside a benchmark, or with `--insecure-plain`.
    public var allowsInsecure: Bool
    /// Default lifetime of a client's credential: 24 hours at most.
    public var credentialSeconds: UnixTime
    /// How long a sid is stored.
    public var sessionSeconds: UnixTime
    /// Scrypt cost of the dummy hash for unknown users: that of the accounts.
    public var passwordCost: Int

    public init(
        allowsInsecure: Bool = false, credentialSeconds: UnixTime = 24 * 3600, sessionSeconds: UnixTime = 60,
        passwordCost: Int = PasswordHash.standardCost
    ) {
        precondition((1...(24 * 3600)).contains(credentialSeconds))
        self.allowsInsecure = allowsInsecure
        self.credentialSeconds = credentialSeconds
        self.sessionSeconds = sessionSeconds
        self.passwordCost = passwordCost
    }
}

/// What a broker says to one request, and to others because of it.
public struct BrokerAnswer: Sendable {
    public var reply: Message?
    public var pushes: [(connection: ConnectionID, message: Message)]
    /// For the log, when the request was refused.
    public var refusal: OverlayError?
    /// For whoever measures: what was done for this login.
    public var login: LoginRecord?

    init(
        reply: Message?, pushes: [(connection: ConnectionID, message: Message)] = [], refusal: OverlayError? = nil,
        login: LoginRecord? = nil
    ) {
        self.reply = reply
        self.pushes = pushes
        self.refusal = refusal
        self.login = login
    }
}

extension BrokerAnswer {
    /// The refusal of a request that found the queue of workers full.
    public static func busy(_ request: Message) -> BrokerAnswer {
        var reply = request.primitive.map { Message($0) } ?? Message()
        reply.append(.refusal, text: "busy")
        reply.correlate(with: request)
        return BrokerAnswer(reply: reply, refusal: .busy)
    }
}

/// The broker's own record of a successful login.
public struct LoginRecord: Sendable {
    public let user: String
    public let profile: String
    public let suite: String
    public let engine: String
    public let keyBits: Int
    /// H, where the password check was timed.
    public let passwordHashNanoseconds: UInt64?
}

extension Message {
    /// Copies the request's number, so that the asking side can pair the two.
    mutating func correlate(with request: Message) {
        if let number = request[.request] { append(.request, number) }
    }
}
