internal import Foundation
internal import Harness

/// A report as one page that needs nothing else: no script, no font, no network.
struct HTMLPage {
    private let report: OverheadReport
    private let drawings: [String: String]
    private let made: String

    /// - Parameters:
    ///   - drawings: SVG by chart name.
    ///   - made: the moment, as text.
    init(_ report: OverheadReport, _ drawings: [String: String], made: String) {
        self.report = report
        self.drawings = drawings
        self.made = made
    }

    var text: String {
        let warning = report.warning.map { "<p class=\"warning\" role=\"note\">\(HTML.escaped($0))</p>\n" } ?? ""
        let contents = report.chapters.map { "<li><a href=\"#\($0.name)\">\(HTML.escaped($0.title))</a></li>\n" }
            .joined()
        return """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(HTML.escaped(report.title)): \(HTML.escaped(report.subtitle))</title>
            <link rel="icon" href="data:,">
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <a class="skip" href="#summary">Skip to the report</a>
            \(warning)<header>
            <h1>\(HTML.escaped(report.title))</h1>
            <p>\(HTML.escaped(report.subtitle))</p>
            </header>
            <nav aria-label="Contents"><ol>
            \(contents)</ol></nav>
            <main>
            \(report.chapters.map(chapter).joined())</main>
            <footer><p>Made by juxtapose, \(HTML.escaped(made)). Measured: real code and clocks on the named machine. Emulated: the same with links delayed in user space. Projected: counted work times a hardware profile, never without its interval.</p></footer>
            </body>
            </html>

            """
    }

    private func chapter(_ chapter: OverheadReport.Chapter) -> String {
        var text = "<section id=\"\(chapter.name)\" aria-labelledby=\"\(chapter.name)-title\">\n"
        text += "<h2 id=\"\(chapter.name)-title\">\(HTML.escaped(chapter.title))</h2>\n"
        text += chapter.paragraphs.map { "<p>\(HTML.escaped($0))</p>\n" }.joined()
        for chart in chapter.charts {
            guard let drawing = drawings[chart.name] else { continue }
            text += "<figure>\n" + HTML.inlined(drawing, chart.name, description: chart.description)
            text += "<figcaption>\(HTML.escaped(chart.description))</figcaption>\n</figure>\n"
        }
        text += chapter.tables.map { HTML.table($0.table, caption: $0.caption) }.joined()
        return text + "</section>\n"
    }

    private static var style: String {
        func colors(_ palette: [String]) -> String {
            palette.enumerated().map { "--c\($0): \($1);" }.joined(separator: " ")
        }
        let dark =
            "--paper: #16181c; --ink: #e8e8e8; --quiet: #b0b4ba; --faint: #3a3f47; --stripe: #1e2127; --link: #8fcdf0; --alarm: #5c1f1f; \(colors(Palette.dark))"
        return """
            :root { --paper: #ffffff; --ink: #1c1c1c; --quiet: #555b63; --faint: #d4d4d4; --stripe: #f6f7f9; --link: #0b5c94; --alarm: #ffe0dc; \(colors(Palette.light)) }
            @media (prefers-color-scheme: dark) { :root { \(dark) } }
            * { box-sizing: border-box; }
            body { margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem); max-width: 76rem; background: var(--paper); color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
            h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
            h2 { font-size: 1.3rem; margin: 2.6rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--faint); overflow-wrap: anywhere; }
            header p, figcaption, footer { color: var(--quiet); }
            p { max-width: 46rem; }
            a { color: var(--link); }
            a:focus-visible, .scroll:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
            .skip { position: absolute; left: -100rem; }
            .skip:focus { left: 1rem; top: 1rem; background: var(--paper); padding: .5rem 1rem; }
            nav ol { padding-left: 1.2rem; columns: 2 18rem; }
            nav a { overflow-wrap: anywhere; }
            .warning { position: sticky; top: 0; z-index: 1; max-width: none; margin: 0 0 1rem; padding: .6rem 1rem; background: var(--alarm); border: 2px solid currentColor; font-weight: 600; }
            figure { margin: 1rem 0; }
            .chart { overflow-x: auto; }
            .chart svg { max-width: 100%; height: auto; min-width: 34rem; }
            .scroll { overflow-x: auto; margin: 1rem 0 1.6rem; border: 1px solid var(--faint); border-radius: .4rem; }
            table { border-collapse: collapse; width: 100%; font-size: .86rem; font-variant-numeric: tabular-nums; }
            caption { text-align: left; font-weight: 600; padding: .6rem .8rem; }
            th, td { padding: .3rem .8rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--faint); }
            th:first-child, td:first-child { text-align: left; }
            tbody th { font-weight: 500; }
            tbody tr:nth-child(even) { background: var(--stripe); }
            [id^="run-"] .scroll:first-of-type td { white-space: normal; overflow-wrap: anywhere; text-align: left; }
            @media print {
              body { max-width: none; padding: 0; font-size: 10pt; }
              nav, .skip { display: none; }
              figure, tr { break-inside: avoid; }
              .scroll, .chart { overflow: visible; border: 0; }
              .chart svg { min-width: 0; }
              th, td { white-space: normal; padding: .15rem .35rem; }
              table { font-size: 7pt; }
              .warning { position: fixed; top: 0; left: 0; right: 0; }
            }
            """
    }
}
