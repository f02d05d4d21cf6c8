internal import Harness
internal import Metrology

/// Secure beside plain in every draw: what errs in both errs in both at once.
struct Comparison {
    let secure: [Double]
    let plain: [Double]

    /// Per cent of plain, of a hash that both pay taken off first.
    func percent(without hash: Double = 0) -> Estimate {
        Estimate(draws: zip(secure, plain).map { 100 * ($0 - $1) / max(1, $1 - hash) })
    }

    var percentOfSecure: Estimate { Estimate(draws: zip(secure, plain).map { 100 * ($0 - $1) / $0 }) }

    var added: Estimate { Estimate(draws: zip(secure, plain).map { $0 - $1 }) }

    func overhead(_ id: String, over base: String, hash: Double?, link: String) -> Overhead {
        let (percent, added) = (percent(), added)
        return Overhead(
            id: id, base: base, percent: percent.point, low: percent.low, high: percent.high,
            percentOfSecure: percentOfSecure.point, addedNanoseconds: Int(added.point.rounded()),
            addedLow: Int(added.low.rounded()), addedHigh: Int(added.high.rounded()),
            passwordHashNanoseconds: hash.map { Int($0.rounded()) },
            percentWithoutHash: hash.map { self.percent(without: $0).point }, link: link)
    }
}
