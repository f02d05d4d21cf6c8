internal import Accounts
internal import ArgumentParser
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Logging
internal import Metrology
internal import NIOCore
internal import NIOPosix
internal import Overlay
internal import Transport

/// A client peer for people and scripts: one command per line.
struct PeerCommandLine: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peer",
        abstract: "An interactive client: log in, list, send, receive.",
        discussion: """
            After login, commands are read from standard input, one per line: `list`,
            `groups`, `send USER TEXT`, `sendgroup TEXT`, `group NAME` (change to it),
            `create NAME`, `join NAME`, `leave NAME`, `wait SECONDS`, `quit`. Messages
            are printed as they arrive.

            EXAMPLES
              juxtapose peer --user ada --group chat
              juxtapose peer --user ada --group chat --password-file pw < commands.txt
              juxtapose peer --user ada --group chat --broker tcp://10.0.0.7:9700
            """)

    @Option(help: "The user's name.") var user: String
    @Option(help: "The group to talk in.") var group: String
    @Option(help: "The administrator's certificate.") var trust = "admin/administrator.pem"
    @Option(help: "The broker's address.") var broker = "tcp://127.0.0.1:9700"
    @Option(help: "Address to listen on for other peers.") var host = "127.0.0.1"
    @Option(help: "A file with the password, mode 0600; asked for otherwise.") var passwordFile: String?
    @Option(help: "A file with the peer's key (made if missing): the same peer id next time.") var keyFile: String?
    @Flag(help: "Use the plain primitives: password and messages in clear.") var insecurePlain = false
    @Flag(help: "Log more.") var verbose = false
    @OptionGroup var frames: FrameOptions
    @OptionGroup var crypto: CryptographyOptions

    func validate() throws {
        guard !isWildcard(host) else {
            throw ValidationError("--host is where other peers connect to: name one address of this machine")
        }
    }

    func run() async throws {
        let cryptography = try crypto.cryptography()
        let administrator = try readCertificate(URL(fileURLWithPath: trust), engines: cryptography.engines)
        let anchor = try TrustAnchor(
            administrator,
            revocations: readRevocations(
                URL(fileURLWithPath: trust).deletingLastPathComponent().appendingPathComponent("revocations.crl"),
                signedBy: administrator), at: Clock.unix())
        let password = try readPassword()
        let client = try ClientPeer(
            identity: Identity(key: loadKey(cryptography)), trust: anchor, cryptography: cryptography,
            allowsPlain: insecurePlain)
        let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let node = PeerNode(
            client, options: PeerNode.Options(host: host, frameLimits: frames.limits), on: threads.next(),
            log: makeLog("peer", verbose: verbose), clock: { Clock.unix() })
        let events = await node.events()
        let shown = Task { for await event in events { Conversation.show(event) } }
        await node.onLoop { $0.onRefusal = { say(Explanation.failure(for: $0).message) } }
        try await node.listen()
        try await node.open(broker: broker)
        let membership = try await login(node, anchor, cryptography, password)
        try await node.join(membership)
        say("logged in as \(membership.user); groups: \(membership.groups.map(\.name).joined(separator: ", "))")
        let watch = Task {
            await node.brokerHasClosed()
            guard !Task.isCancelled else { return }
            note("juxtapose: the broker closed the connection: \(user) is logged out. Log in again when it runs.")
            // Not by returning: another thread waits for standard input.
            Foundation.exit(ExitCode.temporary.rawValue)
        }
        var conversation = Conversation(node: node, group: group, secure: !insecurePlain)
        try await conversation.run()
        watch.cancel()
        await node.drain()
        try? await node.perform(Logout())
        await node.stop()
        await shown.value
        try await threads.shutdownGracefully()
    }

    private func login(
        _ node: PeerNode, _ anchor: TrustAnchor, _ cryptography: Cryptography, _ password: Password
    ) async throws -> Membership {
        guard !insecurePlain else {
            _ = try await node.perform(Connect())
            return try await node.perform(Login(user: user, password: password))
        }
        let session = try await node.perform(SecureConnection(trusting: anchor, with: cryptography, at: Clock.unix()))
        say("broker \(session.broker.holder) is legitimate")
        let identity = try await node.read { client in client.identity }
        return try await node.perform(
            SecureLogin(
                user: user, password: password, as: identity, session: session, trusting: anchor, with: cryptography,
                at: Clock.unix()))
    }

    private func readPassword() throws -> Password {
        guard let passwordFile else { return try askPassword("Password for \(user): ") }
        let text = String(decoding: try SecretFile.read(URL(fileURLWithPath: passwordFile)), as: UTF8.self)
        return try Password(text.trimmingCharacters(in: .newlines))
    }

    private func loadKey(_ cryptography: Cryptography) throws -> RSAPrivateKey {
        if let keyFile, FileManager.default.fileExists(atPath: keyFile) {
            return try readKey(URL(fileURLWithPath: keyFile), engines: cryptography.engines)
        }
        let key = try RSAPrivateKey.generate(for: cryptography.suite, engines: cryptography.engines)
        if let keyFile { try SecretFile.write(key.pem(), to: URL(fileURLWithPath: keyFile)) }
        return key
    }
}
