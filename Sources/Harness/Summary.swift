public import Metrology

/// The result of a run, schema `juxtapose.summary/1` (Results/schemas). Integers are nanoseconds; null is "not
/// measured".
public struct Summary: Versioned, Equatable, Sendable {
    public static let schemaName = "juxtapose.summary/1"

    public var schema = Summary.schemaName
    public var plan: String
    public var suite: String
    public var link: String
    /// False when a run was interrupted or failed: its figures are what there was.
    public var isComplete: Bool
    public var rows: [Row] = []
    public var overheads: [Overhead] = []
    /// Cost over payload size, one line for each arm.
    public var fits: [Fit] = []
    /// Where overhead falls below a share.
    public var crossings: [Crossing] = []
    /// Where the time of an operation goes: leaves that never nest, and `other`.
    public var phases: [PhaseShare] = []
    /// Rows that were measured and are not reported, with the reason.
    public var voided: [Voided] = []
    public var floors: [Floor] = []
    public var goals: [Goal] = []
    /// Facts that are counted, not timed.
    public var counts: [Count] = []

    public init(plan: String, suite: String, link: String) {
        self.plan = plan
        self.suite = suite
        self.link = link
        isComplete = false
    }
}

/// A value that may be missing and then says so: `null` in the file, instead of no key at all.
@propertyWrapper
public struct OrNull<Value: Codable & Equatable & Sendable>: Codable, Equatable, Sendable {
    public var wrappedValue: Value?

    public init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    public init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode(Value?.self)
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

/// How a figure came about.
public enum Kind: String, Codable, Sendable {
    /// Real code, real clocks, on the machine of the manifest.
    case measured
    /// A link delayed in user space.
    case emulated
    /// Counted work times a hardware profile.
    case projected
}

public enum ClockName: String, Codable, Sendable {
    case wall, cpu
}

/// One thing measured, `<what>/<arm>/<suite>[/<bytes>]`.
public struct Row: Codable, Equatable, Sendable {
    public var id: String
    public var kind: Kind
    public var clock: ClockName
    public var samples: Int
    /// Null when unpaired.
    @OrNull public var pairs: Int?
    public var medianNanoseconds: Int
    public var p95Nanoseconds: Int
    public var p99Nanoseconds: Int
    public var p999Nanoseconds: Int
    /// Samples at the start that are warm-up (MSER-5); null where the row has not settled or is too short. They are
    /// counted like all others.
    @OrNull public var warmUpSamples: Int?
    public var mildOutliers: Int
    public var severeOutliers: Int
}

/// What security adds to a row: percentage, interval and milliseconds always stand together.
public struct Overhead: Codable, Equatable, Sendable {
    /// The secure row's id.
    public var id: String
    /// The plain row's.
    public var base: String
    /// 100 * (median over pairs of secure/plain - 1).
    public var percent: Double
    public var low: Double
    public var high: Double
    /// 100 * median over pairs of (secure - plain)/secure.
    public var percentOfSecure: Double
    public var addedNanoseconds: Int
    public var addedLow: Int
    public var addedHigh: Int
    /// H, the median of the broker's own records; null where none is paid.
    @OrNull public var passwordHashNanoseconds: Int?
    /// The percentage with H taken from both sides of every pair.
    @OrNull public var percentWithoutHash: Double?
    public var link: String

    public init(
        id: String, base: String, percent: Double, low: Double, high: Double, percentOfSecure: Double,
        addedNanoseconds: Int, addedLow: Int, addedHigh: Int, passwordHashNanoseconds: Int?,
        percentWithoutHash: Double?, link: String
    ) {
        self.id = id
        self.base = base
        self.percent = percent
        self.low = low
        self.high = high
        self.percentOfSecure = percentOfSecure
        self.addedNanoseconds = addedNanoseconds
        self.addedLow = addedLow
        self.addedHigh = addedHigh
        self.passwordHashNanoseconds = passwordHashNanoseconds
        self.percentWithoutHash = percentWithoutHash
        self.link = link
    }
}

/// An arm's cost over payload size as a straight line, with 95 % intervals.
public struct Fit: Codable, Equatable, Sendable {
    /// `<what>/<arm>/<suite>`.
    public var id: String
    public var fixedNanoseconds: Int
    public var fixedLow: Int
    public var fixedHigh: Int
    public var nanosecondsPerByte: Double
    public var perByteLow: Double
    public var perByteHigh: Double

    public init(id: String, _ fit: SizeSeries.Fit) {
        self.id = id
        fixedNanoseconds = Int(fit.fixed.point.rounded())
        fixedLow = Int(fit.fixed.low.rounded())
        fixedHigh = Int(fit.fixed.high.rounded())
        nanosecondsPerByte = fit.perByte.point
        perByteLow = fit.perByte.low
        perByteHigh = fit.perByte.high
    }
}

/// One phase of an operation, taken in a second pass whose clock readings cost time themselves.
public struct PhaseShare: Codable, Equatable, Sendable {
    /// The operation's.
    public var id: String
    /// `other` is the total less all phases.
    public var phase: String
    /// Mean of one operation.
    public var nanoseconds: Int
    public var percent: Double
    /// How often in one operation.
    public var count: Int
    /// What it was about, bytes in one operation.
    public var bytes: Int

    public init(id: String, phase: String, nanoseconds: Int, percent: Double, count: Int, bytes: Int) {
        self.id = id
        self.phase = phase
        self.nanoseconds = nanoseconds
        self.percent = percent
        self.count = count
        self.bytes = bytes
    }
}

/// From which payload on the overhead is below a share, read from two fits.
public struct Crossing: Codable, Equatable, Sendable {
    /// The secure arm's.
    public var id: String
    public var percent: Double
    /// Null where it never is; 0 where it always is. A figure beyond the measured sizes is an extrapolation.
    @OrNull public var payloadBytes: Int?
    /// What overhead tends to as payloads grow, where that is above the share.
    @OrNull public var neverBelowPercent: Double?

    public init(id: String, percent: Double, _ breakEven: BreakEven) {
        self.id = id
        self.percent = percent
        switch breakEven {
        case .always: payloadBytes = 0
        case .above(let bytes): payloadBytes = Int(clamping: Int64(min(bytes.rounded(.up), 1e15)))
        case .never(let floor): neverBelowPercent = floor.isFinite ? 100 * floor : nil
        }
    }
}

public struct Voided: Codable, Equatable, Sendable {
    public var id: String
    public var reason: String

    public init(id: String, reason: String) {
        self.id = id
        self.reason = reason
    }
}

/// What a row could cost at best.
public struct Floor: Codable, Equatable, Sendable {
    public var id: String
    public var nanoseconds: Int
    public var what: String

    public init(id: String, nanoseconds: Int, what: String) {
        self.id = id
        self.nanoseconds = nanoseconds
        self.what = what
    }
}

/// A figure to reach, with the ratio that this run measured.
public struct Goal: Codable, Equatable, Sendable {
    public var id: String
    public var what: String
    public var ratio: Double
    @OrNull public var low: Double?
    @OrNull public var high: Double?
    public var limit: Double

    public init(id: String, what: String, ratio: Double, low: Double? = nil, high: Double? = nil, limit: Double) {
        self.id = id
        self.what = what
        self.ratio = ratio
        self.low = low
        self.high = high
        self.limit = limit
    }

    public var isMet: Bool { ratio <= limit }
}

public struct Count: Codable, Equatable, Sendable {
    public var id: String
    public var value: Int
    public var unit: String

    public init(id: String, value: Int, unit: String) {
        self.id = id
        self.value = value
        self.unit = unit
    }
}
