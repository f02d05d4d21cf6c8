internal import CryptoCore
internal import Harness
internal import Metrology

/// core/private and core/public per engine and key size, and keygen.
struct CoreOperations: Experiment {
    let title = "core operations"

    func rows(_ options: RunOptions) -> [String] {
        Suite.allCases.flatMap { suite in
            ["private", "public"].flatMap { what in
                RSAEngine.available.map { "core/\(what)/\(suite.name)/\($0.name)" }
            }
        } + ["keygen/\(options.suite.name)"]
    }

    func estimateSeconds(_ options: RunOptions) -> Double {
        4 + 0.025 * Double(options.plan.corePairs) + 0.1 * Double(options.plan.keyGenerations)
    }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        for suite in Suite.allCases {
            try context.checkpoint()
            try measure(suite, context)
            context.progress.advance(estimateSeconds(context.options) / 5, now: "core \(suite.name)")
        }
        let bits = context.options.suite.modulusBits
        let id = "keygen/\(context.options.suite.name)"
        context.measuredAlone(id)
        for index in 0..<context.options.plan.keyGenerations {
            let (nanoseconds, key) = try timed { try RSAPrivateKey.generate(bits: bits, engines: context.engines) }
            guard key.modulusBits == bits else { throw Failure(.wrongResult, "keygen: \(key.modulusBits) bits") }
            context.add(id, pair: index, block: 0, nanoseconds)
        }
        context.progress.advance(estimateSeconds(context.options) / 5, now: "keygen")
    }

    private func measure(_ suite: Suite, _ context: RunContext) throws {
        let key = try RSAPrivateKey.generate(for: suite, engines: EngineTable(.openSSL))
        var keys: [String: RSAPrivateKey] = [:]
        for engine in RSAEngine.available { keys["\(engine.name)"] = try key.bound(to: EngineTable(engine)) }
        var operand = try randomBytes(key.modulusBytes)
        operand[0] = 0
        var powers = [UInt8](repeating: 0, count: operand.count)
        try operand.withUnsafeBytes { input in
            try powers.withUnsafeMutableBytes { try key.publicKey.apply(input, into: $0) }
        }
        let arms = RSAEngine.available.flatMap { ["private/\($0.name)", "public/\($0.name)"] }
        let order = Interleaving(arms: arms, pairs: context.options.plan.corePairs, blockSize: 10)
        var result = [UInt8](repeating: 0, count: operand.count)
        try order.measure(
            seed: context.options.seed, into: &context.store,
            row: { arm in
                let parts = arm.split(separator: "/")
                return "core/\(parts[0])/\(suite.name)/\(parts[1])"
            }
        ) { arm in
            let parts = arm.split(separator: "/")
            guard let key = keys[String(parts[1])] else { throw Failure(.internalError, arm) }
            let isPrivate = parts[0] == "private"
            let start = Clock.wall()
            try (isPrivate ? powers : operand).withUnsafeBytes { input in
                try result.withUnsafeMutableBytes { target in
                    if isPrivate {
                        try key.apply(input, into: target)
                    } else {
                        try key.publicKey.apply(input, into: target)
                    }
                }
            }
            let nanoseconds = Clock.wall() - start
            guard result == (isPrivate ? operand : powers) else {
                throw Failure(.wrongResult, "core/\(arm) \(suite.name)")
            }
            return nanoseconds
        }
    }
}
