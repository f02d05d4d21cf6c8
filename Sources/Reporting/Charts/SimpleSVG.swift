internal import Foundation
internal import Harness

/// A chart drawn with nothing but this: plain, complete, and the same bytes every time.
struct SimpleSVG {
    private static let (width, left, right, top, lineHeight) = (760.0, 210.0, 20.0, 10.0, 18.0)
    private let chart: Chart

    init(_ chart: Chart) { self.chart = chart }

    var text: String {
        switch chart.content {
        case .lines(let lines, let reference): drawn(lines, reference)
        case .bars(let bars): drawn(bars)
        case .heat(let cells, let limit): drawn(cells, limit)
        }
    }

    // MARK: Lines

    private func drawn(_ lines: [Chart.Line], _ reference: Double?) -> String {
        let height = 320.0
        let extent = Chart.extent(lines, reference)
        let x = Scale(extent.x, chart.horizontal, from: 70, to: Self.width - Self.right)
        let y = Scale(extent.y, chart.vertical, from: height - 40, to: Self.top)
        var body = ""
        for tick in x.ticks {
            body += line(x.place(tick), Self.top, x.place(tick), height - 40, Palette.faint)
            body += label(Self.short(tick), x.place(tick), height - 24, "middle")
        }
        for tick in y.ticks {
            body += line(70, y.place(tick), Self.width - Self.right, y.place(tick), Palette.faint)
            body += label(Self.short(tick), 64, y.place(tick) + 4, "end")
        }
        body += label(chart.horizontal.title, (70 + Self.width) / 2, height - 6, "middle")
        body += label(chart.vertical.title, 70, Self.top - 2, "start")
        if let reference {
            body += line(
                70, y.place(reference), Self.width - Self.right, y.place(reference), Palette.ink, dashes: "2 3")
        }
        for (index, line) in lines.enumerated() {
            let color = Palette.color(index)
            let band = line.points.filter { $0.low != nil }
            if band.count > 1 {
                let upper = band.map { "\(Self.number(x.place($0.x))),\(Self.number(y.place($0.high ?? $0.y)))" }
                let lower = band.reversed().map {
                    "\(Self.number(x.place($0.x))),\(Self.number(y.place($0.low ?? $0.y)))"
                }
                body +=
                    "<polygon points=\"\((upper + lower).joined(separator: " "))\" fill=\"\(color)\" opacity=\"0.15\"/>"
            }
            let path = line.points.map { "\(Self.number(x.place($0.x))),\(Self.number(y.place($0.y)))" }
            let dashes = line.isDashed ? " stroke-dasharray=\"5 3\"" : ""
            body +=
                "<polyline points=\"\(path.joined(separator: " "))\" fill=\"none\" stroke=\"\(color)\" stroke-width=\"2\"\(dashes)/>"
        }
        return page(
            body + legend(chart.names, from: height + 8), height: height + 12 + Self.lineHeight * rows(of: chart.names))
    }

    // MARK: Bars

    private func drawn(_ bars: [Chart.Bar]) -> String {
        let height = Self.top + 24 * Double(bars.count)
        let x = Scale(
            bars.flatMap { $0.segments.flatMap { [$0.start, $0.end] } } + [0], chart.horizontal, from: Self.left,
            to: Self.width - Self.right)
        var body = ""
        for tick in x.ticks {
            body += line(x.place(tick), Self.top, x.place(tick), height, Palette.faint)
            body += label(Self.short(tick), x.place(tick), height + 16, "middle")
        }
        body += label(chart.horizontal.title, (Self.left + Self.width) / 2, height + 34, "middle")
        for (index, bar) in bars.enumerated() {
            let top = Self.top + 24 * Double(index) + 3
            body += label(bar.label, Self.left - 6, top + 13, "end")
            for segment in bar.segments {
                let (from, to) = (x.place(segment.start), x.place(segment.end))
                let color = Palette.color(chart.names.firstIndex(of: segment.name) ?? 0)
                body += rectangle(from, top, max(1, to - from), 18, color)
            }
        }
        let names = chart.names.count > 1 ? chart.names : []
        return page(
            body + legend(names, from: height + 46), height: height + 50 + Self.lineHeight * rows(of: names))
    }

    // MARK: Heat

