public import Foundation
public import Harness

/// `Results/reports/<run>/`: index.html, report.md, and charts as files.
public struct ReportFolder {
    public let url: URL
    private let charts: URL

    /// Makes the folder.
    /// - Throws: `.ioError`.
    public init(_ url: URL) throws(Failure) {
        self.url = url
        charts = url.appendingPathComponent("charts")
        do { try FileManager.default.createDirectory(at: charts, withIntermediateDirectories: true) } catch {
            throw Failure(.ioError, "cannot make \(charts.path): \(error.localizedDescription)")
        }
    }

    /// Draws and writes everything; the same runs with SOURCE_DATE_EPOCH set give the same bytes.
    public func write(_ report: OverheadReport, style: ChartStyle) throws(Failure) {
        let rendered = try ChartRenderer(report.charts, style)
        for (name, drawing) in rendered.drawings {
            try AtomicFile.write(drawing, to: charts.appendingPathComponent("\(name).svg"))
        }
        for (name, picture) in rendered.pictures {
            try AtomicFile.write(picture, to: charts.appendingPathComponent("\(name).png"))
        }
        let made = Self.moment
        try AtomicFile.write(
            HTMLPage(report, rendered.drawings, made: made).text, to: url.appendingPathComponent("index.html"))
        try AtomicFile.write(
            MarkdownPage(report, Set(rendered.drawings.keys), made: made).text,
            to: url.appendingPathComponent("report.md"))
    }

    /// Now, or what SOURCE_DATE_EPOCH says (reproducible-builds.org/specs/source-date-epoch).
    private static var moment: String {
        let fixed = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"].flatMap(Double.init)
        return ISO8601DateFormatter().string(from: fixed.map { Date(timeIntervalSince1970: $0) } ?? Date())
    }
}

/// A report as Markdown, its charts beside it.
struct MarkdownPage {
    private let report: OverheadReport
    private let drawn: Set<String>
    private let made: String

    init(_ report: OverheadReport, _ drawn: Set<String>, made: String) {
        self.report = report
        self.drawn = drawn
        self.made = made
    }

    var text: String {
        var text = "# \(report.title)\n\n\(report.subtitle)\n\n"
        for chapter in report.chapters {
            // Markdown has no pages: every chapter says it.
            if let warning = report.warning { text += "**\(warning)**\n\n" }
            text += "## \(chapter.title)\n\n" + chapter.paragraphs.map { "\($0)\n\n" }.joined()
            for chart in chapter.charts where drawn.contains(chart.name) {
                text += "![\(chart.description)](charts/\(chart.name).svg)\n\n"
            }
            for (caption, table) in chapter.tables { text += "### \(caption)\n\n\(table.markdown)\n" }
        }
        return text + "Made by juxtapose, \(made).\n"
    }
}
