internal import Accounts
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
public import Overlay
internal import Synchronization
internal import Transport

/// The processes of a run: a real broker and real client peers on loopback TCP, with an embedded database, in a
/// folder that disappears with them.
final class Fleet {
    static let password = "correct horse battery staple"
    static let group = "bench"
    static let crowdGroup = "sixteen"
    static func idleUser(_ index: Int) -> String { "idle\(index)" }
    static func rushUser(_ index: Int) -> String { "rush\(index)" }
    static let crowd = (1...16).map { "member\($0)" }

    let folder: URL
    private let options: RunOptions
    let brokerAddress: String
    let broker: ChildProcess
    private(set) var sender: ChildProcess
    private(set) var receiver: ChildProcess
    /// How often the two peers have been started anew.
    private(set) var generation = 0
    private let engine: String
    private var delayLines: [DelayLine] = []
    /// Where the receiver's messages go: its listener, or a delayed line to it.
    private var receiverAddress: String?
    private var senderAddress: String?
    /// Whether both peers have joined and know each other.
    private(set) var isSettled = false
    private var isOnOneCore: Bool?

    init(_ options: RunOptions, engines: EngineTable) throws {
        self.options = options
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("juxtapose-run-\(UUID().uuidString)")
        try Self.deploy(in: folder, suite: options.suite, engines: engines, idleClients: options.plan.idleClients)
        engine = engines.name
        let started = try Self.startBroker(
            in: folder, options, engine: engine,
            ["--record", folder.appendingPathComponent("logins.jsonl").path])
        broker = started.process
        brokerAddress = try Self.delayed(started.address, options.link, &delayLines)
        idleConfiguration = PeerConfiguration(
            suite: options.suite.name, engine: engine,
            administratorFile: folder.appendingPathComponent("admin/administrator.pem").path, broker: brokerAddress,
            users: [], password: Self.password, group: Self.group)
        sender = try ChildProcess("sender", ["bench-peer"])
        receiver = try ChildProcess("receiver", ["bench-peer"])
        try configurePeers()
    }

    /// New processes for sender and receiver, in the state that the last ones were in.
    func renewPeers() throws {
        for process in [sender, receiver] { process.stop() }
        sender = try ChildProcess("sender", ["bench-peer"])
        receiver = try ChildProcess("receiver", ["bench-peer"])
        generation += 1
        try configurePeers()
        if isSettled { try settle() }
        if let isOnOneCore { try place(onOneCore: isOnOneCore) }
    }

    private func configurePeers() throws {
        let senderListens = try Self.configure(sender, ["ada"], Self.group, options, engine, folder, brokerAddress)
        let receiverListens = try Self.configure(receiver, ["bob"], Self.group, options, engine, folder, brokerAddress)
        senderAddress = options.link == nil ? nil : try Self.delayed(senderListens, options.link, &delayLines)
        receiverAddress = options.link == nil ? nil : try Self.delayed(receiverListens, options.link, &delayLines)
    }

    /// How idle clients reach the broker.
    let idleConfiguration: PeerConfiguration

    func stop() {
        for process in [sender, receiver, broker] { process.stop() }
        let lines = delayLines
        if !lines.isEmpty { try? waitFor { for line in lines { await line.stop() } } }
        try? FileManager.default.removeItem(at: folder)
    }

    /// Sender on one core, receiver on the other; or both on one.
    func place(onOneCore: Bool) throws {
        guard Placement.coreCount > 1 else { return }
        isOnOneCore = onOneCore
        for (process, core) in [(sender, 0), (receiver, onOneCore ? 0 : 1)] {
            var command = PeerCommand(.pin)
            command.cores = [core]
            try process.ask(command)
        }
    }

    /// Both peers joined, published and known to each other.
    func settle() throws {
        isSettled = true
        for (process, address) in [(receiver, receiverAddress), (sender, senderAddress)] {
            var command = PeerCommand(.settle)
            command.address = address
            try process.ask(command)
        }
        for process in [sender, receiver] {
            var command = PeerCommand(.await)
            command.count = 1
            try process.ask(command)
        }
    }

    func counters(of process: ChildProcess) throws -> [String: Int] {
        try process.ask(PeerCommand(.counters)).values ?? [:]
    }

    /// The broker's own records of the logins since the last call.
    func loginRecords(after count: Int) throws -> [LoginLine] {
        let url = folder.appendingPathComponent("logins.jsonl")
        let lines = String(decoding: try Data(contentsOf: url), as: UTF8.self).split(separator: "\n")
        return try lines.dropFirst(count).map { try JSONDecoder().decode(LoginLine.self, from: Data($0.utf8)) }
    }

    /// One more broker, with the same identity and database.
    func startBroker(_ arguments: [String]) throws -> (process: ChildProcess, address: String) {
        try Self.startBroker(in: folder, options, engine: engine, arguments)
    }

