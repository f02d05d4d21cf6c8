public import CryptoCore
internal import Metrology

/// What `--engine` says.
public enum EngineChoice: String, Sendable, CaseIterable {
    case auto, gmp, openSSL

    /// - Throws: when a calibration key cannot be made.
    public func table(for suite: Suite) throws -> EngineTable {
        switch self {
        case .gmp: return EngineTable(.gmp)
        case .openSSL: return EngineTable(.openSSL)
        case .auto: return try EngineCalibration.choose(for: suite)
        }
    }
}

/// Picks the faster engine for a suite's key size by trying both, a few operations in turn.
enum EngineCalibration {
    private static let rounds = 5

    static func choose(for suite: Suite) throws -> EngineTable {
        let key = try RSAPrivateKey.generate(bits: suite.modulusBits, engines: EngineTable(.openSSL))
        let keys = try RSAEngine.allCases.map { try key.bound(to: EngineTable($0)) }
        let message = [UInt8](repeating: 7, count: 32)
        var best = [UInt64](repeating: .max, count: keys.count)
        for _ in 0...rounds {
            for (index, key) in keys.enumerated() {
                let start = Clock.wall()
                _ = try key.sign(message.span.bytes)
                best[index] = min(best[index], Clock.wall() - start)
            }
        }
        let fastest = RSAEngine.allCases[best.indices.min { best[$0] < best[$1] } ?? 0]
        // Other sizes are used by nobody in a run of this suite.
        return EngineTable(fastest)
    }
}
