internal import Foundation
internal import Metrology

/// A run in the form that another tool reads.
public enum ExportFormat: String, CaseIterable, Sendable {
    case csv, jsonl, jmh, githubActionBenchmark = "github-action-benchmark", bencher, openmetrics, markdown
}

/// Rows of a run with the interval of their medians.
public struct Export: Sendable {
    let run: RecordedRun
    /// Each row's median with its 95 % interval, nanoseconds.
    let medians: [String: Estimate]

    public init(_ run: RecordedRun, seed: UInt64 = 1) {
        self.run = run
        medians = Dictionary(
            uniqueKeysWithValues: run.summary.rows.map {
                ($0.id, UnpairedComparison.median(run.store.blocks(of: $0.id), seed: seed))
            })
    }

    public func text(_ format: ExportFormat) throws(Failure) -> String {
        switch format {
        case .csv: csv
        case .jsonl: try lines
        case .jmh: try jmh
        case .githubActionBenchmark: try githubActionBenchmark
        case .bencher: try bencher
        case .openmetrics: openMetrics
        case .markdown: Report(run.summary, run.manifest).markdown
        }
    }

    /// RFC 4180, the header first. Columns are only ever added at the end.
    private var csv: String {
        var text =
            "id,kind,clock,samples,pairs,median_ns,median_low_ns,median_high_ns,p95_ns,p99_ns,mild_outliers,severe_outliers\r\n"
        for row in run.summary.rows {
            let median = medians[row.id]
            let fields = [
                row.id, row.kind.rawValue, row.clock.rawValue, "\(row.samples)", row.pairs.map { "\($0)" } ?? "",
                "\(row.medianNanoseconds)", decimal(median?.low ?? 0, 1), decimal(median?.high ?? 0, 1),
                "\(row.p95Nanoseconds)", "\(row.p99Nanoseconds)", "\(row.mildOutliers)", "\(row.severeOutliers)",
            ]
            text += fields.map(Self.quoted).joined(separator: ",") + "\r\n"
        }
        return text
    }

    private static func quoted(_ field: String) -> String {
        guard field.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return field }
        return "\"" + field.replacing("\"", with: "\"\"") + "\""
    }

    /// One object a row, as in the summary.
    private var lines: String {
        get throws(Failure) {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            var text = ""
            for row in run.summary.rows { text += try Self.string(encoder, row) + "\n" }
            return text
        }
    }

    static func json(_ value: some Encodable) throws(Failure) -> String {
        String(decoding: try AtomicFile.encode(value), as: UTF8.self)
    }

    private static func string(_ encoder: JSONEncoder, _ value: some Encodable) throws(Failure) -> String {
        do { return String(decoding: try encoder.encode(value), as: UTF8.self) } catch {
            throw Failure(.internalError, "cannot encode a row: \(error)")
        }
    }
}
