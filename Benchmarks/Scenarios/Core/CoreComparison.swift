internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology

/// Every engine and reference side by side, each under its mask in a process of its own, operation by operation.
struct CoreComparison: Experiment {
    let title = "core comparison"
    private static let masks: [InstructionMask] = InstructionMask.allCases
    private static let messageSizes = [1024, 1 << 20]

    func rows(_ options: RunOptions) -> [String] { Self.groups().flatMap { $0.map(\.id) } }

    func estimateSeconds(_ options: RunOptions) -> Double {
        8 + 1.2 * Double(options.plan.corePairs) + 0.5 * Double(options.plan.operationPairs)
    }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "juxtapose-core-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        for suite in Suite.allCases {
            let key = try RSAPrivateKey.generate(for: suite, engines: EngineTable(.openSSL))
            try Data(key.pkcs8()).write(to: CoreWorker.file(suite, in: folder))
        }
        var workers: [InstructionMask: ChildProcess] = [:]
        defer { for worker in workers.values { worker.stop() } }
        for mask in Self.masks {
            let worker = try ChildProcess(
                "core \(mask.rawValue)", ["bench-core", folder.path],
                environment: mask.environment)
            workers[mask] = worker
            let words = try worker.nextLine().split(separator: " ").compactMap { UInt64($0) }
            guard words.count == 2 else { throw Failure(.internalError, "core worker: no capabilities") }
            try mask.check(LibcryptoCapabilities(words: (words[0], words[1])), native: .current)
        }
        let groups = Self.groups()
        for group in groups {
            try context.checkpoint()
            let plan = context.options.plan
            let pairs = group[0].operation == .message ? plan.operationPairs : plan.corePairs
            let order = Interleaving(arms: group.map(\.id), pairs: pairs, blockSize: 10)
            try order.measure(seed: context.options.seed, into: &context.store, row: { $0 }) { id in
                guard let row = CoreRow(id: id), let worker = workers[row.mask] else {
                    throw Failure(.internalError, id)
                }
                try worker.send(line: id)
                let answer = try worker.nextLine()
                guard let nanoseconds = UInt64(answer) else { throw Failure(.wrongResult, "\(id): \(answer)") }
                return nanoseconds
            }
            let share = estimateSeconds(context.options) / Double(groups.count)
            context.progress.advance(share, now: "core \(group[0].operation.rawValue) \(group[0].suite.name)")
        }
        for goal in Self.goals() {
            context.addFloor(goal.floor.id, under: goal.row.id, what: goal.floor.id, limit: goal.limit)
        }
    }

    /// Rows that are measured in turn: what is compared stands in one group.
    static func groups() -> [[CoreRow]] {
        let ours = RSAEngine.available.map { "\($0.name)" }
        var groups: [[CoreRow]] = []
        for suites in [[Suite.rsa1024], [.rsa2048, .rsa2048x3], [.rsa3072, .rsa3072x3], [.rsa4096, .rsa4096x4]] {
            for operation in [CoreRow.Operation.private, .public] {
                groups.append(
                    suites.flatMap { suite in
                        ours.map { CoreRow(operation, suite, $0) }
                            + [
                                CoreRow(operation, suite, "openSSL", .noifma),
                                CoreRow(operation, suite, "openSSL", .sse2),
                            ]
                            + ["gmp", "x64"].map { CoreRow(operation, suite, $0, .sse2) }
                    })
            }
            groups.append(suites.flatMap { suite in ours.map { CoreRow(.batch8, suite, $0) } })
            for operation in [CoreRow.Operation.sign, .verify, .wrap, .unwrap] {
                groups.append(
                    suites.flatMap { suite in
                        (ours + ReferenceLibraries.names(for: suite)).map { CoreRow(operation, suite, $0) }
                    })
            }
        }
        for bytes in messageSizes {
            groups.append(
                [Suite.rsa2048, .rsa2048x3].flatMap { suite in
                    operations(bytes).flatMap { operation in
                        (ours + ["auto"]).map { CoreRow(operation, suite, $0, bytes: bytes) }
                    } + [CoreRow(.message, suite, "auto", .sse2, bytes: bytes)]
                }
                    + (ReferenceLibraries.names(for: .rsa2048) + ["cms", "curve25519"]).map {
                        CoreRow(.message, .rsa2048, $0, bytes: bytes)
                    }
                    + [CoreRow(.message, .rsa2048, "libcrypto", .sse2, bytes: bytes)])
        }
        return groups
    }

    /// How the overlay seals and opens so many bytes, on one core and as it does where it has two.
    private static func operations(_ bytes: Int) -> [CoreRow.Operation] {
        Placement.coreCount > 1 && bytes > 1024 ? [.message, .messageOnTwoCores] : [.message]
    }

    private struct CoreGoal {
        let row: CoreRow
        let floor: CoreRow
        let limit: Double
    }

    /// What is aimed at: ratios to libcrypto's two-prime operation under the same mask, in the same turn. Operations by
    /// our own kernels, messages by the engines that `auto` takes there.
    private static func goals() -> [CoreGoal] {
        var goals: [CoreGoal] = []
        func add(_ row: CoreRow, over floor: CoreRow, _ limit: Double) {
            goals.append(CoreGoal(row: row, floor: floor, limit: limit))
        }
        let three: [(Suite, Suite, Double, Double)] = [
            (.rsa2048, .rsa2048x3, 1.05, 0.6), (.rsa3072, .rsa3072x3, 0.6, 0.6), (.rsa4096, .rsa4096x4, 0.6, 0.6),
        ]
        for (two, more, limit, moreLimit) in three {
            let masked = CoreRow(.private, two, "openSSL", .sse2)
            add(CoreRow(.private, two, "x64", .sse2), over: masked, 1)
            add(CoreRow(.private, more, "x64", .sse2), over: masked, 0.62)
            guard RSAEngine.ifma.isAvailable else { continue }
            let native = CoreRow(.private, two, "openSSL")
            add(CoreRow(.private, two, "ifma"), over: native, limit)
            add(CoreRow(.private, more, "ifma"), over: native, moreLimit)
        }
        for (bytes, two, more) in [(1024, 1.05, 0.65), (1 << 20, 0.85, 0.85)] where RSAEngine.ifma.isAvailable {
            let floor = CoreRow(.message, .rsa2048, "libcrypto", bytes: bytes)
            let operation = operations(bytes).last ?? .message
            add(CoreRow(operation, .rsa2048, "auto", bytes: bytes), over: floor, two)
            add(CoreRow(operation, .rsa2048x3, "auto", bytes: bytes), over: floor, more)
        }
        for (suite, limit) in [(Suite.rsa2048, 0.5), (.rsa3072, 0.4), (.rsa4096, 0.35)]
        where RSAEngine.ifma.isAvailable {
            add(CoreRow(.batch8, suite, "ifma"), over: CoreRow(.batch8, suite, "openSSL"), limit)
        }
        for (bytes, two, more) in [(1024, 1.05, 0.7), (1 << 20, 1.05, 1.05)] {
            let floor = CoreRow(.message, .rsa2048, "libcrypto", .sse2, bytes: bytes)
            add(CoreRow(.message, .rsa2048, "auto", .sse2, bytes: bytes), over: floor, two)
            add(CoreRow(.message, .rsa2048x3, "auto", .sse2, bytes: bytes), over: floor, more)
        }
        return goals
    }
}
