internal import Harness

/// Who computes RSA, and how fast.
enum EngineChapter {
    static func make(_ runs: [RecordedRun]) -> OverheadReport.Chapter? {
        var table = TextTable(["operation", "kind", "median", "relative to openSSL"])
        var bars: [Chart.Bar] = []
        var seen: Set<String> = []
        for run in runs {
            let rows = run.summary.rows.filter {
                $0.id.hasPrefix("core/private/") && $0.id.split(separator: "/").count == 4
            }
            for row in rows where seen.insert(row.id).inserted {
                let parts = row.id.split(separator: "/").map(String.init)
                let mask = parts[3].split(separator: "-").dropFirst().first.map { "-\($0)" } ?? ""
                guard let base = rows.first(where: { $0.id == "core/private/\(parts[2])/openSSL\(mask)" }) else {
                    continue
                }
                let ratio = Double(row.medianNanoseconds) / Double(base.medianNanoseconds)
                table.add([row.id, row.kind.rawValue, duration(row.medianNanoseconds), decimal(ratio, 3)])
                bars.append(
                    Chart.Bar(
                        label: "\(parts[2]) \(parts[3])",
                        segments: [.init(name: "private operation", start: 0, end: ratio)]))
            }
        }
        guard !bars.isEmpty else {
            return nil
        }
        return OverheadReport.Chapter(
            name: "engines", title: "Engines",
            paragraphs: [
                "One private operation with each engine, as a multiple of libcrypto's of the same key and instruction sets. Shorter is faster."
            ],
            charts: [
                Chart(
                    name: "engines",
                    description:
                        "Private RSA operations of each engine relative to openSSL; the numbers follow as a table.",
                    horizontal: .init(title: "time relative to engine openSSL"), vertical: .init(title: ""),
                    content: .bars(bars))
            ], tables: [("Private operations by engine", table)])
    }
}
