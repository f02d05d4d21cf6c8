import CProcess
import CryptoCore

/// Samples of one operation, in nanoseconds.
struct Samples {
    private(set) var values: [UInt64] = []

    mutating func add(_ value: UInt64) { values.append(value) }

    /// - Parameter thousandths: the share, 500 for the median.
    func quantile(_ thousandths: Int) -> UInt64 {
        let sorted = values.sorted()
        return sorted.isEmpty ? 0 : sorted[(sorted.count - 1) * thousandths / 1000]
    }

    var median: UInt64 { quantile(500) }

    /// Repeats until about half a second has gone by, five times at least: a slow machine is not kept for hours.
    /// - Parameter operation: what is timed, in CPU time of this thread.
    static func collect(
        atLeast least: Int = 5, atMost most: Int = 60, _ operation: () throws(CryptoError) -> Void
    ) throws(CryptoError) -> Samples {
        var samples = Samples()
        // Once for what comes with first use.
        try operation()
        let deadline = probe_nanoseconds(0) + 500_000_000
        while samples.values.count < least || samples.values.count < most && probe_nanoseconds(0) < deadline {
            let start = probe_nanoseconds(1)
            try operation()
            samples.add(probe_nanoseconds(1) - start)
        }
        return samples
    }
}
