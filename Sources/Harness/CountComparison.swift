/// Two counts of the same rows, figure by figure.
public struct CountComparison: Sendable {
    public enum Verdict: String, Codable, Sendable {
        case same, regression, improvement, waived
        /// The row is gone: what is not counted cannot be gated.
        case vanished
    }

    public struct Finding: Equatable, Codable, Sendable {
        public var row: String
        public var figure: String
        @OrNull public var base: Int?
        @OrNull public var head: Int?
        public var verdict: Verdict
        /// The waiver's reason and date.
        @OrNull public var note: String?

        /// Growth in per cent; nil from or to nothing.
        public var percent: Double? {
            guard let base, let head, base > 0 else { return nil }
            return 100 * (Double(head) / Double(base) - 1)
        }
    }

    /// Everything that is not the same, in the baseline's order.
    public let findings: [Finding]
    /// Rows that the baseline does not have.
    public let newRows: [String]
    public let comparedFigures: Int

    /// What depends on the source alone: equal on every machine.
    public static let portableFigures: Set<String> = [
        "privateOperations", "publicOperations", "aeadBytes", "hashedBytes", "wireBytes", "roundTrips",
        "payloadBytesCopied",
    ]

    /// - Parameters:
    ///   - figures: those to compare; nil for all. System calls are shown, never judged: where memory comes from is
    ///     the allocator's affair.
    ///   - day: today, for waivers.
    public init(base: Counts, head: Counts, policy: CountPolicy, figures: Set<String>? = nil, on day: String) {
        let heads = Dictionary(head.rows.map { ($0.id, $0) }) { first, _ in first }
        var findings: [Finding] = []
        var compared = 0
        for row in base.rows {
            guard let other = heads[row.id] else {
                findings.append(Finding(row: row.id, figure: "-", verdict: .vanished))
                continue
            }
            for figure in CountRow.figures
            where figure.name != "systemCalls" && (figures?.contains(figure.name) ?? true) {
                let (before, after) = (figure.value(row), figure.value(other))
                compared += 1
                var finding = Finding(
                    row: row.id, figure: figure.name, base: before, head: after,
                    verdict: Self.judge(figure.name, before, after, policy))
                if finding.verdict == .regression,
                    let waiver = policy.waiver(row: row.id, figure: figure.name, on: day)
                {
                    finding.verdict = .waived
                    finding.note = "\(waiver.reason) (until \(waiver.until))"
                }
                if finding.verdict != .same { findings.append(finding) }
            }
        }
        self.findings = findings
        comparedFigures = compared
        let known = Set(base.rows.map(\.id))
        newRows = head.rows.map(\.id).filter { !known.contains($0) }
    }

    private static func judge(_ figure: String, _ base: Int?, _ head: Int?, _ policy: CountPolicy) -> Verdict {
        guard let base else { return .same }
        // Counted before and not any more: a gate that let this pass would gate nothing.
        guard let head else { return .vanished }
        guard figure == "instructions" else { return head > base ? .regression : head < base ? .improvement : .same }
        let growth = 100 * (Double(head) - Double(base)) / Double(base)
        return growth > policy.instructionsPercent
            ? .regression : growth < -policy.instructionsPercent ? .improvement : .same
    }

    public var failing: [Finding] { findings.filter { $0.verdict == .regression || $0.verdict == .vanished } }
    public var improvements: [Finding] { findings.filter { $0.verdict == .improvement } }
}
