internal import Foundation

/// A picture as data: drawn by Vega-Lite where it is installed, by ourselves where not.
struct Chart: Sendable {
    /// The file's name and the element's id.
    var name: String
    /// What it shows, for those who cannot see it.
    var description: String
    var horizontal: Axis
    var vertical: Axis
    var content: Content

    struct Axis: Sendable {
        var title: String
        var isLogarithmic = false

        /// Powers of ten between two numbers; one, two and five times them where those would be too few.
        static func logarithmicTicks(from low: Double, to high: Double) -> [Double] {
            guard low > 0, high >= low else { return [] }
            let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
            let factors: [Double] = log10(high / low) < 2.5 ? [1, 2, 5] : [1]
            return powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
                .filter { $0 >= low * 0.999 && $0 <= high * 1.001 }
        }
    }

    enum Content: Sendable {
        /// Curves, each with its band where it has one.
        case lines([Line], reference: Double?)
        /// One bar a row, of segments that may begin anywhere: a waterfall, or shares of a whole.
        case bars([Bar])
        /// Numbers over two lists; those under the limit are marked.
        case heat([Cell], limit: Double)
    }

    struct Line: Sendable {
        var name: String
        /// Measured lines are solid, projected ones dashed.
        var isDashed = false
        var points: [Point]
    }

    struct Point: Sendable {
        var x: Double
        var y: Double
        var low: Double?
        var high: Double?
    }

    struct Bar: Sendable {
        var label: String
        var segments: [Segment]
    }

    struct Segment: Sendable {
        var name: String
        var start: Double
        var end: Double
    }

    struct Cell: Sendable {
        var column: String
        var row: String
        var value: Double
    }

    /// Every number that a chart of lines must have room for.
    static func extent(_ lines: [Line], _ reference: Double?) -> (x: [Double], y: [Double]) {
        let points = lines.flatMap(\.points)
        return (
            points.map(\.x),
            points.flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] } + (reference.map { [$0 / 1.5] } ?? [])
        )
    }

    /// Names that need a colour, in order of appearance.
    var names: [String] {
        let all: [String] =
            switch content {
            case .lines(let lines, _): lines.map(\.name)
            case .bars(let bars): bars.flatMap { $0.segments.map(\.name) }
            case .heat: []
            }
        var seen: Set<String> = []
        return all.filter { seen.insert($0).inserted }
    }
}

/// Colours that are told apart by most kinds of colour vision (after Okabe and Ito), on light and on dark paper.
enum Palette {
    /// Ink and lines as drawn; a page replaces them by its theme's.
    static let ink = "#222222"
    static let faint = "#d4d4d4"
    static let light = [
        "#0072b2", "#d55e00", "#009e73", "#b04a8a", "#8a6d00", "#3a8fbf", "#666666", "#7a5195", "#a03c3c",
    ]
    static let dark = [
        "#5ab4e5", "#f2894a", "#35c79a", "#e294c4", "#d9b93b", "#8fcdf0", "#b0b0b0", "#b998d8", "#e08a8a",
    ]

    static func color(_ index: Int) -> String { light[index % light.count] }
}
