package import Harness
public import Projection

/// The paper's section 5 as text.
public struct Section5Tables: Sendable {
    private let section: Section5

    public init(_ section: Section5) { self.section = section }

    public var terminal: String {
        var text = heading + "\n"
        for (title, table) in sections { text += "\n\(title)\n\(table.aligned)" }
        let closing = [Validation.sentence(section.validation)] + (section.validation?.unseen ?? []) + section.unsettled
        return text + "\nWhat cannot be concluded\n" + closing.map { "  \($0)\n" }.joined()
    }

    package var heading: String {
        "The paper: joining is \(decimal(section.published.joinOverheadPercent, 2)) % slower (section \(section.published.section); \(section.published.machine))."
    }

    package var sections: [(title: String, table: TextTable)] {
        [
            ("Joins measured here, beside \(decimal(section.published.joinOverheadPercent, 2)) %", measuredTable),
            ("Where it would hold: PROJECTED, 5 ... 95 % over the profile's intervals", conditionTable),
            ("Figure 2, overhead of secureMsgPeer in % of plain: PROJECTED", curveTable),
            ("Where Figure 2 falls below 10 %: PROJECTED", crossingTable),
        ].filter { !$0.1.isEmpty }
    }

    private var measuredTable: TextTable {
        var table = TextTable([
            "", "kind", "link", "% of plain", "95 % interval", "% of secure", "% of plain without H",
        ])
        for join in section.measured {
            table.add([
                "\(join.run) \(join.id)", join.kind.rawValue, join.link, decimal(join.percent, 1),
                "\(decimal(join.low, 1)) ... \(decimal(join.high, 1))", decimal(join.percentOfSecure, 1),
                join.percentWithoutHash.map { decimal($0, 1) } ?? "-",
            ])
        }
        return table
    }

    private var conditionTable: TextTable {
        var table = TextTable([
            "profile and suite", "81.76 % of", "with H", "security adds ms", "so a plain join takes ms",
            "it takes, no link, ms",
            "holds at a round trip of ms",
        ])
        for condition in section.conditions {
            table.add([
                "\(condition.profile) \(condition.suite)", condition.reading == .ofPlain ? "plain" : "secure",
                condition.withHash ? "yes" : "no", text(condition.added), text(condition.plainNeeded),
                text(condition.plainProjected),
                condition.roundTrip.map(text) ?? "none: the plain join alone takes longer",
            ])
        }
        return table
    }

    private func text(_ interval: Section5.Interval) -> String {
        "\(decimal(interval.point, 1)) (\(decimal(interval.low, 1)) ... \(decimal(interval.high, 1)))"
    }

    private var curveTable: TextTable {
        let sizes = section.curves.first?.points.map(\.payloadBytes) ?? []
        var table = TextTable(["profile, suite, link"] + sizes.map { "\($0) B" })
        for curve in section.curves {
            table.add(["\(curve.profile) \(curve.suite) \(curve.link)"] + curve.points.map { decimal($0.percent, 1) })
        }
        return table
    }

    private var crossingTable: TextTable {
        var table = TextTable(["profile, suite, link", "from a payload of", "5 ... 95 %", "floor %"])
        for curve in section.curves {
            table.add(["\(curve.profile) \(curve.suite) \(curve.link)"] + ProjectionTables.cells(curve.crossing))
        }
        return table
    }
}
