internal import CryptoCore
internal import Foundation
internal import Harness

/// The broker's resident memory with many logged-in idle clients, and whether it grows with joins.
struct BrokerCapacity: Experiment {
    let title = "capacity"
    private static let steps = [100, 200]
    /// 128 MiB with a thousand clients; 1 MiB between join 100 and join 200.
    private static let residentLimit = 128.0
    private static let growthLimit = 1.0

    func rows(_ options: RunOptions) -> [String] { [] }

    func estimateSeconds(_ options: RunOptions) -> Double { 0.06 * Double(options.plan.idleClients) + 5 }

    func run(_ context: RunContext, _ fleet: Fleet) throws {
        let total = context.options.plan.idleClients
        let crowd = try ChildProcess("idle clients", ["bench-peer"])
        defer { crowd.stop() }
        var resident: [Int: Double] = [:]
        for count in Self.steps.filter({ $0 < total }) + [total] {
            try context.checkpoint()
            var command = PeerCommand(.crowd)
            command.count = count
            command.configuration = fleet.idleConfiguration
            try crowd.ask(command)
            resident[count] = try residentMebibytes(of: fleet.broker.processID)
            context.count("broker resident with \(count) clients", Int((resident[count] ?? 0) * 1024), "KiB")
            context.progress.advance(estimateSeconds(context.options) / 3, now: "\(count) clients")
        }
        if let all = resident[total] {
            context.summary.goals.append(
                Goal(
                    id: "capacity/resident/\(context.options.suite.name)",
                    what: "broker with \(total) idle clients: \(Int(all.rounded())) MiB / 128 MiB",
                    ratio: all / Self.residentLimit, limit: 1))
        }
        if let early = resident[Self.steps[0]], let late = resident[Self.steps[1]] {
            context.summary.goals.append(
                Goal(
                    id: "capacity/growth/\(context.options.suite.name)",
                    what: "resident after join 200 less after join 100, in MiB", ratio: late - early,
                    limit: Self.growthLimit))
        }
    }

    private func residentMebibytes(of process: Int32) throws -> Double {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }),
            let kibibytes = line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({ Double($0) })
        else { throw Failure(.internalError, "no VmRSS in /proc/\(process)/status") }
        return kibibytes / 1024
    }
}
