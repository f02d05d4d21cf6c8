internal import Metrology

/// Two runs of the same plan, row by row. Made at different times: a machine's drift is in every difference.
public struct RunComparison: Sendable {
    public struct Line: Sendable {
        public let row: String
        public let base: Int
        public let other: Int
        /// other/base with its 95 % interval.
        public let ratio: Double
        public let low: Double
        public let high: Double
        public let verdict: String
    }

    public let lines: [Line]
    /// What differs between the two machines or programs, in words.
    public let differences: [String]
    public let onlyInBase: [String]
    public let onlyInOther: [String]

    /// - Throws: `.notComparable` for runs of different suites or links, or without a common row.
    public init(base: RecordedRun, other: RecordedRun, threshold: Double, seed: UInt64) throws(Failure) {
        for (what, left, right) in [
            ("suite", base.summary.suite, other.summary.suite), ("link", base.summary.link, other.summary.link),
        ] where left != right {
            throw Failure(.notComparable, "the runs differ in their \(what): \(left) and \(right)")
        }
        let (ids, others) = (base.summary.rows.map(\.id), Set(other.summary.rows.map(\.id)))
        lines = ids.filter(others.contains).map { id in
            let (left, right) = (base.store.blocks(of: id), other.store.blocks(of: id))
            let ratio = UnpairedComparison(base: left, other: right).ratio(seed: seed)
            return Line(
                row: id, base: Int(Statistics.median(left.flatMap { $0 }).rounded()),
                other: Int(Statistics.median(right.flatMap { $0 }).rounded()), ratio: ratio.point, low: ratio.low,
                high: ratio.high, verdict: ratio.verdict(threshold: threshold).rawValue)
        }
        guard !lines.isEmpty else { throw Failure(.notComparable, "the two runs have no row in common") }
        onlyInBase = ids.filter { !others.contains($0) }
        onlyInOther = other.summary.rows.map(\.id).filter { !Set(ids).contains($0) }
        differences = Self.differences(base.manifest, other.manifest)
    }

    private static func differences(_ base: Manifest, _ other: Manifest) -> [String] {
        var found: [String] = []
        for (what, left, right) in [
            ("processor", base.cpuModel, other.cpuModel), ("processor mask", base.cpuMask, other.cpuMask),
            ("kernel", base.kernel, other.kernel), ("compiler", base.compiler, other.compiler),
            ("cores", "\(base.cores)", "\(other.cores)"), ("revision", base.gitRevision, other.gitRevision),
        ] where left != right {
            found.append("\(what): \(left ?? "unknown") and \(right ?? "unknown")")
        }
        for name in Set(base.libraries.keys).union(other.libraries.keys).sorted()
        where base.libraries[name] != other.libraries[name] {
            found.append("\(name): \(base.libraries[name] ?? "none") and \(other.libraries[name] ?? "none")")
        }
        for suite in base.engines.keys.sorted() where base.engines[suite] != other.engines[suite] {
            found.append("engine: \(base.engines[suite] ?? "") and \(other.engines[suite] ?? "none")")
        }
        return found
    }

    /// In the manner of benchstat: "~" where nothing is resolved.
    public var terminal: String {
        var table = TextTable(["row", "A", "B", "change", "95 % interval", "verdict"])
        for line in lines {
            table.add([
                line.row, duration(line.base), duration(line.other), change(line.ratio),
                "\(change(line.low)) ... \(change(line.high))", line.verdict == "unresolved" ? "~" : line.verdict,
            ])
        }
        var text = table.aligned
        for difference in differences { text += "\n  differs: \(difference)" }
        if !onlyInBase.isEmpty { text += "\n  only in A: \(onlyInBase.joined(separator: ", "))" }
        if !onlyInOther.isEmpty { text += "\n  only in B: \(onlyInOther.joined(separator: ", "))" }
        return text + "\n  Two runs at different times: gate with `juxtapose gate`, not with this table.\n"
    }

    private func change(_ ratio: Double) -> String { (ratio >= 1 ? "+" : "") + decimal(100 * (ratio - 1), 1) + " %" }
}
