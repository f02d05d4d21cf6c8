internal import Metrology

/// A gate's outcome for a terminal, for a pull request (Markdown), and for a CI server (JUnit XML).
public struct GateReport: Sendable {
    private let outcome: GateOutcome
    private let against: String

    /// - Parameter against: the baseline's name, or the base revision.
    public init(_ outcome: GateOutcome, against: String) {
        self.outcome = outcome
        self.against = against
    }

    public var terminal: String {
        var text = verdict + "\n"
        for (title, table) in tables { text += "\n\(title)\n" + table.aligned }
        return text + "\n" + footnote + "\n"
    }

    public var markdown: String {
        var text = "### \(verdict)\n\n"
        for (title, table) in tables { text += "**\(title)**\n\n" + table.markdown + "\n" }
        return text + footnote + "\n"
    }

    /// What changed, without a verdict on the whole.
    public var comparison: String {
        let changed = tables.map { $0 + "\n" + $1.aligned }.joined(separator: "\n")
        let compared = outcome.attempts.first?.comparedFigures ?? 0
        return (changed.isEmpty ? "Nothing changed.\n" : changed) + "\n\(compared) figures compared.\n"
    }

    private var verdict: String {
        let failing = outcome.failing.count + outcome.failingPaces.count
        return failing == 0
            ? "Gate passed: nothing got worse than \(against)"
            : "Gate FAILED: \(failing) figure\(failing == 1 ? "" : "s") worse than \(against)"
    }

    private var footnote: String {
        let compared = outcome.attempts.first?.comparedFigures ?? 0
        var parts = ["\(compared) figures compared"]
        if outcome.attempts.count > 1 { parts.append("failing rows counted \(outcome.attempts.count) times") }
        if outcome.paces.count > 1 { parts.append("slower rows paced \(outcome.paces.count) times") }
        parts += outcome.selfTests.map { "self-test: \($0.what) was \($0.isCaught ? "caught" : "MISSED")" }
        if let new = outcome.attempts.first?.newRows, !new.isEmpty {
            parts.append("not in the baseline: \(new.joined(separator: ", "))")
        }
        return parts.joined(separator: "; ") + "."
    }

    private var tables: [(String, TextTable)] {
        var found: [(String, TextTable)] = []
        if let findings = outcome.attempts.first?.findings, !findings.isEmpty {
            var table = TextTable(["row", "figure", "base", "head", "change", "verdict"])
            for finding in findings {
                table.add([
                    finding.row, finding.figure, finding.base.map(grouped) ?? "-", finding.head.map(grouped) ?? "-",
                    finding.percent.map { ($0 > 0 ? "+" : "") + decimal($0, 2) + " %" } ?? "-", word(finding),
                ])
            }
            found.append(("Counts that changed", table))
        }
        if let paces = outcome.paces.last, let first = outcome.paces.first, !first.isEmpty {
            var table = TextTable(["row", "pairs", "CPU time", "95 % interval", "p", "limit", "verdict"])
            let again = Dictionary(paces.map { ($0.row, $0) }) { first, _ in first }
            for pace in first.map({ again[$0.row] ?? $0 }) {
                table.add([
                    pace.row, "\(pace.pairs)", change(pace.ratio.point),
                    "\(change(pace.ratio.low)) ... \(change(pace.ratio.high))",
                    pace.pValue.map { decimal($0, 3) } ?? "-", "+\(decimal(pace.limitPercent, 1)) %",
                    pace.waiver.map { "\(pace.verdict.rawValue), waived: \($0)" }
                        ?? (pace.verdict == .unresolved ? "~" : pace.verdict.rawValue),
                ])
            }
            found.append(("CPU time, interleaved pairs", table))
        }
        return found
    }

    private func change(_ ratio: Double) -> String { (ratio >= 1 ? "+" : "") + decimal(100 * (ratio - 1), 2) + " %" }

    private func word(_ finding: CountComparison.Finding) -> String {
        let isConfirmed = outcome.failing.contains(finding)
        switch finding.verdict {
        case .regression: return isConfirmed ? "REGRESSION" : "not confirmed"
        case .waived: return "waived: \(finding.note ?? "")"
        case .vanished: return "GONE"
        case .improvement, .same: return finding.verdict.rawValue
        }
    }

    /// One test case a row, in the form that CI servers read (the JUnit XML of Jenkins and GitLab).
    public var junit: String {
        let failing = Dictionary(grouping: outcome.failing, by: \.row)
        let rows = outcome.head?.rows.map(\.id) ?? []
        let gone = outcome.failing.filter { !rows.contains($0.row) }.map(\.row)
        let slow = outcome.failingPaces
        let cases = rows + gone
        let count = cases.count + (outcome.paces.first?.count ?? 0)
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites><testsuite name=\"juxtapose gate\" tests=\"\(count)\" "
        text += "failures=\"\(failing.count + slow.count)\">\n"
        for row in cases {
            let message = (failing[row] ?? []).map {
                "\($0.figure): \($0.base.map(grouped) ?? "-") -> \($0.head.map(grouped) ?? "gone")"
            }
            text += testCase("count", row, message.isEmpty ? nil : message.joined(separator: "; "))
        }
        for pace in outcome.paces.first ?? [] {
            let isSlow = slow.contains { $0.row == pace.row }
            text += testCase("cpu", pace.row, isSlow ? "slower: \(change(pace.ratio.low)) at least" : nil)
        }
        return text + "</testsuite></testsuites>\n"
    }

    private func testCase(_ kind: String, _ row: String, _ failure: String?) -> String {
        let head = "<testcase classname=\"\(kind)\" name=\"\(escape(row))\""
        guard let failure else { return head + "/>\n" }
        return head + "><failure message=\"\(escape(failure))\"/></testcase>\n"
    }

    private func escape(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
