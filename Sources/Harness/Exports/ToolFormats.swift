internal import Metrology

/// What JMH's `-rf json` writes, as its viewers read it.
private struct JMHResult: Codable {
    struct Metric: Codable {
        var score: Double
        var scoreError: Double
        var scoreConfidence: [Double]
        var scorePercentiles: [String: Double]
        var scoreUnit = "ns/op"
        var rawData: [[Double]]
    }

    var benchmark: String
    var mode = "sample"
    var threads = 1
    var forks = 1
    var warmupIterations = 0
    var measurementIterations: Int
    var params: [String: String]
    var primaryMetric: Metric
    var secondaryMetrics: [String: Metric] = [:]
}

/// An entry of github-action-benchmark's `customSmallerIsBetter`.
private struct SmallerIsBetter: Codable {
    var name: String
    var unit = "ns"
    var value: Double
    var range: String
    var extra: String
}

/// A measure of Bencher Metric Format.
private struct BencherMeasure: Codable {
    var value: Double
    var lower_value: Double
    var upper_value: Double
}

extension Export {
    var jmh: String {
        get throws(Failure) {
            try Self.json(
                run.summary.rows.map { row in
                    let blocks = run.store.blocks(of: row.id)
                    let sorted = blocks.flatMap { $0 }.sorted()
                    let median = medians[row.id] ?? Estimate(point: 0, low: 0, high: 0)
                    let percentiles = [0, 50, 90, 95, 99, 99.9, 100].map { percent in
                        (decimal(percent, 1), Statistics.quantile(percent / 100, ofSorted: sorted))
                    }
                    return JMHResult(
                        benchmark: row.id, measurementIterations: blocks.count,
                        params: ["suite": run.summary.suite, "link": run.summary.link],
                        primaryMetric: JMHResult.Metric(
                            score: median.point, scoreError: (median.high - median.low) / 2,
                            scoreConfidence: [median.low, median.high],
                            scorePercentiles: Dictionary(uniqueKeysWithValues: percentiles), rawData: blocks))
                })
        }
    }

    var githubActionBenchmark: String {
        get throws(Failure) {
            try Self.json(
                run.summary.rows.map { row in
                    let median = medians[row.id] ?? Estimate(point: 0, low: 0, high: 0)
                    return SmallerIsBetter(
                        name: row.id, value: median.point, range: "± \(decimal((median.high - median.low) / 2, 0))",
                        extra: "\(row.samples) samples, \(row.kind.rawValue), link \(run.summary.link)")
                })
        }
    }

    var bencher: String {
        get throws(Failure) {
            try Self.json(
                Dictionary(
                    uniqueKeysWithValues: run.summary.rows.map { row in
                        let median = medians[row.id] ?? Estimate(point: 0, low: 0, high: 0)
                        return (
                            row.id,
                            [
                                "latency": BencherMeasure(
                                    value: median.point, lower_value: median.low, upper_value: median.high)
                            ]
                        )
                    }))
        }
    }

    /// OpenMetrics 1.0 text: a summary in seconds for each row, and the overheads as gauges.
    var openMetrics: String {
        var text = "# TYPE juxtapose_latency_seconds summary\n# UNIT juxtapose_latency_seconds seconds\n"
        text += "# HELP juxtapose_latency_seconds Latency of one operation.\n"
        for row in run.summary.rows {
            let labels = "row=\"\(row.id)\",kind=\"\(row.kind.rawValue)\",clock=\"\(row.clock.rawValue)\""
            for (quantile, nanoseconds) in [
                ("0.5", row.medianNanoseconds), ("0.95", row.p95Nanoseconds), ("0.99", row.p99Nanoseconds),
            ] {
                text += "juxtapose_latency_seconds{\(labels),quantile=\"\(quantile)\"} \(Double(nanoseconds) / 1e9)\n"
            }
            text += "juxtapose_latency_seconds_count{\(labels)} \(row.samples)\n"
        }
        text += "# TYPE juxtapose_overhead_ratio gauge\n# UNIT juxtapose_overhead_ratio ratio\n"
        text += "# HELP juxtapose_overhead_ratio Secure over plain, less one, with its 95 % interval.\n"
        for overhead in run.summary.overheads {
            for (bound, percent) in [
                ("point", overhead.percent), ("low", overhead.low), ("high", overhead.high),
            ] {
                text += "juxtapose_overhead_ratio{row=\"\(overhead.id)\",bound=\"\(bound)\"} \(percent / 100)\n"
            }
        }
        return text + "# EOF\n"
    }
}
