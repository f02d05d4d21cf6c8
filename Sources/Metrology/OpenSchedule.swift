/// When an open-loop generator means to send: at a fixed rate, whether or not the last message has been answered.
///
/// Latency counts from the intended start, so that a stall is charged to every message that it held up (coordinated
/// omission is what happens otherwise). Times are handed in: a test uses a clock of its own.
public struct OpenSchedule: Sendable {
    public let start: UInt64
    public let intervalNanoseconds: UInt64
    public let count: Int
    private var next = 0

    public init(start: UInt64, intervalNanoseconds: UInt64, count: Int) {
        precondition(intervalNanoseconds > 0 && count > 0)
        self.start = start
        self.intervalNanoseconds = intervalNanoseconds
        self.count = count
    }

    /// The intended start of the next message; nil when all have been taken.
    public var upcoming: UInt64? { next < count ? start + UInt64(next) * intervalNanoseconds : nil }

    /// Takes the next message if it is due.
    /// - Returns: its intended start.
    public mutating func takeDue(at now: UInt64) -> UInt64? {
        guard let intended = upcoming, intended <= now else { return nil }
        next += 1
        return intended
    }
}

/// How well a generator kept to its schedule.
public struct Punctuality: Equatable, Sendable {
    /// Sends that began more than a tenth of the interval and 100 us after their time.
    public let late: Int
    /// Sends that began more than a whole interval after their time.
    public let overtaken: Int
    public let count: Int

    /// Timers of an event loop are that exact.
    private static let grace: UInt64 = 100_000
    /// More overtaken sends than this share, and the generator was not offering the rate that it claims.
    private static let saturation = 0.1

    /// - Parameter lateness: actual less intended start of each send, nanoseconds.
    public init(lateness: [UInt64], intervalNanoseconds: UInt64) {
        late = lateness.count { $0 > intervalNanoseconds / 10 + Self.grace }
        overtaken = lateness.count { $0 > intervalNanoseconds + Self.grace }
        count = lateness.count
    }

    public var isSaturated: Bool { count == 0 || Double(overtaken) > Self.saturation * Double(count) }
}
