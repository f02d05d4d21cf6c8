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
        func names(where isSo: (RecordedRun) -> Bool) -> String {
            runs.filter(isSo).map(\.folder.url.lastPathComponent).joined(separator: ", ")
        }
        let (incomplete, debug) = (names { !$0.summary.isComplete }, names { $0.manifest.isOfDebugBuild })
        let warnings = [
            incomplete.isEmpty
                ? nil : "INCOMPLETE: \(incomplete) was interrupted or failed; its figures are what there was.",
            debug.isEmpty ? nil : "DEBUG BUILD: \(debug) was not optimised; its figures are of no use.",
        ].compactMap { $0 }
        warning = warnings.isEmpty ? nil : warnings.joined(separator: " ")
        chapters =
            [
                SummaryChapter.make(runs, projections), OverheadChapter.make(runs, projections, unprojected),
                JoinChapter.make(first, projections), PhaseChapter.make(first), LatencyChapter.make(first),
                surface.map(SurfaceChapter.make), EngineChapter.make(runs),
            ].compactMap { $0 }.filter { !$0.tables.isEmpty || !$0.paragraphs.isEmpty }
            + runs.map(RunChapter.make)
    }
}
