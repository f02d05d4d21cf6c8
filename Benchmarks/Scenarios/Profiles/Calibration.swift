internal import CryptoCore
internal import Foundation
internal import Harness
internal import Metrology
internal import Overlay
public import Projection

/// Measures a profile of this machine, under the instruction sets that this process was started with.
public struct Calibration {
    private static let rounds = 12
    private let suites = Suite.allCases

    public init() {}

    /// - Parameter note: told what happens.
    /// - Throws: `.unavailable` where nothing counts instructions: their price needs both a time and a count.
    public func profile(id: String, seed: UInt64, note: (String) -> Void) throws -> HardwareProfile {
        var samples: [String: [Double]] = [:]
        note("making keys")
        // In processes of their own, on the core where paced rows run.
        let priced = try PricedProcess(
            suites: suites, engine: nil, passwordCost: PasswordHash.standardCost, mask: .native)
        defer { priced.stop() }
        let anchor = try InstructionAnchor(.rsa2048, engine: .openSSL, note: note)
        let paced = try PacedProcess(anchor.suite, anchor.engine, anchor.keys)
        defer { paced.stop() }
        let counted = try PricedProcess(
            suites: [anchor.suite], engine: anchor.engine, passwordCost: CountedNetwork.smallPasswordCost, mask: .native
        )
        defer { counted.stop() }
        for round in 0..<Self.rounds {
            note("round \(round + 1) of \(Self.rounds)")
            for (id, price) in try priced.round() { samples[id, default: []].append(price) }
            samples[Cost.instruction, default: []].append(
                try anchor.price(total: anchor.total(paced), counted.round()))
        }
        note("sockets")
        let kernel = try KernelPrices.measure()
        samples[Cost.kernelMessage] = kernel.message
        samples[Cost.kernelByte] = [kernel.byte / 2, kernel.byte, 2 * kernel.byte]
        let machine = Machine()
        let model = machine.cpuInfo("model name") ?? "unknown processor"
        let mask = ProcessInfo.processInfo.environment["OPENSSL_ia32cap"]
        return HardwareProfile(
            id: id, title: model,
            machine:
                "\(model), \(Placement.coreCount) cores, kernel \(machine.text("/proc/sys/kernel/osrelease") ?? "unknown")"
                + (mask.map { ", OPENSSL_ia32cap=\($0)" } ?? ""),
            notes: "Measured by `juxtapose profile calibrate`; times of a shared machine drift from hour to hour.",
            figures: Cost.all.compactMap { id, unit in
                samples[id].map { values in
                    let sorted = values.sorted()
                    return HardwareProfile.Figure(
                        id: id, value: Statistics.quantile(0.5, ofSorted: sorted),
                        low: Statistics.quantile(values.count > 3 ? 0.05 : 0, ofSorted: sorted),
                        high: Statistics.quantile(values.count > 3 ? 0.95 : 1, ofSorted: sorted), unit: unit,
                        sourceClass: .measured,
                        source: Self.source(of: id))
                }
            })
    }

    private static func source(of id: String) -> String {
        switch id {
        case Cost.instruction:
            "CPU time of a plain join in process, less its cryptography, over callgrind's count of it"
        case Cost.kernelMessage: "half a round trip of 16 bytes over loopback TCP, blocking sockets"
        case Cost.kernelByte: "fast ones of 1 MiB, less fast small ones, a byte; a difference, so 2 either way"
        default: "median CPU time, \(rounds) rounds; 5 and 95 % of them"
        }
    }
}

/// The price of an instruction that is no cryptography: a plain join's CPU time, less what its cryptography costs, over
/// how many instructions are left.
struct InstructionAnchor {
    let suite: Suite
    let engine: RSAEngine
    let keys: CountKeys
    let row: String
    private let work: Work

    private static let sample: UInt64 = 6_000_000
    private static let clockReadings = 2000

    /// - Throws: `.unavailable` where nothing counts instructions.
    init(_ suite: Suite, engine: RSAEngine, note: (String) -> Void) throws {
        try self.init(suite, engine: engine, WorkTable.counted(suite, note: note))
    }

    init(_ suite: Suite, engine: RSAEngine, _ table: WorkTable) throws {
        self.suite = suite
        self.engine = engine
        row = "join/plain/\(suite.name)"
        work = table.join("plain")
        keys = try CountKeys(suite: suite)
    }

    /// Nanoseconds of a plain join in that process.
    func total(_ process: PacedProcess) throws -> Double {
        let repetitions = try process.repetitions(of: row, lasting: Self.sample)
        let clock = try process.nanoseconds(of: PacedProcess.clock, Self.clockReadings)
        return try process.nanoseconds(of: row, repetitions) - clock
    }

    /// - Parameters:
    ///   - total: nanoseconds of the join.
    ///   - prices: of the same moment, with the small password hash that counts run with.
    func price(total: Double, _ prices: [String: Double]) -> Double {
        let priced = work.amounts.reduce(0) { sum, part in
            part.key == Cost.instruction ? sum : sum + part.value * (prices[part.key] ?? 0)
        }
        return max(0.01, (total - priced) / (work.amounts[Cost.instruction] ?? 1))
    }
}
