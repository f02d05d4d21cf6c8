internal import Foundation
internal import Harness
internal import Metrology
internal import Transport

/// Measures a shaped link back before it is used: corrects it once, and refuses one that stays outside its budget.
struct LinkCheck {
    /// What is left of the error after correction, as shares: of the round trip, and of the transfer of 64 KiB.
    let roundTripError: Double
    let transferError: Double?
    let shape: LinkShape

    /// Under a millisecond the budget is one of time: a timer's grain.
    static func roundTripBudget(_ shape: LinkShape) -> Double {
        max(0.05, 50_000 / Double(shape.roundTripNanoseconds))
    }
    static let transferBudget = 0.02
    private static let bulk = 65_536

    /// - Throws: `.notComparable` when the link misses its budget even after correction.
    init(_ wanted: LinkShape) throws {
        var shape = wanted
        let first = try Self.roundTrip(shape)
        shape.correctionNanoseconds = min(wanted.roundTripNanoseconds, Int64(first) - wanted.roundTripNanoseconds)
        let corrected = try Self.roundTrip(shape)
        let target = Double(wanted.roundTripNanoseconds)
        roundTripError = corrected / target - 1
        if wanted.bitsPerSecond != nil {
            let whole = try Self.exchange(shape, bytes: Self.bulk, times: 5)
            let transfer = Double(wanted.transferNanoseconds(Self.bulk))
            transferError = (whole - corrected) / transfer - 1
        } else {
            transferError = nil
        }
        self.shape = shape
        guard abs(roundTripError) <= Self.roundTripBudget(wanted), abs(transferError ?? 0) <= Self.transferBudget else {
            throw Failure(.notComparable, "this machine cannot emulate that link now: \(text)")
        }
    }

    /// "round trip +0.4 % (budget 5 %), 64 KiB +0.7 % (budget 2 %)"
    var text: String {
        func percent(_ share: Double) -> String { String(format: "%+.1f %%", 100 * share) }
        let round = "round trip \(percent(roundTripError)) (budget \(percent(Self.roundTripBudget(shape)).dropFirst()))"
        guard let transferError else { return round }
        return round + ", 64 KiB \(percent(transferError)) (budget \(percent(Self.transferBudget).dropFirst()))"
    }

    /// The errors as parts of their budgets.
    func goals(_ name: String) -> [Goal] {
        var goals = [
            Goal(
                id: "link", what: "link \(name): error of the round trip / budget",
                ratio: abs(roundTripError) / Self.roundTripBudget(shape), limit: 1)
        ]
        if let transferError {
            goals.append(
                Goal(
                    id: "link", what: "link \(name): error of 64 KiB / budget",
                    ratio: abs(transferError) / Self.transferBudget, limit: 1))
        }
        return goals
    }

    /// Median of small exchanges.
    private static func roundTrip(_ shape: LinkShape) throws -> Double {
        try exchange(shape, bytes: 1, times: min(41, max(9, Int(400_000_000 / shape.roundTripNanoseconds))))
    }

    /// Nanoseconds from the first byte sent to the one byte answered, the median.
    private static func exchange(_ shape: LinkShape, bytes: Int, times: Int) throws -> Double {
        let port = try RawSocket.serve(size: bytes, reply: 1) { _ in }
        let line = try DelayLine(shape, to: "tcp://127.0.0.1:\(port)")
        let address = try waitFor { try await line.start() }
        defer { try? waitFor { await line.stop() } }
        guard let near = address.split(separator: ":").last.flatMap({ Int($0) }) else {
            throw Failure(.internalError, "link: \(address)")
        }
        let socket = try RawSocket.connect(port: near)
        let request = [UInt8](repeating: 1, count: bytes)
        var answer = [UInt8](repeating: 0, count: 1)
        var samples: [Double] = []
        for index in 0...times {
            let start = Clock.wall()
            let isAnswered =
                request.withUnsafeBytes { socket.send($0) }
                && answer.withUnsafeMutableBytes { socket.receive($0) }
            guard isAnswered else { throw Failure(.wrongResult, "link: the other side is gone") }
            // The first exchange also opens the far half.
            if index > 0 { samples.append(Double(Clock.wall() - start)) }
        }
        return samples.sorted()[samples.count / 2]
    }
}
