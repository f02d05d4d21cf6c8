public import Harness
internal import Metrology

/// How well counted work times prices predicts times that can be measured: one instruction set's times on this
/// machine from another's, schema `juxtapose.validation/1`.
public struct Validation: Versioned, Equatable, Sendable {
    public static let schemaName = "juxtapose.validation/1"

    public var schema = Validation.schemaName
    public var cases: [Case]
    public var medianErrorPercent: Double
    public var worstErrorPercent: Double
    /// What this test cannot see.
    public var unseen: [String]

    public struct Case: Codable, Equatable, Sendable {
        public var id: String
        /// Instruction sets: prices of everything but cryptography come from the first, times from the second.
        public var from: String
        public var to: String
        /// Medians over the rounds.
        public var predictedNanoseconds: Int
        public var measuredNanoseconds: Int
        /// The median of the rounds' own errors.
        public var errorPercent: Double

        /// - Parameter rounds: nanoseconds of each, both sides at about the same time; at least one.
        public init(id: String, from: String, to: String, rounds: [(predicted: Double, measured: Double)]) {
            self.id = id
            self.from = from
            self.to = to
            predictedNanoseconds = Int(Statistics.median(rounds.map(\.predicted)).rounded())
            measuredNanoseconds = Int(Statistics.median(rounds.map(\.measured)).rounded())
            errorPercent = Statistics.median(rounds.map { 100 * ($0.predicted / max(1, $0.measured) - 1) })
        }
    }

    /// - Parameter cases: at least one.
    public init(_ cases: [Case], unseen: [String]) {
        self.cases = cases
        let errors = cases.map { abs($0.errorPercent) }
        medianErrorPercent = Statistics.median(errors)
        worstErrorPercent = errors.max() ?? 0
        self.unseen = unseen
    }

    /// In one sentence; what stands beside every projection.
    public static func sentence(_ validation: Validation?) -> String {
        guard let validation else {
            return
                "Not validated: how well this predicts was not measured, for lack of the machine or of its instruction sets."
        }
        let (median, worst) = (validation.medianErrorPercent, validation.worstErrorPercent)
        return
            "Validated: median error \(decimal(median, 1)) %, worst \(decimal(worst, 1)) % over \(validation.cases.count) predictions of one instruction set of this machine from another's."
    }
}
