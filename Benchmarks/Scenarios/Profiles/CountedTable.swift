public import CryptoCore
internal import Harness
public import Projection

extension WorkTable {
    /// The work of a suite's joins and messages, counted here and now.
    /// - Throws: `.unavailable` where nothing counts instructions.
    public static func counted(_ suite: Suite, note: (String) -> Void) throws -> WorkTable {
        var run = CountRun(suite: suite, engine: .openSSL)
        run.only = Set(run.rows.filter(Self.isPriced))
        note("counting the work of \(suite.name)")
        return try WorkTable(run.execute(requiresInstructions: true), from: "the count")
    }

    /// Rows that projections are made from. Not the largest messages: their work lies on the line of the smaller ones, and
    /// counting them takes longer than all the others.
    static func isPriced(_ row: String) -> Bool {
        ["join/", "message/", "core/"].contains(where: row.hasPrefix) && !row.hasSuffix("/1048576")
    }
}
