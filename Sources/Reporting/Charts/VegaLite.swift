internal import Foundation

/// A chart as a Vega-Lite specification (vega.github.io/schema/vega-lite/v5.json).
struct VegaLite {
    private static let width = 680
    private let chart: Chart

    init(_ chart: Chart) { self.chart = chart }

    /// The specification; the same chart, the same bytes.
    var specification: [String: Any] {
        var spec: [String: Any] = [
            "$schema": "https://vega.github.io/schema/vega-lite/v5.json", "width": Self.width,
            "description": chart.description, "background": NSNull(), "padding": 4, "config": config,
        ]
        switch chart.content {
        case .lines(let lines, let reference):
            spec["height"] = 340
            spec["layer"] = layers(lines, reference)
        case .bars(let bars):
            spec["height"] = ["step": 22]
            spec.merge(self.bars(bars)) { $1 }
        case .heat(let cells, let limit):
            spec["height"] = ["step": 26]
            spec.merge(heat(cells, limit)) { $1 }
        }
        return spec
    }

    private var config: [String: Any] {
        let text: [String: Any] = ["labelColor": Palette.ink, "titleColor": Palette.ink]
        return [
            "font": "sans-serif", "view": ["stroke": NSNull()],
            "axis": text.merging([
                "gridColor": Palette.faint, "domainColor": Palette.ink, "tickColor": Palette.ink,
                "titleFontWeight": "normal",
            ]) { $1 },
            "legend": text.merging([
                "orient": "bottom", "columns": 2, "labelLimit": 400, "columnPadding": 70, "title": NSNull(),
                "symbolOpacity": 1,
            ]) { $1 },
        ]
    }

    private var colors: [String: Any] {
        let names = chart.names
        var encoding: [String: Any] = [
            "field": "name", "type": "nominal",
            "scale": ["domain": names, "range": names.indices.map(Palette.color)],
        ]
        if names.count == 1 { encoding["legend"] = NSNull() }
        return encoding
    }

    /// - Parameter values: what must have room; a bar's axis begins at nothing.
    private func axis(_ field: String, _ axis: Chart.Axis, _ values: [Double]) -> [String: Any] {
        let (low, high) = (values.min() ?? 0, values.max() ?? 1)
        var encoding: [String: Any] = ["field": field, "type": "quantitative", "title": axis.title]
        encoding["axis"] = ["format": ".6~g", "tickCount": 8]
        if axis.isLogarithmic {
            encoding["axis"] = ["format": "~s", "values": Chart.Axis.logarithmicTicks(from: low, to: high)]
            encoding["scale"] = ["type": "log", "nice": false, "domain": [low, high]]
        } else {
            encoding["scale"] = ["nice": false, "domain": [min(0, low), high]]
        }
        return encoding
    }

    private func layers(_ lines: [Chart.Line], _ reference: Double?) -> [[String: Any]] {
        let values: [[String: Any]] = lines.flatMap { line in
            line.points.map { point in
                var value: [String: Any] = [
                    "x": point.x, "y": point.y, "name": line.name, "dashed": line.isDashed ? "projected" : "measured",
                ]
                if let low = point.low, let high = point.high { (value["low"], value["high"]) = (low, high) }
                return value
            }
        }
        let data: [String: Any] = ["values": values]
        let extent = Chart.extent(lines, reference)
        let (x, y) = (axis("x", chart.horizontal, extent.x), axis("y", chart.vertical, extent.y))
        var low = y
        low["field"] = "low"
        var layers: [[String: Any]] = [
            [
                "data": data, "transform": [["filter": "isValid(datum.low)"]],
                "mark": ["type": "area", "opacity": 0.15],
                "encoding": ["x": x, "y": low, "y2": ["field": "high"], "color": colors],
            ],
            [
                "data": data, "mark": ["type": "line", "strokeWidth": 2],
                "encoding": [
                    "x": x, "y": y, "color": colors,
                    "strokeDash": [
                        "field": "dashed", "type": "nominal", "legend": NSNull(),
                        "scale": ["domain": ["measured", "projected"], "range": [[1, 0], [5, 3]]],
                    ],
                ],
            ],
        ]
        if let reference {
            layers.append([
                "data": ["values": [["y": reference]]],
                "mark": ["type": "rule", "strokeDash": [2, 3], "color": Palette.ink],
                "encoding": ["y": y],
            ])
        }
        return layers
    }

    private func bars(_ bars: [Chart.Bar]) -> [String: Any] {
        let values: [[String: Any]] = bars.flatMap { bar in
            bar.segments.map { ["row": bar.label, "name": $0.name, "start": $0.start, "end": $0.end] }
        }
        var x = axis("start", chart.horizontal, bars.flatMap { $0.segments.map(\.end) })
        x["stack"] = NSNull()
        return [
            "data": ["values": values], "mark": ["type": "bar", "height": ["band": 0.75]],
            "encoding": [
                "y": [
                    "field": "row", "type": "nominal", "sort": bars.map(\.label), "title": chart.vertical.title,
                    "axis": ["labelLimit": 320, "grid": false],
                ],
                "x": x, "x2": ["field": "end"], "color": colors,
            ],
        ]
    }

    private func heat(_ cells: [Chart.Cell], _ limit: Double) -> [String: Any] {
        let columns = orderedUnique(cells.map(\.column))
        let rows = orderedUnique(cells.map(\.row))
        let values: [[String: Any]] = cells.map { cell in
            [
                "column": cell.column, "row": cell.row, "value": cell.value, "text": HeatScale.label(cell.value, limit),
                "fill": HeatScale.fill(cell.value), "ink": HeatScale.ink(cell.value),
            ]
        }
        let place: [String: Any] = [
            "x": [
                "field": "column", "type": "nominal", "sort": columns, "title": chart.horizontal.title,
                "axis": ["labelAngle": 0, "grid": false],
            ],
            "y": [
                "field": "row", "type": "nominal", "sort": rows, "title": chart.vertical.title,
                "axis": ["labelLimit": 240, "grid": false],
            ],
        ]
        let fill: [String: Any] = ["field": "fill", "type": "nominal", "scale": NSNull()]
        let ink: [String: Any] = ["field": "ink", "type": "nominal", "scale": NSNull()]
        return [
            "data": ["values": values],
            "layer": [
                ["mark": "rect", "encoding": place.merging(["color": fill]) { $1 }],
                [
                    "mark": ["type": "text", "fontSize": 11],
                    "encoding": place.merging(["text": ["field": "text"], "color": ink]) { $1 },
                ],
            ],
        ]
    }
}

func orderedUnique(_ values: [String]) -> [String] {
    var seen: Set<String> = []
    return values.filter { seen.insert($0).inserted }
}
