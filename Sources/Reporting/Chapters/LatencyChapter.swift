internal import Harness
internal import Metrology

/// How latencies are spread.
enum LatencyChapter {
    /// Shares at which the distribution is drawn.
    private static let shares =
        [0.01, 0.02, 0.05] + stride(from: 0.1, through: 0.9, by: 0.05).map { $0 } + [0.95, 0.98, 0.99, 0.999]

    static func make(_ run: RecordedRun) -> OverheadReport.Chapter? {
        let ids = run.summary.rows.map(\.id).filter { id in
            let parts = id.split(separator: "/")
            return ["join", "message"].contains(parts[0]) && ["plain", "paper", "paper-uncached"].contains(parts[1])
                && (parts[0] == "join" || parts.last == "1024")
        }
        guard !ids.isEmpty else {
            return nil
        }
        let rows = run.summary.rows.filter { ids.contains($0.id) }
        let lines = ids.map { id in
            let sorted = run.store.nanoseconds(of: id).sorted()
            return Chart.Line(
                name: id,
                points: Self.shares.map {
                    Chart.Point(x: Statistics.quantile($0, ofSorted: sorted) / 1000, y: 100 * $0, low: nil, high: nil)
                })
        }
        var table = TextTable(["row", "kind", "samples", "median", "p95", "p99", "p99.9", "outliers"])
        for row in rows {
            table.add([
                row.id, row.kind.rawValue, "\(row.samples)", duration(row.medianNanoseconds),
                duration(row.p95Nanoseconds),
                duration(row.p99Nanoseconds), duration(row.p999Nanoseconds),
                "\(row.mildOutliers) + \(row.severeOutliers)",
            ])
        }
        return OverheadReport.Chapter(
            name: "latency", title: "How latencies are spread",
            paragraphs: [
                "The share of samples that took no longer. Nothing is left out: outliers are counted (mild + severe by Tukey's fences), never dropped."
            ],
            charts: [
                Chart(
                    name: "latency", description: "Cumulative distribution of latencies; quantiles follow as a table.",
                    horizontal: .init(title: "latency, us", isLogarithmic: true),
                    vertical: .init(title: "% of samples no longer"),
                    content: .lines(lines, reference: nil))
            ], tables: [("Quantiles of latency", table)])
    }
}
