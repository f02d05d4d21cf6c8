internal import Accounts
internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Overlay
internal import Transport

/// Section 5's first figure: what secureConnection and secureLogin add to joining.
struct JoinOverhead: Experiment {
    let title = "join"

    func rows(_ options: RunOptions) -> [String] {
        arms(options).flatMap { arm in
            arm == "ready"
                ? [options.id("join-ready", "paper")] : ["join", "connect", "login"].map { options.id($0, arm) }
        } + [options.id("join", "floor")]
    }

    func estimateSeconds(_ options: RunOptions) -> Double {
        Double(options.plan.joinPairs * arms(options).count) * (0.06 + rtt(options) * 3) + 2
    }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let arms = arms(context.options)
        let order = Interleaving(arms: arms, pairs: context.options.plan.joinPairs, blockSize: 5)
        var hashes: [String: [Int: UInt64]] = [:]
        let turns = order.turns(context.options.plan.processes, seed: context.options.seed)
        for (turn, blocks) in turns.enumerated() {
            if turn > 0 { try fleet.renewPeers() }
            for arm in arms { _ = try join(fleet, arm, count: 1) }
            for block in blocks { try measure(block, &hashes, context, fleet) }
            context.progress.advance(estimateSeconds(context.options) / Double(turns.count), now: title)
        }
        addFigures(context, hashes)
        try JoinFloor(context, fleet).measure(plainWithoutHash: withoutHash("plain", context, hashes).map(\.1))
        addGoal(context, hashes)
    }

    private func measure(
        _ block: Interleaving.Block, _ hashes: inout [String: [Int: UInt64]], _ context: RunContext, _ fleet: Fleet
    ) throws {
        try context.checkpoint()
        let process = fleet.generation
        for arm in block.arms {
            let joins = try join(fleet, arm, count: block.pairs.count)
            for (pair, (sample, record)) in zip(block.pairs, joins) {
                try check(record, arm, context)
                if arm == "ready" {
                    context.add(
                        context.id("join-ready", "paper"), process: process, pair: pair, block: block.index,
                        sample.ready)
                    continue
                }
                context.add(context.id("join", arm), process: process, pair: pair, block: block.index, sample.total)
                context.add(
                    context.id("connect", arm), process: process, pair: pair, block: block.index, sample.connect)
                context.add(context.id("login", arm), process: process, pair: pair, block: block.index, sample.login)
                hashes[arm, default: [:]][pair] = record.passwordHashNanoseconds ?? 0
            }
            if block.index == 0 { countWork(of: joins, arm, context) }
        }
    }

    private func arms(_ options: RunOptions) -> [String] {
        ["plain", "paper"].filter(options.arms.contains) + (options.arms.contains("paper") ? ["ready"] : [])
    }

    private func rtt(_ options: RunOptions) -> Double {
        Double(options.link?.roundTripNanoseconds ?? 0) / 1e9
    }

    /// Joins and leaves, with the broker's own record of each.
    private func join(_ fleet: Fleet, _ arm: String, count: Int) throws -> [(JoinSample, LoginLine)] {
        let known = try fleet.loginRecords(after: 0).count
        var command = PeerCommand(.join)
        command.arm = arm == "ready" ? "paper-ready" : arm
        command.count = count
        let samples = try fleet.sender.ask(command).joins ?? []
        let records = try fleet.loginRecords(after: known)
        guard samples.count == count, records.count == count else {
            throw Failure(.wrongResult, "join/\(arm): \(samples.count) joins, \(records.count) records of the broker")
        }
        return Array(zip(samples, records))
    }

    /// The handshake that the broker recorded is the one that was asked for.
    private func check(_ record: LoginLine, _ arm: String, _ context: RunContext) throws {
        let options = context.options
        let engine = "\(context.engines.private.name)"
        let profile = arm == "plain" ? "plain" : "paper"
        guard record.profile == profile, record.suite == options.suite.name,
            profile == "plain" || (record.keyBits == options.suite.modulusBits && record.engine == engine)
        else { throw Failure(.wrongResult, "join/\(arm): the broker recorded \(record.profile) \(record.suite)") }
    }

    private func countWork(of joins: [(JoinSample, LoginLine)], _ arm: String, _ context: RunContext) {
        guard arm != "ready", let first = joins.first, let last = joins.last else { return }
        context.count("join/\(arm): round trips", first.0.roundTrips, "request and reply")
        guard arm == "paper", joins.count > 1 else { return }
        let broker = (last.1.privateOperations - first.1.privateOperations) / (joins.count - 1)
        context.count("join/paper: private operations, client", first.0.privateOperations, "RSA")
        context.count("join/paper: private operations, broker", broker, "RSA")
        context.summary.goals.append(
            Goal(
                id: context.id("join", "paper"), what: "join/paper: private operations in all / 4",
                ratio: Double(first.0.privateOperations + broker) / 4, limit: 1))
        context.count("join/paper: public operations, client", first.0.publicOperations, "RSA")
    }

    private func addFigures(_ context: RunContext, _ hashes: [String: [Int: UInt64]]) {
        let plain = Dictionary(withoutHash("plain", context, hashes)) { first, _ in first }
        let ratios = withoutHash("paper", context, hashes).compactMap { pair, paper in plain[pair].map { paper / $0 } }
        let all = hashes.values.flatMap { $0.values }.map { Double($0) }
        let hash =
            ratios.isEmpty || all.isEmpty
            ? nil
            : RunContext.Hash(
                nanoseconds: Int(Statistics.median(all)), percentWithout: 100 * (Statistics.median(ratios) - 1))
        context.addOverhead(context.id("join", "paper"), over: context.id("join", "plain"), hash: hash)
        context.addOverhead(context.id("connect", "paper"), over: context.id("connect", "plain"))
        context.addOverhead(context.id("login", "paper"), over: context.id("login", "plain"), hash: hash)
    }

    /// Pair by pair: the secure join without H, over the floor's work and the plain join without H.
    private func addGoal(_ context: RunContext, _ hashes: [String: [Int: UInt64]]) {
        let plain = Dictionary(withoutHash("plain", context, hashes)) { first, _ in first }
        let paper = Dictionary(withoutHash("paper", context, hashes)) { first, _ in first }
        let pairs = context.store.samples(of: context.id("join", "floor")).compactMap { work in
            plain[work.pair].flatMap { plain in
                paper[work.pair].map {
                    PairedComparison.Pair(
                        block: work.pair / 5, base: Double(work.nanoseconds) + plain, other: $0)
                }
            }
        }
        guard !pairs.isEmpty, let floor = context.summary.floors.last(where: { $0.id == context.id("join", "paper") })
        else { return }
        let ratio = PairedComparison(pairs).ratio(seed: context.options.seed)
        context.summary.goals.append(
            Goal(
                id: context.id("join", "paper"), what: "join/paper without H / \(floor.what)", ratio: ratio.point,
                low: ratio.low, high: ratio.high, limit: 1.4))
    }

    /// Each join less what its own password hash took.
    private func withoutHash(
        _ arm: String, _ context: RunContext, _ hashes: [String: [Int: UInt64]]
    ) -> [(Int, Double)] {
        context.store.samples(of: context.id("join", arm)).compactMap { sample in
            hashes[arm]?[sample.pair].map { (sample.pair, Double(sample.nanoseconds) - Double($0)) }
        }
    }
}

