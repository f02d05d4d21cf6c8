internal import Accounts
internal import ArgumentParser
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Logging
internal import Metrology
internal import Overlay
internal import Scenarios
internal import Transport
internal import UnixSignals

/// A broker: makes its own key, and serves clients.
struct BrokerCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "broker",
        abstract: "A broker: logs users in, issues their credentials, pushes advertisements.",
        discussion: """
            EXAMPLES
              juxtapose broker init                 make key and request (CSR)
              juxtapose broker run --port 9700      serve admin/accounts.sqlite
              juxtapose broker run --help           addresses, workers and records
            """,
        subcommands: [Init.self, Run.self])

    struct Init: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make the broker's key and its request for a credential.")
        @Option(help: "The broker's folder.") var folder = "broker"
        @Option(help: "The broker's name.") var name = "broker"
        @OptionGroup var crypto: CryptographyOptions

        func run() throws {
            let broker = BrokerFolder(juxtapose.folder(folder))
            _ = try broker.create(named: name, suite: crypto.suite, engines: EngineTable(.openSSL))
            print("request of broker \(name) in \(broker.requestFile.path)")
            print("next: juxtapose admin add-broker --csr \(broker.requestFile.path) --install \(folder)")
        }
    }

    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Serve until interrupted.")
        @Option(help: "The broker's folder.") var folder = "broker"
        @Option(help: "The central database.") var database = "admin/accounts.sqlite"
        @Option(help: "Address to listen on.") var host = "127.0.0.1"
        @Option(help: "Port to listen on; 0 lets the system choose.") var port = 9700
        @Option(
            help:
                "Threads for RSA and password hashes: 2, or 16 where the processor's vectors do eight RSA operations at once."
        )
        var workers: Int?
        @Flag(inversion: .prefixedNo, help: "Let RSA operations of different clients share the processor's vectors.")
        var gathering = true
        @Flag(help: "Serve the plain primitives too, which send passwords in clear.") var insecurePlain = false
        @Option(help: "Append a JSON line for every login to this file.") var record: String?
        @Flag(help: "Stop when standard input ends, so that a broker never outlives the script that started it.")
        var untilEndOfInput = false
        @Option(help: "Longest request taken before login, in bytes; 4096 to the limit after it.")
        var loginFrameLimit = FrameLimits().beforeLogin
        @Flag(help: "Log more.") var verbose = false
        @OptionGroup var frames: FrameOptions
        @OptionGroup var crypto: CryptographyOptions

        func validate() throws {
            guard (0...65535).contains(port) else { throw ValidationError("--port is 0 to 65535") }
            guard (1...64).contains(workers ?? 1) else { throw ValidationError("--workers is 1 to 64") }
            guard (4096...frames.frameLimit).contains(loginFrameLimit) else {
                throw ValidationError("--login-frame-limit is 4096 to \(frames.frameLimit) bytes")
            }
        }

        func run() async throws {
            let log = makeLog("broker", verbose: verbose)
            // Before the first client: from then on a signal ends the broker in order.
            let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
            let server = try makeServer(log)
            let address = try await server.start()
            // The line that scripts wait for.
            say("broker listens on \(address)")
            if untilEndOfInput {
                Thread.detachNewThread {
                    while readLine() != nil {}
                    kill(getpid(), SIGTERM)
                }
            }
            for await signal in signals {
                log.info("stopping", metadata: ["signal": "\(signal)"])
                break
            }
            Thread.detachNewThread {
                Thread.sleep(forTimeInterval: Self.longestStopSeconds)
                log.error("stopped with requests unanswered")
                _exit(ExitCode.incomplete.rawValue)
            }
            await server.stop()
        }

        /// Requests under way are answered before the end, within this time.
        private static let longestStopSeconds = 5.0

        private func makeServer(_ log: Logger) throws -> BrokerServer {
            let cryptography = try crypto.cryptography()
            let cores = ProcessInfo.processInfo.activeProcessorCount
            var (identity, trust) = try BrokerFolder(juxtapose.folder(folder)).load(
                engines: cryptography.engines, at: Clock.unix())
            let gathers = gathering && identity.key.hasLanes
            if gathers {
                identity = try Identity(
                    key: identity.key.gathering(onCores: cores), credential: identity.credential)
            }
            let broker = try Broker(
                identity: identity, trust: trust, directory: SQLiteDirectory(path: database),
                cryptography: cryptography, policy: BrokerPolicy(allowsInsecure: insecurePlain),
                addresses: port == 0 || isWildcard(host) ? [] : ["tcp://\(host):\(port)"],
                passwords: BoundedPasswordCheck(TimedPasswordCheck(), atOnce: cores), at: Clock.unix())
            let recorder = try record.map { try LoginRecorder(path: $0) }
            let limits = FrameLimits(beforeLogin: loginFrameLimit, afterLogin: frames.frameLimit)
            return BrokerServer(
                broker,
                options: BrokerServer.Options(
                    host: host, port: port, workers: workers ?? (gathers ? 16 : 2), frameLimits: limits), log: log,
                clock: { Clock.unix() }, onLogin: { recorder?.append($0) })
        }
    }
}

/// Appends the broker's own record of each login: whole lines, in order.
private final class LoginRecorder: Sendable {
    private let file: FileHandle

    init(path: String) throws {
        // Whole lines from every write, behind what earlier brokers have recorded.
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure(.ioError, "\(path): \(String(cString: strerror(errno)))") }
        file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    func append(_ record: LoginRecord) {
        guard let line = try? JSONEncoder().encode(LoginLine(record)) else { return }
        file.write(line + Data("\n".utf8))
    }
}
