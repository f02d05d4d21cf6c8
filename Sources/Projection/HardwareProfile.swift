public import Foundation
public import Harness

/// What a machine's elementary operations cost, schema `juxtapose.profile/1`: every number with its unit, its interval,
/// and where it comes from.
public struct HardwareProfile: Versioned, Equatable, Sendable {
    public static let schemaName = "juxtapose.profile/1"

    public var schema = HardwareProfile.schemaName
    /// Lower-case letters, digits, points and dashes: also the file's name.
    public var id: String
    public var title: String
    /// Instruction set, clock, caches, memory, in words.
    public var machine: String
    public var notes: String
    public var figures: [Figure]

    public init(id: String, title: String, machine: String, notes: String, figures: [Figure]) {
        self.id = id
        self.title = title
        self.machine = machine
        self.notes = notes
        self.figures = figures
    }

    /// One number of a profile.
    public struct Figure: Codable, Equatable, Sendable {
        public var id: String
        public var value: Double
        /// The value is as likely below `low` as above `high`: one in twenty each.
        public var low: Double
        public var high: Double
        public var unit: Unit
        public var sourceClass: SourceClass
        public var source: String

        public init(
            id: String, value: Double, low: Double, high: Double, unit: Unit, sourceClass: SourceClass, source: String
        ) {
            self.id = id
            self.value = value
            self.low = low
            self.high = high
            self.unit = unit
            self.sourceClass = sourceClass
            self.source = source
        }
    }

    public enum Unit: String, Codable, Sendable {
        case nanoseconds = "ns"
        case nanosecondsPerByte = "ns/B"
    }

    /// How much a number may be trusted, best first.
    public enum SourceClass: String, Codable, CaseIterable, Sendable {
        case measured, published, derived, assumed
    }

    public func figure(_ id: String) -> Figure? { figures.first { $0.id == id } }

    /// A profile from its file.
    /// - Throws: `.inputMissing`, `.badData`.
    public static func read(_ file: URL) throws(Failure) -> HardwareProfile {
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(
                .inputMissing, "there is no profile at \(file.path). `juxtapose profile list` shows those there are.")
        }
        let profile = try StrictJSON.read(HardwareProfile.self, from: file)
        try profile.check(file.path)
        return profile
    }

    /// Refuses what no profile can be.
    /// - Parameter place: named in the refusal.
    public func check(_ place: String) throws(Failure) {
        func refuse(_ why: String) -> Failure { Failure(.badData, "\(place): \(why)") }
        guard !id.isEmpty, id.allSatisfy({ "abcdefghijklmnopqrstuvwxyz0123456789.-".contains($0) }) else {
            throw refuse("the id \"\(id)\" is not made of lower-case letters, digits, points and dashes")
        }
        guard !figures.isEmpty else { throw refuse("there are no figures") }
        var seen: Set<String> = []
        for figure in figures {
            guard let unit = Cost.unit(of: figure.id) else { throw refuse("nothing is called \"\(figure.id)\"") }
            guard seen.insert(figure.id).inserted else { throw refuse("\(figure.id) stands twice") }
            guard figure.unit == unit else {
                throw refuse("\(figure.id) is in \(figure.unit.rawValue), not in \(unit.rawValue)")
            }
            guard figure.low > 0, figure.low <= figure.value, figure.value <= figure.high, figure.high.isFinite else {
                throw refuse("\(figure.id): 0 < low <= value <= high does not hold")
            }
            guard figure.source.contains(where: { !$0.isWhitespace }) else {
                throw refuse("\(figure.id) names no source")
            }
        }
    }
}
