internal import Foundation
public import Harness
public import Projection

/// What security costs, as chapters: each with its words, pictures, and the numbers of every picture as a table.
public struct OverheadReport: Sendable {
    struct Chapter: Sendable {
        var name: String
        var title: String
        var paragraphs: [String] = []
        var charts: [Chart] = []
        var tables: [(caption: String, table: TextTable)] = []
    }

    let title = "What security costs"
    /// The run's machine and moment.
    let subtitle: String
    /// Stands on every page.
    let warning: String?
    let chapters: [Chapter]

    var charts: [Chart] { chapters.flatMap(\.charts) }

    /// - Parameters:
    ///   - runs: at least one; the first one's rows are drawn where a chart has room for one run.
    ///   - projections: one for each link.
    ///   - unprojected: why there are none.
    public init(runs: [RecordedRun], projections: [Projection], surface: Surface?, unprojected: String?) {
        let first = runs[0]
        subtitle =
            "\(first.manifest.cpuModel ?? "unknown processor"), \(first.manifest.startedUTC), plan \(first.summary.plan), suite \(first.summary.suite)"
        let incomplete = runs.filter { !$0.summary.isComplete }.map(\.folder.url.lastPathComponent)
        warning =
            incomplete.isEmpty
            ? nil
            : "INCOMPLETE: \(incomplete.joined(separator: ", ")) was interrupted or failed; its figures are what there was."
        chapters =
            [
                SummaryChapter.make(runs, projections), OverheadChapter.make(runs, projections, unprojected),
                JoinChapter.make(first, projections), PhaseChapter.make(first), LatencyChapter.make(first),
                surface.map(SurfaceChapter.make), EngineChapter.make(runs),
            ].compactMap { $0 }.filter { !$0.tables.isEmpty || !$0.paragraphs.isEmpty }
            + runs.map(RunChapter.make)
    }
}
