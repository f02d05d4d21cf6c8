internal import Harness
internal import Projection

/// The paper's Figure 2.
enum OverheadChapter {
    static func make(_ runs: [RecordedRun], _ projections: [Projection], _ unprojected: String?)
        -> OverheadReport.Chapter
    {
        var lines: [Chart.Line] = []
        var table = TextTable(["payload", "series", "kind", "overhead %", "interval", "added ms"])
        for run in runs {
            let found = Self.series(run.summary.overheads)
            guard let first = found.first,
                let kind = run.summary.rows.first(where: { $0.id == first.overhead.id })?.kind
            else { continue }
            let name = "\(kind.rawValue), \(run.summary.link), \(run.summary.suite)"
            lines.append(Chart.Line(name: name, points: found.map(Self.point)))
            for (bytes, overhead) in found { table.add(Self.row(bytes, name, kind, overhead)) }
        }
        for projection in projections {
            let found = Self.series(projection.overheads)
            let name = "projected, \(projection.profile.id), \(projection.link)"
            lines.append(Chart.Line(name: name, isDashed: true, points: found.map(Self.point)))
            for (bytes, overhead) in found { table.add(Self.row(bytes, name, .projected, overhead)) }
        }
        return OverheadReport.Chapter(
            name: "overhead", title: "Overhead against payload",
            paragraphs: [
                "The paper's Figure 2: how much longer secureMsgPeer takes than sendMsgPeer, in per cent of the plain message. Bands are 95 % intervals where measured or emulated, 5 to 95 % over the profile's intervals where projected. The dotted line is 10 %."
            ] + (unprojected.map { [$0] } ?? []),
            charts: lines.isEmpty
                ? []
                : [
                    Chart(
                        name: "overhead",
                        description:
                            "Overhead of secure messages against payload, a line for each link; the numbers follow as a table.",
                        horizontal: .init(title: "payload, bytes", isLogarithmic: true),
                        vertical: .init(title: "overhead, % of the plain message", isLogarithmic: true),
                        content: .lines(lines, reference: 10))
                ],
            tables: table.isEmpty ? [] : [("Overhead of secure messages against payload", table)])
    }

    private static func series(_ overheads: [Overhead]) -> [(bytes: Int, overhead: Overhead)] {
        overheads.filter { $0.id.hasPrefix("message/paper/") && $0.percent > 0 }
            .compactMap { overhead in overhead.id.split(separator: "/").last.flatMap { Int($0) }.map { ($0, overhead) }
            }
    }

    private static func point(_ bytes: Int, _ overhead: Overhead) -> Chart.Point {
        Chart.Point(x: Double(bytes), y: overhead.percent, low: max(0.1, overhead.low), high: max(0.1, overhead.high))
    }

    private static func row(_ bytes: Int, _ name: String, _ kind: Kind, _ overhead: Overhead) -> [String] {
        [
            grouped(bytes), name, kind.rawValue, decimal(overhead.percent, 1),
            "\(decimal(overhead.low, 1)) ... \(decimal(overhead.high, 1))", milliseconds(overhead.addedNanoseconds),
        ]
    }
}