    private func drawn(_ cells: [Chart.Cell], _ limit: Double) -> String {
        let (columns, names) = (orderedUnique(cells.map(\.column)), orderedUnique(cells.map(\.row)))
        let wide = (Self.width - Self.left - Self.right) / Double(max(1, columns.count))
        let height = Self.top + 26 * Double(names.count)
        var body = ""
        for (index, name) in columns.enumerated() {
            body += label(name, Self.left + wide * (Double(index) + 0.5), height + 16, "middle")
        }
        for (index, name) in names.enumerated() {
            body += label(name, Self.left - 6, Self.top + 26 * Double(index) + 17, "end")
        }
        for cell in cells {
            let left = Self.left + wide * Double(columns.firstIndex(of: cell.column) ?? 0)
            let top = Self.top + 26 * Double(names.firstIndex(of: cell.row) ?? 0)
            body += rectangle(left, top, wide - 1, 25, HeatScale.fill(cell.value))
            body += label(
                HeatScale.label(cell.value, limit), left + wide / 2, top + 17, "middle",
                color: HeatScale.ink(cell.value))
        }
        body += label(chart.horizontal.title, (Self.left + Self.width) / 2, height + 34, "middle")
        return page(body, height: height + 42)
    }

    // MARK: Parts

    /// Where numbers lie along an axis.
    private struct Scale {
        private let isLogarithmic: Bool
        private let (low, high): (Double, Double)
        private let (from, to): (Double, Double)

        init(_ values: [Double], _ axis: Chart.Axis, from: Double, to: Double) {
            isLogarithmic = axis.isLogarithmic
            let usable = isLogarithmic ? values.filter { $0 > 0 } : values
            let (low, high) = (usable.min() ?? 0, usable.max() ?? 1)
            let start = isLogarithmic ? log10(low) : min(0, low)
            let end = isLogarithmic ? log10(high) : high
            (self.low, self.high) = (start, end > start ? end : start + 1)
            (self.from, self.to) = (from, to)
        }

        func place(_ value: Double) -> Double {
            let position = isLogarithmic ? log10(max(value, 1e-12)) : value
            return from + (to - from) * min(1, max(0, (position - low) / (high - low)))
        }

        /// Powers of ten, or some six round numbers.
        var ticks: [Double] {
            guard !isLogarithmic else {
                return Chart.Axis.logarithmicTicks(from: pow(10, low), to: pow(10, high))
            }
            let rough = (high - low) / 6
            let power = pow(10, log10(rough).rounded(.down))
            let step = [1.0, 2, 5, 10].map { $0 * power }.first { $0 >= rough } ?? rough
            return stride(from: (low / step).rounded(.up) * step, through: high, by: step).map { $0 }
        }
    }

    private func legend(_ names: [String], from top: Double) -> String {
        names.enumerated().map { index, name in
            let left = 70 + 345 * Double(index % 2)
            let line = top + Self.lineHeight * Double(index / 2)
            return rectangle(left, line, 12, 12, Palette.color(index)) + label(name, left + 18, line + 10, "start")
        }.joined()
    }

    private func rows(of names: [String]) -> Double { Double((names.count + 1) / 2) }

    private func page(_ body: String, height: Double) -> String {
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(Self.number(Self.width)) \(Self.number(height))\" "
            + "width=\"\(Self.number(Self.width))\" height=\"\(Self.number(height))\" font-family=\"sans-serif\" font-size=\"11\">"
            + body + "</svg>\n"
    }

    private func rectangle(_ x: Double, _ y: Double, _ width: Double, _ height: Double, _ color: String) -> String {
        "<rect x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" width=\"\(Self.number(width))\" height=\"\(Self.number(height))\" fill=\"\(color)\"/>"
    }

    private func line(
        _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ color: String, dashes: String? = nil
    ) -> String {
        let dashed = dashes.map { " stroke-dasharray=\"\($0)\"" } ?? ""
        return
            "<line x1=\"\(Self.number(x1))\" y1=\"\(Self.number(y1))\" x2=\"\(Self.number(x2))\" y2=\"\(Self.number(y2))\" stroke=\"\(color)\"\(dashed)/>"
    }

    private func label(_ text: String, _ x: Double, _ y: Double, _ anchor: String, color: String = Palette.ink)
        -> String
    {
        "<text x=\"\(Self.number(x))\" y=\"\(Self.number(y))\" text-anchor=\"\(anchor)\" fill=\"\(color)\">\(HTML.escaped(text))</text>"
    }

    private static func number(_ value: Double) -> String { decimal(value, 1) }

    /// 1k, 10M: as Vega-Lite writes them.
    private static func short(_ value: Double) -> String {
        for (power, name) in [(1e9, "G"), (1e6, "M"), (1e3, "k")] where abs(value) >= power {
            return trimmed(value / power) + name
        }
        return trimmed(value)
    }

    private static func trimmed(_ value: Double) -> String {
        let text = decimal(value, abs(value) < 1 && value != 0 ? 3 : 1)
        guard text.contains(".") else { return text }
        var short = Substring(text)
        while short.hasSuffix("0") { short = short.dropLast() }
        return String(short.hasSuffix(".") ? short.dropLast() : short)
    }
}
