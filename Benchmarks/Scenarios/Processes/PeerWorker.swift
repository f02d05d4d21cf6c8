internal import Accounts
internal import CryptoCore
internal import Foundation
internal import Logging
internal import Metrology
internal import NIOCore
internal import NIOPosix
internal import Overlay
internal import Synchronization
internal import Transport

/// A peer process of a run: takes commands from standard input, answers on standard output, one JSON line each.
public final class PeerWorker {
    private struct Member {
        let user: String
        let node: PeerNode
        let play: PingPong
    }

    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private var configuration: PeerConfiguration?
    private var cryptography: Cryptography?
    private var trust: TrustAnchor?
    private var groupID = JXTAID.netGroup
    private var members: [Member] = []
    private var payload: [UInt8] = []
    private lazy var reference = WireReference(on: group.next())
    private lazy var crowd = IdleCrowd(on: group)

    public init() {}

    /// Serves commands until `quit` or the end of input.
    public func run() async throws {
        while let line = readLine() {
            let command = try JSONDecoder().decode(PeerCommand.self, from: Data(line.utf8))
            if command.operation == .quit { break }
            var reply = PeerReply()
            do { reply = try await perform(command) } catch { reply.error = "\(command.operation): \(error)" }
            FileHandle.standardOutput.write(try JSONEncoder().encode(reply) + Data("\n".utf8))
        }
        for member in members { await member.node.stop() }
        try await group.shutdownGracefully()
    }

    private func perform(_ command: PeerCommand) async throws -> PeerReply {
        var reply = PeerReply()
        switch command.operation {
        case .configure: reply.text = try await configure(command.configuration)
        case .crowd: try await crowd.join(command.count ?? 0, command.configuration)
        case .rush: try await crowd.rush(command.count ?? 0, command.configuration)
        case .pin: try Placement.pin(to: command.cores ?? [])
        case .join: reply.joins = try await join(command.arm ?? "", count: command.count ?? 1)
        case .settle: try await settle(advertising: command.address)
        case .await: try await awaitMembers(command.count ?? 0)
        case .payload: try await prepare(command)
        case .mode: await onLoops { $0.forgets = command.arm == "paper-uncached" }
        case .exchange:
            let all = try await exchange(command)
            reply.warmUps = Array(all.prefix(command.warmUps ?? 0))
            reply.exchanges = Array(all.dropFirst(command.warmUps ?? 0))
        case .openLoop: reply.openSamples = try await openLoop(command)
        case .tamper: reply.exchanges = try await tamper()
        case .group: reply.nanoseconds = try await sendToGroup(command.arm ?? "", count: command.count ?? 1)
        case .referenceServe: reply.values = ["port": try await reference.serve(command, expecting: payload)]
        case .reference: reply.nanoseconds = try await reference.exchange(command, sending: payload)
        case .counters: reply.values = await counters()
        case .quit: break
        }
        return reply
    }

    // MARK: Set-up

    /// - Returns: the address of the first member's listener.
    private func configure(_ configuration: PeerConfiguration?) async throws -> String {
        guard let configuration, let suite = Suite(name: configuration.suite),
            let choice = EngineChoice(name: configuration.engine)
        else { throw CocoaError(.coderInvalidValue) }
        self.configuration = configuration
        let engines = try choice.table(for: suite)
        let certificate = try readCertificate(URL(fileURLWithPath: configuration.administratorFile), engines: engines)
        let trust = try TrustAnchor(certificate, at: Clock.unix())
        self.trust = trust
        groupID = try JXTAID.group(name: configuration.group)
        var address = ""
        for user in configuration.users {
            let protection = TimedProtection(try PaperProtection(suite, cores: { Placement.coreCount }))
            let cryptography = try Cryptography(suite: suite, engines: engines, messages: protection)
            self.cryptography = cryptography
            let key = try RSAPrivateKey.generate(for: suite, engines: engines)
            let client = try ClientPeer(
                identity: Identity(key: key), trust: trust, cryptography: cryptography, allowsPlain: true)
            var log = Logger(label: "peer")
            log.logLevel = .error
            let node = PeerNode(client, on: group.next(), log: log, clock: Clock.unix)
            try await node.listen()
            let play = PingPong(node, protection, group: groupID)
            if members.isEmpty { address = await node.listeningAddress() }
            members.append(Member(user: user, node: node, play: play))
        }
        return address
    }

    private var first: Member {
        get throws {
            guard let member = members.first else { throw CocoaError(.coderInvalidValue) }
            return member
        }
    }

    // MARK: Join

    private func join(_ arm: String, count: Int) async throws -> [JoinSample] {
        let member = try first
        var samples: [JoinSample] = []
        for _ in 0..<count {
            let sample = try await joinOnce(member, secure: arm.hasPrefix("paper"), publishing: arm.hasSuffix("ready"))
            await member.node.leaveBroker()
            samples.append(sample)
        }
        return samples
    }

