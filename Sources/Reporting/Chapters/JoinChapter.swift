internal import Harness
internal import Projection

/// A secure join, step by step.
enum JoinChapter {
    static func make(_ run: RecordedRun, _ projections: [Projection]) -> OverheadReport.Chapter? {
        let id = "join/paper/\(run.summary.suite)"
        let phases = run.summary.phases.filter { $0.id == id }
        guard !phases.isEmpty else {
            return nil
        }
        var start = 0.0
        var table = TextTable(["phase", "kind", "time", "%", "times", "bytes"])
        var bars: [Chart.Bar] = []
        for phase in phases {
            table.add([
                phase.phase, Kind.measured.rawValue, duration(phase.nanoseconds), decimal(phase.percent, 1),
                "\(phase.count)",
                phase.bytes == 0 ? "-" : grouped(phase.bytes),
            ])
            guard phase.phase != "password hash" else { continue }
            let end = start + Double(phase.nanoseconds) / 1e6
            bars.append(Chart.Bar(label: phase.phase, segments: [.init(name: "secure join", start: start, end: end)]))
            start = end
        }
        var tables = [("Phases of a secure join in one process: total and share", table)]
        if let projection = projections.first, let parts = projection.rows.first(where: { $0.id == id }) {
            var projected = TextTable(["part", "kind", "time", "%"])
            for part in parts.parts {
                projected.add([
                    part.name, Kind.projected.rawValue, duration(part.nanoseconds),
                    decimal(100 * Double(part.nanoseconds) / Double(parts.nanoseconds), 1),
                ])
            }
            tables.append(
                ("The same join, projected to \(projection.profile.title), link \(projection.link)", projected))
        }
        return OverheadReport.Chapter(
            name: "join", title: "Where the time of a join goes",
            paragraphs: [
                "A second pass with a clock at every seam, both sides in one process. The picture leaves the password hash out: a plain join pays it too, and it is longer than all the rest together."
            ],
            charts: [
                Chart(
                    name: "join",
                    description: "Waterfall of a secure join without its password hash; the numbers follow as a table.",
                    horizontal: .init(title: "ms from the start of the join, password hash left out"),
                    vertical: .init(title: ""),
                    content: .bars(bars))
            ], tables: tables)
    }
}
