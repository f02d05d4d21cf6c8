public import Foundation

/// What a gate lets pass, schema `juxtapose.policy/1`.
public struct CountPolicy: Versioned, Equatable, Sendable {
    public static let schemaName = "juxtapose.policy/1"

    /// A finding that is known and accepted for a time.
    public struct Waiver: Codable, Equatable, Sendable {
        public var row: String
        public var figure: String
        public var reason: String
        /// The last day, `YYYY-MM-DD`, UTC.
        public var until: String

        public init(row: String, figure: String, reason: String, until: String) {
            self.row = row
            self.figure = figure
            self.reason = reason
            self.until = until
        }
    }

    public var schema = CountPolicy.schemaName
    /// Instructions may grow by this share, in per cent. Nothing else may grow at all.
    public var instructionsPercent = 0.5
    /// Lower confidence bound of the paired CPU-time ratio, in per cent.
    public var cpuPercent = 2.0
    public var waivers: [Waiver] = []

    public init() {}

    /// - Throws: `.inputMissing`, `.badData` for a policy that could hide anything: no reason, no date, a threshold
    ///   that is none.
    public static func read(_ file: URL) throws(Failure) -> CountPolicy {
        let policy = try StrictJSON.read(CountPolicy.self, from: file)
        for (name, percent) in [
            ("instructionsPercent", policy.instructionsPercent), ("cpuPercent", policy.cpuPercent),
        ] where !(percent > 0 && percent <= 100) {
            throw Failure(.badData, "\(file.path): \(name) is \(percent); it is over 0 and at most 100")
        }
        let figures = Set(CountRow.figures.map(\.name) + ["cpu"])
        for waiver in policy.waivers {
            guard !waiver.reason.trimmingCharacters(in: .whitespaces).isEmpty else {
                throw Failure(.badData, "\(file.path): the waiver for \(waiver.row) gives no reason")
            }
            guard figures.contains(waiver.figure) else {
                throw Failure(.badData, "\(file.path): there is no figure \(waiver.figure)")
            }
            guard isDate(waiver.until) else {
                throw Failure(.badData, "\(file.path): the waiver for \(waiver.row) ends on no date: \(waiver.until)")
            }
        }
        return policy
    }

    /// - Parameter day: today, `YYYY-MM-DD`: dates of this form compare as text.
    public func waiver(row: String, figure: String, on day: String) -> Waiver? {
        waivers.first { $0.row == row && $0.figure == figure && $0.until >= day }
    }

    /// Today in UTC.
    public static func day(_ time: Date) -> String { String(ISO8601DateFormatter().string(from: time).prefix(10)) }

    private static func isDate(_ text: String) -> Bool {
        guard let date = ISO8601DateFormatter().date(from: text + "T00:00:00Z") else { return false }
        return day(date) == text
    }
}
