/// What a machine can measure now, schema `juxtapose.doctor/1`.
public struct Diagnosis: Encodable, Sendable {
    public struct Probe: Encodable, Sendable {
        public let what: String
        public let found: String
        /// What to do about it; null where all is well.
        @OrNull public var advice: String?

        public init(what: String, found: String, advice: String? = nil) {
            self.what = what
            self.found = found
            self.advice = advice
        }
    }

    /// A row measured against itself: whatever is found is noise, or was planted.
    public struct Resolution: Encodable, Sendable {
        public let row: String
        public let pairs: Int
        public let percent: Double
        public let low: Double
        public let high: Double
        public let verdict: String

        public init(row: String, pairs: Int, percent: Double, low: Double, high: Double, verdict: String) {
            self.row = row
            self.pairs = pairs
            self.percent = percent
            self.low = low
            self.high = high
            self.verdict = verdict
        }

        /// Half the interval, on its wider side: smaller effects than this drown, per cent.
        public var smallestEffectPercent: Double { max(high - percent, percent - low) }
    }

    public let schema = "juxtapose.doctor/1"
    public let probes: [Probe]
    public let resolution: [Resolution]

    public init(probes: [Probe], resolution: [Resolution]) {
        self.probes = probes
        self.resolution = resolution
    }

    public var terminal: String {
        let width = probes.map(\.what.count).max() ?? 0
        var text = probes.map { probe in
            let space = String(repeating: " ", count: width - probe.what.count)
            let advice = probe.advice.map { "\n" + String(repeating: " ", count: width + 7) + $0 } ?? ""
            return "  \(probe.advice == nil ? "ok " : "!  ") \(probe.what)\(space)  \(probe.found)\(advice)\n"
        }.joined()
        guard !resolution.isEmpty else { return text }
        var table = TextTable([
            "CPU time against itself", "pairs", "difference", "95 % interval", "smallest effect told", "verdict",
        ])
        for row in resolution {
            table.add([
                row.row, "\(row.pairs)", "\(decimal(row.percent, 2)) %",
                "\(decimal(row.low, 2)) ... \(decimal(row.high, 2))", "\(decimal(row.smallestEffectPercent, 1)) %",
                row.verdict == "unresolved" ? "~" : row.verdict,
            ])
        }
        text += "\n" + table.aligned
        return text
    }
}
