package import Harness
public import Projection

/// Overhead over payload and link as text: one table a machine and suite.
public struct SurfaceTables: Sendable {
    private let surface: Surface

    public init(_ surface: Surface) { self.surface = surface }

    public var terminal: String {
        var text = "PROJECTED, not measured: overhead of secureMsgPeer in % of plain. * marks payloads below 10 %.\n"
        for (title, table) in sections { text += "\n\(title)\n\(table.aligned)" }
        return text + "\n" + closing.map { "  \($0)\n" }.joined()
    }

    /// What a reader must know beside the numbers.
    package var closing: [String] {
        [Validation.sentence(surface.validation)] + (surface.validation?.unseen ?? []) + surface.limits
    }

    package var sections: [(title: String, table: TextTable)] {
        surface.sheets.map { sheet in
            var table = TextTable(
                ["round trip, bandwidth"] + Surface.payloads.map { "\($0) B" } + [
                    "below 10 % from", "5 ... 95 %", "floor %",
                ])
            for line in sheet.lines {
                table.add(
                    ["\(decimal(line.roundTripMilliseconds, 1)) ms, \(decimal(line.megabitsPerSecond, 0)) Mbit/s"]
                        + line.points.map { decimal($0.percent, 1) + ($0.percent < 10 ? "*" : "") }
                        + ProjectionTables.cells(line.crossing))
            }
            return ("\(sheet.profile.title), \(sheet.suite), \(sheet.arm)", table)
        }
    }
}