/// The floor of a secure join: four private and five public operations of bare libcrypto, two certificates parsed,
/// one identical commit, and the plain join without H.
private struct JoinFloor {
    private let context: RunContext
    private let lean: LeanLibcrypto
    private let certificate: Certificate
    private let database: SQLiteDirectory

    init(_ context: RunContext, _ fleet: Fleet) throws {
        self.context = context
        let suite = context.options.suite
        let key = try RSAPrivateKey.generate(for: suite, engines: context.engines)
        lean = LeanLibcrypto(privateKey: try key.pkcs8(), keyBytes: suite.contentKeyBytes)
        certificate = try Administrator.make(named: "floor", suite: suite, engines: context.engines, at: Clock.unix())
            .certificate
        database = try SQLiteDirectory(path: fleet.folder.appendingPathComponent("floor.sqlite").path, creating: true)
    }

    func measure(plainWithoutHash: [Double]) throws {
        let id = context.id("join", "floor")
        context.measuredAlone(id)
        let content = [UInt8](repeating: 3, count: 512)
        for pair in 0..<context.options.plan.joinPairs {
            var issued = IssuedCredential(certificate)
            issued.serial = try randomBytes(16)
            let start = Clock.wall()
            try content.withUnsafeBytes { content in
                let signatures = (0..<3).map { _ in lean.sign(content) }
                let wrapped = lean.wrap([UInt8](repeating: 9, count: 32))
                _ = lean.unwrap(wrapped)
                for index in 0..<4 {
                    let isGenuine = signatures[index % 3].withUnsafeBytes { lean.verify($0, of: content) }
                    guard isGenuine else { throw Failure(.wrongResult, "join floor: not verified") }
                }
            }
            for _ in 0..<2 { LeanChain.parseOnly(certificate.der) }
            try database.record(issued)
            context.add(id, pair: pair, block: 0, Clock.wall() - start)
        }
        guard let work = context.store.median(of: id), !plainWithoutHash.isEmpty else { return }
        context.summary.floors.append(
            Floor(
                id: context.id("join", "paper"), nanoseconds: Int(work + Statistics.median(plainWithoutHash)),
                what: "bare 4 private + 5 public operations, 2 certificates, one commit, and the plain join without H"))
    }
}
