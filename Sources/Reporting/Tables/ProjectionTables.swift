package import Harness
public import Projection

/// A projection as text.
public struct ProjectionTables: Sendable {
    private let projection: Projection

    public init(_ projection: Projection) { self.projection = projection }

    public var terminal: String {
        var text = "\(heading)\n"
        for (title, table) in sections { text += "\n\(title)\n\(table.aligned)" }
        return text + "\n" + closing.map { "  \($0)\n" }.joined()
    }

    package var heading: String {
        let classes = projection.profile.classes.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return
            "PROJECTED, not measured: \(projection.profile.title), link \(projection.link). Profile \(projection.profile.id) (\(classes.joined(separator: ", ")) figures; SHA-256 \(projection.profile.sha256.prefix(12))). All intervals: 5 to 95 % over the profile's own."
    }

    package var sections: [(title: String, table: TextTable)] {
        [
            ("Overhead", overheadTable), ("Where overhead falls below", crossingTable),
            ("What it is made of", partTable),
        ] + (validationTable.isEmpty ? [] : [("How well this predicts on the source's own machine", validationTable)])
    }

    /// What a reader must know beside the numbers.
    package var closing: [String] {
        [Validation.sentence(projection.validation)] + (projection.validation?.unseen ?? []) + projection.limits
    }

    private var overheadTable: TextTable {
        var table = TextTable([
            "projected", "plain", "secure", "5 ... 95 %", "added ms", "5 ... 95 %", "overhead %", "5 ... 95 %",
            "% of secure", "without H %", "weakest source",
        ])
        for overhead in projection.overheads {
            let (plain, secure) = (row(overhead.base), row(overhead.id))
            table.add([
                overhead.id, duration(plain?.nanoseconds), duration(secure?.nanoseconds),
                "\(duration(secure?.low)) ... \(duration(secure?.high))", milliseconds(overhead.addedNanoseconds),
                "\(milliseconds(overhead.addedLow)) ... \(milliseconds(overhead.addedHigh))",
                decimal(overhead.percent, 1), "\(decimal(overhead.low, 1)) ... \(decimal(overhead.high, 1))",
                decimal(overhead.percentOfSecure, 1), overhead.percentWithoutHash.map { decimal($0, 1) } ?? "-",
                secure?.sourceClass.rawValue ?? "-",
            ])
        }
        return table
    }

    private var crossingTable: TextTable {
        var table = TextTable(["", "overhead", "from a payload of", "5 ... 95 %", "floor %"])
        for crossing in projection.crossings {
            table.add([crossing.id, "< \(decimal(crossing.percent, 0)) %"] + Self.cells(crossing))
        }
        return table
    }

    /// Where, between what, and what it tends to.
    static func cells(_ crossing: ProjectedCrossing) -> [String] {
        let bytes = { (value: Int?) in value.map { "\(grouped($0)) bytes" } ?? "never" }
        return [
            bytes(crossing.payloadBytes), "\(bytes(crossing.low)) ... \(bytes(crossing.high))",
            decimal(crossing.floorPercent, 1),
        ]
    }

    /// Joins and one message: what dominates.
    private var partTable: TextTable {
        var table = TextTable(["", "part", "time", "%"])
        let shown = projection.rows.filter { $0.id.hasPrefix("join/") || $0.id.hasSuffix("/1024") }
        for row in shown {
            for part in row.parts where part.nanoseconds * 200 >= row.nanoseconds {
                table.add([
                    row.id, part.name, duration(part.nanoseconds),
                    decimal(100 * Double(part.nanoseconds) / Double(row.nanoseconds), 1),
                ])
            }
        }
        return table
    }

    private var validationTable: TextTable {
        var table = TextTable(["", "from", "to", "predicted", "measured", "error %"])
        for test in projection.validation?.cases ?? [] {
            table.add([
                test.id, test.from, test.to, duration(test.predictedNanoseconds), duration(test.measuredNanoseconds),
                decimal(test.errorPercent, 1),
            ])
        }
        return table
    }

    private func row(_ id: String) -> ProjectedRow? { projection.rows.first { $0.id == id } }
}

func milliseconds(_ nanoseconds: Int) -> String { decimal(Double(nanoseconds) / 1e6, 3) }