    /// So many users more, whose passwords cost next to nothing.
    func addRushUsers(_ count: Int) throws {
        let hash = try PasswordHash.make(Password(Self.password), cost: 2)
        let database = try AdministratorFolder(folder.appendingPathComponent("admin")).database()
        for index in 0..<count { try database.addUser(Self.rushUser(index), password: hash, groups: []) }
    }

    /// Two more processes: a sender, and sixteen members of a group.
    func startCrowd(engine: String) throws -> (sender: ChildProcess, crowd: ChildProcess) {
        let crowd = try ChildProcess("crowd", ["bench-peer"])
        let sender = try ChildProcess("group sender", ["bench-peer"])
        _ = try Self.configure(crowd, Self.crowd, Self.crowdGroup, options, engine, folder, brokerAddress)
        _ = try Self.configure(sender, ["grace"], Self.crowdGroup, options, engine, folder, brokerAddress)
        try crowd.ask(PeerCommand(.settle))
        try sender.ask(PeerCommand(.settle))
        var command = PeerCommand(.await)
        command.count = Self.crowd.count
        try sender.ask(command)
        return (sender, crowd)
    }

    // MARK: Parts

    /// The set-up of 4.1 with real files and a real database.
    private static func deploy(in folder: URL, suite: Suite, engines: EngineTable, idleClients: Int) throws {
        let now = Clock.unix()
        let admin = AdministratorFolder(folder.appendingPathComponent("admin"))
        let administrator = try admin.create(named: "Adm", suite: suite, engines: engines, at: now)
        let broker = BrokerFolder(folder.appendingPathComponent("broker"))
        let request = try broker.create(named: "broker", suite: suite, engines: engines)
        let credential = try administrator.issueBroker(request, suite: suite, at: now)
        try broker.install(credential, administrator: administrator.certificate)
        let database = try admin.database()
        for group in [Self.group, crowdGroup] { try database.addGroup(group) }
        let hash = try PasswordHash.make(Password(password))
        for user in ["ada", "bob"] { try database.addUser(user, password: hash, groups: [Self.group]) }
        for user in crowd + ["grace"] { try database.addUser(user, password: hash, groups: [crowdGroup]) }
        for index in 0..<idleClients {
            try database.addUser(idleUser(index), password: hash, groups: [Self.group])
        }
    }

    private static func startBroker(
        in folder: URL, _ options: RunOptions, engine: String, _ arguments: [String]
    ) throws -> (process: ChildProcess, address: String) {
        let process = try ChildProcess(
            "broker",
            [
                "broker", "run", "--folder", folder.appendingPathComponent("broker").path, "--database",
                folder.appendingPathComponent("admin/accounts.sqlite").path, "--port", "0", "--insecure-plain",
                "--until-end-of-input", "--suite", options.suite.name, "--engine", engine,
            ] + arguments)
        guard let address = try process.nextLine().split(separator: " ").last.map(String.init) else {
            throw Failure(.internalError, "the broker did not say where it listens")
        }
        return (process, address)
    }

    private static func configure(
        _ process: ChildProcess, _ users: [String], _ group: String, _ options: RunOptions, _ engine: String,
        _ folder: URL, _ broker: String
    ) throws -> String {
        var command = PeerCommand(.configure)
        command.configuration = PeerConfiguration(
            suite: options.suite.name, engine: engine,
            administratorFile: folder.appendingPathComponent("admin/administrator.pem").path, broker: broker,
            users: users, password: password, group: group)
        return try process.ask(command).text ?? ""
    }

    private static func delayed(_ address: String, _ link: LinkShape?, _ lines: inout [DelayLine]) throws -> String {
        guard let link else { return address }
        let line = try DelayLine(link, to: address)
        lines.append(line)
        return try waitFor { try await line.start() }
    }
}

/// One line of the broker's record file.
public struct LoginLine: Codable, Sendable {
    public var user: String
    public var profile: String
    public var suite: String
    public var engine: String
    public var keyBits: Int
    public var passwordHashNanoseconds: UInt64?
    /// Private operations of the broker's process so far.
    public var privateOperations: Int

    public init(_ record: LoginRecord) {
        user = record.user
        profile = record.profile
        suite = record.suite
        engine = record.engine
        keyBits = record.keyBits
        passwordHashNanoseconds = record.passwordHashNanoseconds
        privateOperations = OperationTally.current.privateOperations
    }
}

/// Waits for asynchronous set-up work from the run's own thread, which is no thread of the pool.
func waitFor<R: Sendable>(_ work: @escaping @Sendable () async throws -> R) throws -> R {
    let done = DispatchSemaphore(value: 0)
    let result = Mutex<Result<R, any Error>?>(nil)
    Task.detached {
        let outcome: Result<R, any Error>
        do { outcome = .success(try await work()) } catch { outcome = .failure(error) }
        result.withLock { $0 = outcome }
        done.signal()
    }
    done.wait()
    guard let outcome = result.withLock({ $0 }) else { throw Failure(.internalError, "no result") }
    return try outcome.get()
}
