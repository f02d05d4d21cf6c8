public import ArgumentParser
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Logging
internal import Metrology
internal import Overlay
public import Scenarios
internal import Transport

extension EngineChoice: ExpressibleByArgument {
    public init?(argument: String) { self.init(name: argument) }

    public var defaultValueDescription: String { name }

    public static var allValueStrings: [String] { ["auto"] + RSAEngine.allCases.map { "\($0.name)" } }
}

/// A suite by its name.
struct SuiteName: ExpressibleByArgument {
    let suite: Suite

    init(_ suite: Suite) { self.suite = suite }

    init?(argument: String) {
        guard let suite = Suite(name: argument) else { return nil }
        self.suite = suite
    }

    var defaultValueDescription: String { suite.name }

    static var allValueStrings: [String] { Suite.allCases.map(\.name) }
}

/// Options of every command that uses keys.
struct CryptographyOptions: ParsableArguments {
    @Option(
        name: .customLong("suite"),
        help: "Algorithms and key sizes; x3 and x4: more primes, faster private operations; rsa1024 in benchmarks only."
    )
    var suiteName = SuiteName(.rsa2048)

    @Option(help: "Who computes RSA: auto tries all and takes the fastest; gmp; openSSL; x64; ifma (AVX-512); sse2.")
    var engine = EngineChoice.auto

    var suite: Suite { suiteName.suite }

    func engines() throws -> EngineTable { try engine.table(for: suite) }

    func cryptography() throws -> Cryptography {
        try Cryptography(suite: suite, engines: engines(), cores: { ProcessInfo.processInfo.activeProcessorCount })
    }
}

/// How much a broker or a peer takes at once.
struct FrameOptions: ParsableArguments {
    @Option(help: "Longest message taken and sent, with all around it, in bytes; 16384 to 8388608.")
    var frameLimit = FrameLimits().afterLogin

    func validate() throws {
        // Below, a credential would not fit; above, two messages fill what a connection may leave unsent.
        guard (16 << 10...8 << 20).contains(frameLimit) else {
            throw ValidationError("--frame-limit is \(16 << 10) to \(8 << 20) bytes")
        }
    }

    var limits: FrameLimits { FrameLimits(afterLogin: frameLimit) }
}

/// Whether a host means every address of this machine: to listen on, not to connect to.
func isWildcard(_ host: String) -> Bool { ["0.0.0.0", "::", "[::]"].contains(host) }

/// A log on standard error, as swift-log writes it.
func makeLog(_ label: String, verbose: Bool) -> Logger {
    var log = Logger(label: label) { StreamLogHandler.standardError(label: $0) }
    log.logLevel = verbose ? .debug : .notice
    return log
}

func folder(_ path: String) -> URL { URL(fileURLWithPath: path, isDirectory: true) }
