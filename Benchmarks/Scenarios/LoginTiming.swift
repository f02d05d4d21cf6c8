internal import Accounts
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Overlay
internal import Transport

/// Whether the time of a refused login tells an unknown user from a wrong password, on a real database: Welch's t, and
/// a broker with the mistake, which must be caught.
public struct LoginTiming {
    private static let users = 32
    /// A sixteenth of what accounts cost by default, so that what stands around the hash shows sixteen times as much.
    private static let passwordCost = PasswordHash.standardCost / 16
    private let samples: Int

    public init(samples: Int) { self.samples = samples }

    /// - Parameter say: told each verdict.
    /// - Throws: `.wrongResult` where the classes are told apart, or the control is not.
    public func execute(say: (String) -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("juxtapose-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let directory = try SQLiteDirectory(path: folder.appendingPathComponent("accounts.sqlite").path, creating: true)
        for group in ["one", "two"] { try directory.addGroup(group) }
        let hash = try PasswordHash.make(Password("right"), cost: Self.passwordCost)
        for index in 0..<Self.users {
            try directory.addUser(Self.name(index, isKnown: true), password: hash, groups: ["one", "two"])
        }
        let broker = try Self.broker(directory, PasswordCheck())
        var t = try measure(broker)
        // A disturbance of the machine does not come back; a leak does.
        if t > WelchTest.bound { t = try min(t, measure(broker)) }
        let control = try measure(Self.broker(directory, SkippedDummy()))
        say("login refused, unknown user against wrong password: |t| = \(decimal(t, 2))")
        say("control: no hash for unknown users: |t| = \(decimal(control, 2))")
        guard t <= WelchTest.bound else { throw Failure(.wrongResult, "the time of a refusal tells who is a user") }
        guard control > WelchTest.bound else { throw Failure(.wrongResult, "the control was not caught") }
    }

    private func measure(_ broker: Broker) throws -> Double {
        var test = WelchTest()
        var generator = SystemRandomNumberGenerator()
        let peer = try JXTAID.peer(key: broker.identity.key.publicKey)
        for index in 0..<samples {
            let isKnown = Bool.random(using: &generator)
            let connection = ConnectionID(index + 1)
            let link = InMemoryLink(to: broker, as: peer, connection: connection)
            // An hour apart, so that nobody has failed too often.
            let time = 1_800_000_000 + UnixTime(index) * 3600
            let user = Self.name(Int.random(in: 0..<Self.users, using: &generator), isKnown: isKnown)
            let password = try Password("wrong")
            let start = Clock.threadCPU()
            let isRefused = (try? link.perform(Login(user: user, password: password), at: time)) == nil
            let elapsed = Clock.threadCPU() - start
            guard isRefused else { throw Failure(.wrongResult, "a wrong password was accepted") }
            _ = broker.closed(connection)
            // The first ones warm caches.
            if index > samples / 20 { test.add(Double(elapsed), toClass: isKnown ? 0 : 1) }
        }
        return test.largest
    }

    private static func name(_ index: Int, isKnown: Bool) -> String { (isKnown ? "known" : "alien") + "\(index)" }

    private static func broker(_ directory: SQLiteDirectory, _ passwords: any PasswordChecking) throws -> Broker {
        let (engines, time) = (EngineTable(.openSSL), Clock.unix())
        let administrator = try Administrator.make(named: "Adm", suite: .rsa2048, engines: engines, at: time)
        let key = try RSAPrivateKey.generate(for: .rsa2048, engines: engines)
        let credential = try administrator.issueBroker(
            CertificateRequest(commonName: "broker", key: key), suite: .rsa2048, at: time)
        return try Broker(
            identity: Identity(key: key, credential: Credential([credential])),
            trust: TrustAnchor(administrator.certificate, at: time), directory: directory,
            cryptography: Cryptography(suite: .rsa2048, engines: engines),
            policy: BrokerPolicy(allowsInsecure: true, passwordCost: passwordCost), addresses: [], passwords: passwords,
            at: time)
    }
}

/// The mistake: it sees from the hash that nobody has it.
private struct SkippedDummy: PasswordChecking {
    func check(_ password: Password, against hash: PasswordHash) throws(OverlayError) -> PasswordVerdict {
        guard hash.value.contains(where: { $0 != 0 }) else { return PasswordVerdict(matches: false) }
        return try PasswordCheck().check(password, against: hash)
    }
}
