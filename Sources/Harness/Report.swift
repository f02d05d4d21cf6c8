/// A run as text: tables for the terminal and the same in Markdown.
public struct Report: Sendable {
    private let summary: Summary
    private let manifest: Manifest

    public init(_ summary: Summary, _ manifest: Manifest) {
        self.summary = summary
        self.manifest = manifest
    }

    public var markdown: String {
        var text = "# Security overhead: plan \(summary.plan), suite \(summary.suite)\n\n"
        if !summary.isComplete { text += "**This run is incomplete.**\n\n" }
        if manifest.isOfDebugBuild { text += "**\(Self.debugWarning)**\n\n" }
        text += "Link: \(linkNote)\n\nMachine: \(manifest.cpuModel ?? "unknown CPU"), \(manifest.cores) cores, "
        text += "kernel \(manifest.kernel), load \(manifest.loadAverage ?? "unknown"). \(manifest.placement)\n\n"
        for (title, table) in sections { text += "## \(title)\n\n\(table.markdown)\n" }
        return text
    }

    public var terminal: String {
        var text = summary.isComplete ? "" : "INCOMPLETE RUN\n\n"
        if manifest.isOfDebugBuild { text += "\(Self.debugWarning)\n\n" }
        for (title, table) in sections { text += "\(title)  (\(linkNote))\n\(table.aligned)\n" }
        return text
    }

    public static let debugWarning =
        "This is a debug build: its figures are of no use. Build with `swift build -c release`."

    package var linkNote: String {
        summary.link == "loopback" ? "loopback: no network latency" : "emulated link \(summary.link)"
    }

    /// Every table of the run that has rows, in the order in which a reader wants them.
    package var sections: [(title: String, table: TextTable)] {
        [
            ("Join", overheadTable("join/", "connect/", "login/")), ("Message", overheadTable("message/", "group/")),
            ("Cost over payload size", fitTable), ("Where overhead falls below", crossingTable),
            ("Where the time goes, in one process", phaseTable), ("Figures to reach", goalTable),
            ("Floors", floorTable), ("Rows", rowTable), ("Counts", countTable),
            ("Void, not reported", voidTable),
        ].filter { !$0.1.isEmpty }
    }

    private func overheadTable(_ prefixes: String...) -> TextTable {
        var table = TextTable(
            [
                "", "kind", "plain", "secure", "added ms", "overhead %", "95 % interval", "% of secure", "H ms",
                "overhead % without H",
            ])
        for overhead in summary.overheads where prefixes.contains(where: overhead.id.hasPrefix) {
            table.add([
                overhead.id, summary.rows.first { $0.id == overhead.id }?.kind.rawValue ?? "-",
                duration(median(overhead.base)), duration(median(overhead.id)),
                milliseconds(overhead.addedNanoseconds), decimal(overhead.percent, 1),
                "\(decimal(overhead.low, 1)) ... \(decimal(overhead.high, 1))", decimal(overhead.percentOfSecure, 1),
                overhead.passwordHashNanoseconds.map(milliseconds) ?? "-",
                overhead.percentWithoutHash.map { decimal($0, 1) } ?? "-",
            ])
        }
        return table
    }

    private var fitTable: TextTable {
        var table = TextTable(["", "fixed cost", "95 % interval", "ns per byte", "95 % interval"])
        for fit in summary.fits {
            table.add([
                fit.id, duration(fit.fixedNanoseconds), "\(duration(fit.fixedLow)) ... \(duration(fit.fixedHigh))",
                decimal(fit.nanosecondsPerByte, 3),
                "\(decimal(fit.perByteLow, 3)) ... \(decimal(fit.perByteHigh, 3))",
            ])
        }
        return table
    }

    private var crossingTable: TextTable {
        var table = TextTable(["", "overhead", "from a payload of"])
        for crossing in summary.crossings {
            let place = crossing.payloadBytes.map { $0 == 0 ? "any size" : "\(grouped($0)) bytes" }
            let floor = crossing.neverBelowPercent.map { "never: floor \(decimal($0, 0)) %" } ?? "never"
            table.add([crossing.id, "< \(decimal(crossing.percent, 0)) %", place ?? floor])
        }
        return table
    }