    private func joinOnce(_ member: Member, secure: Bool, publishing: Bool) async throws -> JoinSample {
        guard let configuration, let trust, let cryptography else { throw CocoaError(.coderInvalidValue) }
        let node = member.node
        let password = try Password(configuration.password)
        let identity = try await node.read { client in client.identity }
        let before = OperationTally.current
        let frames = await node.onLoop { $0.brokerWire.receivedFrames }
        let start = Clock.wall()
        try await node.open(broker: configuration.broker)
        let membership: Membership
        let connected: UInt64
        if secure {
            let session = try await node.perform(
                SecureConnection(trusting: trust, with: cryptography, at: Clock.unix()))
            connected = Clock.wall()
            membership = try await node.perform(
                SecureLogin(
                    user: member.user, password: password, as: identity, session: session, trusting: trust,
                    with: cryptography, at: Clock.unix()))
        } else {
            _ = try await node.perform(Connect())
            connected = Clock.wall()
            membership = try await node.perform(Login(user: member.user, password: password))
        }
        let joined = Clock.wall()
        // The result of the work that was timed, checked.
        guard membership.groups.contains(where: { $0.id == groupID }), (membership.credential != nil) == secure else {
            throw OverlayError.notMember(group: groupID.text)
        }
        let operations = OperationTally.current - before
        let roundTrips = await node.onLoop { $0.brokerWire.receivedFrames } - frames
        try await node.join(membership, publishing: publishing)
        return JoinSample(
            connect: connected - start, login: joined - connected, ready: publishing ? Clock.wall() - start : 0,
            privateOperations: operations.privateOperations, publicOperations: operations.publicOperations,
            roundTrips: roundTrips)
    }

    private func settle(advertising address: String?) async throws {
        for member in members {
            if let address, member.user == members.first?.user { await member.node.advertise(address) }
            _ = try await joinOnce(member, secure: true, publishing: true)
        }
    }

    /// Waits until the first member knows this many others.
    private func awaitMembers(_ count: Int) async throws {
        let (node, group) = (try first.node, groupID)
        for _ in 0..<500 {
            let known = try await node.read { client in client.roster.count(in: group) }
            if known >= count { return }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw OverlayError.peerUnknown("fewer than \(count) members after 5 s")
    }

    private func others(_ node: PeerNode) async throws -> [JXTAID] {
        let group = groupID
        return try await node.read { client in
            client.roster.members(of: group).map(\.peer).filter { $0 != client.identity.peerID }
        }
    }

    // MARK: Messages

    private func prepare(_ command: PeerCommand) async throws {
        if let file = command.file {
            payload = Array(try Data(contentsOf: URL(fileURLWithPath: file)))
        } else {
            var generator = SeededGenerator(seed: command.seed ?? 0)
            payload = generator.bytes(command.bytes ?? 0)
        }
        let payload = payload
        await onLoops { $0.prepare(payload) }
        // Refusals are reported to the other process' first member.
        for member in members {
            guard let peer = try await others(member.node).first else { continue }
            await member.node.onLoop { _ in member.play.expect(peer) }
        }
    }

    private func exchange(_ command: PeerCommand) async throws -> [ExchangeSample] {
        let member = try first
        let count = (command.warmUps ?? 0) + (command.count ?? 1)
        guard let peer = try await others(member.node).first else { throw OverlayError.peerUnknown("nobody") }
        let result: Result<[ExchangeSample], OverlayError> = await withCheckedContinuation { continuation in
            member.node.loop.execute {
                member.play.start(command.arm ?? "", count: count, pause: command.pauseNanoseconds ?? 0, to: peer) {
                    continuation.resume(returning: $0)
                }
            }
        }
        return try result.get()
    }

    private func openLoop(_ command: PeerCommand) async throws -> [OpenSample] {
        let member = try first
        guard let peer = try await others(member.node).first else { throw OverlayError.peerUnknown("nobody") }
        let result: Result<[OpenSample], OverlayError> = await withCheckedContinuation { continuation in
            member.node.loop.execute {
                member.play.startOpenLoop(
                    command.arm ?? "", count: command.count ?? 1, interval: command.intervalNanoseconds ?? 1, to: peer
                ) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    private func tamper() async throws -> [ExchangeSample] {
        let member = try first
        guard let peer = try await others(member.node).first else { throw OverlayError.peerUnknown("nobody") }
        let result: Result<[ExchangeSample], OverlayError> = await withCheckedContinuation { continuation in
            member.node.loop.execute {
                member.play.startTampered(to: peer) { continuation.resume(returning: $0) }
            }
        }
        return try result.get()
    }

    private func sendToGroup(_ arm: String, count: Int) async throws -> [UInt64] {
        let member = try first
        let peers = try await others(member.node)
        var spent: [UInt64] = []
        for _ in 0..<count {
            let result: Result<UInt64, OverlayError> = await withCheckedContinuation { continuation in
                member.node.loop.execute {
                    member.play.sendToGroup(arm, members: peers) { continuation.resume(returning: $0) }
                }
            }
            spent.append(try result.get())
        }
        return spent
    }

    private func onLoops(_ body: @escaping @Sendable (PingPong) -> Void) async {
        for member in members {
            let play = member.play
            await member.node.onLoop { _ in body(play) }
        }
    }

    private func counters() async -> [String: Int] {
        var values: [String: Int] = [:]
        for member in members.prefix(1) {
            let play = member.play
            let counts = await member.node.onLoop { node in
                [
                    "copiedSending": node.copies.sending, "copiedGathering": node.copies.gathering,
                    "opened": node.copies.opening, "sentBytes": node.peerWire.sentBytes,
                    "sentFrames": node.peerWire.sentFrames, "receivedBytes": node.peerWire.receivedBytes,
                    "wrongPayloads": play.wrongPayloads, "refusals": play.refusals,
                ]
            }
            values = counts
        }
        return values
    }
}
