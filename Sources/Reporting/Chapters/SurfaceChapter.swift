internal import Harness
internal import Projection

/// Payload by link.
enum SurfaceChapter {
    static func make(_ surface: Surface) -> OverheadReport.Chapter {
        let tables = SurfaceTables(surface).sections
        return OverheadReport.Chapter(
            name: "surface", title: "Overhead over payload and link",
            paragraphs: ["Projected, not measured. A star marks payloads at which overhead is below 10 %."]
                + SurfaceTables(surface).closing,
            charts: surface.sheets.enumerated().map { index, sheet in
                Chart(
                    name: "surface-\(index + 1)",
                    description:
                        "Overhead in per cent over payload and link on \(sheet.profile.title), \(sheet.suite); the numbers follow as a table.",
                    horizontal: .init(title: "payload, bytes (\(sheet.profile.id), \(sheet.suite))"),
                    vertical: .init(title: ""),
                    content: .heat(
                        sheet.lines.flatMap { line in
                            line.points.map { point in
                                Chart.Cell(
                                    column: grouped(point.payloadBytes),
                                    row:
                                        "\(decimal(line.roundTripMilliseconds, 1)) ms, \(decimal(line.megabitsPerSecond, 0)) Mbit/s",
                                    value: point.percent)
                            }
                        }, limit: 10))
            },
            tables: tables.map { ("Projected overhead in %: \($0.title)", $0.table) })
    }
}