    /// A waterfall: each bar begins where the last one ended.
    private var phaseTable: TextTable {
        var table = TextTable(["", "phase", "time", "%", "times", "bytes", "from start to end"])
        var (id, start) = ("", 0.0)
        for share in summary.phases {
            if share.id != id { (id, start) = (share.id, 0) }
            let (from, to) = (Self.column(start), Self.column(start + share.percent))
            let bar = String(repeating: ".", count: from) + String(repeating: "#", count: max(1, to - from))
            start += share.percent
            table.add([
                share.id, share.phase, duration(share.nanoseconds), decimal(share.percent, 1), "\(share.count)",
                share.bytes == 0 ? "-" : grouped(share.bytes), bar.padding(to: Self.width),
            ])
        }
        return table
    }

    private static let width = 40

    private static func column(_ percent: Double) -> Int {
        min(width - 1, max(0, Int((percent / 100 * Double(width)).rounded())))
    }

    private var goalTable: TextTable {
        var table = TextTable(["", "ratio", "95 % interval", "goal", ""])
        for goal in summary.goals {
            let interval = goal.low.flatMap { low in goal.high.map { "\(decimal(low, 3)) ... \(decimal($0, 3))" } }
            table.add([
                goal.what, decimal(goal.ratio, 3), interval ?? "-", "<= \(decimal(goal.limit, 2))",
                goal.isMet ? "met" : "MISSED",
            ])
        }
        return table
    }

    private var floorTable: TextTable {
        var table = TextTable(["", "floor", "measured", "what the floor is"])
        for floor in summary.floors {
            table.add([floor.id, duration(floor.nanoseconds), duration(median(floor.id)), floor.what])
        }
        return table
    }

    private var rowTable: TextTable {
        var table = TextTable([
            "row", "kind", "clock", "samples", "warm-up", "median", "p95", "p99", "p99.9", "outliers",
        ])
        for row in summary.rows {
            table.add([
                row.id, row.kind.rawValue, row.clock.rawValue, "\(row.samples)",
                row.warmUpSamples.map { "\($0)" } ?? "~", duration(row.medianNanoseconds),
                duration(row.p95Nanoseconds), duration(row.p99Nanoseconds), duration(row.p999Nanoseconds),
                "\(row.mildOutliers) + \(row.severeOutliers)",
            ])
        }
        return table
    }

    private var countTable: TextTable {
        var table = TextTable(["", "count", "unit"])
        for count in summary.counts { table.add([count.id, "\(count.value)", count.unit]) }
        return table
    }

    private var voidTable: TextTable {
        var table = TextTable(["row", "why"])
        for void in summary.voided { table.add([void.id, void.reason]) }
        return table
    }

    private func median(_ id: String) -> Int? { summary.rows.first { $0.id == id }?.medianNanoseconds }

    private func milliseconds(_ nanoseconds: Int) -> String { decimal(Double(nanoseconds) / 1e6, 3) }
}

/// A duration in the unit that leaves it three or four digits.
package func duration(_ nanoseconds: Int?) -> String {
    guard let nanoseconds else { return "-" }
    if nanoseconds < 10_000 { return "\(nanoseconds) ns" }
    if nanoseconds < 10_000_000 { return "\(decimal(Double(nanoseconds) / 1e3, 1)) us" }
    return "\(decimal(Double(nanoseconds) / 1e6, 1)) ms"
}

/// A number with a fixed count of decimals.
package func decimal(_ value: Double, _ places: Int) -> String {
    guard value.isFinite else { return "-" }
    let scale = [1.0, 10, 100, 1000][places]
    let scaled = Int((abs(value) * scale).rounded())
    let whole = scaled / Int(scale)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard places > 0 else { return sign + "\(whole)" }
    let fraction = "\(scaled % Int(scale))"
    return sign + "\(whole)." + String(repeating: "0", count: places - fraction.count) + fraction
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: ".", count: max(0, width - count)) }
}
