internal import Harness

/// What messages consist of.
enum PhaseChapter {
    /// More parts than these have no colour of their own.
    private static let named = 8

    static func make(_ run: RecordedRun) -> OverheadReport.Chapter? {
        let phases = run.summary.phases.filter { $0.id.hasPrefix("message/") }
        guard !phases.isEmpty else {
            return nil
        }
        var spent: [String: Int] = [:]
        for phase in phases { spent[phase.phase, default: 0] += phase.nanoseconds }
        let largest = spent.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(Self.named).map(\.key)
        var bars: [Chart.Bar] = []
        var table = TextTable(["message", "phase", "kind", "time", "%", "times", "bytes"])
        for id in orderedUnique(phases.map(\.id)) {
            let own = phases.filter { $0.id == id }
            var (segments, start, rest): ([Chart.Segment], Double, Double) = ([], 0, 0)
            for phase in own {
                table.add([
                    id, phase.phase, Kind.measured.rawValue, duration(phase.nanoseconds), decimal(phase.percent, 1),
                    "\(phase.count)", phase.bytes == 0 ? "-" : grouped(phase.bytes),
                ])
                guard largest.contains(phase.phase) else {
                    rest += phase.percent
                    continue
                }
                segments.append(.init(name: phase.phase, start: start, end: start + phase.percent))
                start += phase.percent
            }
            if rest > 0 { segments.append(.init(name: "everything else", start: start, end: start + rest)) }
            bars.append(Chart.Bar(label: Self.label(id), segments: segments))
        }
        return OverheadReport.Chapter(
            name: "phases", title: "Where the time of a message goes",
            paragraphs: ["Shares of each message's whole time, from the same second pass."],
            charts: [
                Chart(
                    name: "phases",
                    description: "Shares of each phase in secure messages; the numbers follow as a table.",
                    horizontal: .init(title: "% of the message's time"), vertical: .init(title: ""),
                    content: .bars(bars))
            ], tables: [("Phases of secure messages", table)])
    }

    /// "paper, 1 024 B": browsers cut long labels off.
    private static func label(_ id: String) -> String {
        let parts = id.split(separator: "/")
        return parts.count > 3 ? "\(parts[1]), \(grouped(Int(parts[3]) ?? 0)) B" : id
    }
}
