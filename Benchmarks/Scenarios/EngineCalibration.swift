public import CryptoCore
internal import Harness
internal import Metrology

/// What `--engine` says: `auto`, an engine, or two as `private,public`.
public enum EngineChoice: Equatable, Sendable {
    case auto
    case fixed(EngineTable)

    public init?(name: String) {
        if name == "auto" {
            self = .auto
        } else if let table = EngineTable(name: name) {
            self = .fixed(table)
        } else {
            return nil
        }
    }

    public var name: String {
        switch self {
        case .auto: "auto"
        case .fixed(let table): table.name
        }
    }

    /// - Throws: `.unavailable` for an engine that this machine, or the mask it runs under, does not have.
    public func table(for suite: Suite) throws -> EngineTable {
        guard case .fixed(let table) = self else { return try EngineCalibration.choose(for: suite) }
        for engine in [table.private, table.public] where !engine.isAvailable {
            throw Failure(.unavailable, "engine \(engine.name) needs \(engine.requirement): use --engine auto")
        }
        return table
    }
}

/// Picks the fastest engine for a suite's key size and each kind of operation by trying all, a few times in turn.
enum EngineCalibration {
    private static let rounds = 5

    static func choose(for suite: Suite) throws -> EngineTable {
        let key = try RSAPrivateKey.generate(for: suite, engines: EngineTable(.openSSL))
        let engines = RSAEngine.available
        let keys = try engines.map { try key.bound(to: EngineTable($0)) }
        let message = [UInt8](repeating: 7, count: 32)
        let signature = try key.sign(message.span.bytes)
        var best = engines.map { _ in (private: UInt64.max, public: UInt64.max) }
        for _ in 0...rounds {
            for (index, key) in keys.enumerated() {
                let start = Clock.wall()
                _ = try key.sign(message.span.bytes)
                let middle = Clock.wall()
                try key.publicKey.verify(signature.span.bytes, of: message.span.bytes)
                best[index].private = min(best[index].private, middle - start)
                best[index].public = min(best[index].public, Clock.wall() - middle)
            }
        }
        let order = engines.indices
        let signing = order.min { best[$0].private < best[$1].private } ?? 0
        let verifying = order.min { best[$0].public < best[$1].public } ?? 0
        // Other sizes are used by nobody in a run of this suite.
        return EngineTable(private: engines[signing], public: engines[verifying])
    }
}
