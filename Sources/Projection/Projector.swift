internal import Foundation
public import Harness
internal import Metrology

/// Turns counted work into time on another machine: amount times price, over every price's interval at once.
public struct Projector: Sendable {
    public let profile: HardwareProfile
    /// Every price in every draw. The first draw is the prices as they stand.
    private let prices: [String: [Double]]

    /// A normal value is beyond so many standard deviations once in twenty.
    private static let deviationsAtFivePercent = 1.6449
    public static let drawCount = 2000

    public init(_ profile: HardwareProfile, seed: UInt64) {
        self.profile = profile
        var generator = SeededGenerator(seed: seed)
        // One standard normal for each group of prices.
        let draws =
            [[Double](repeating: 0, count: Cost.groups)]
            + (0..<Self.drawCount).map { _ in (0..<Cost.groups).map { _ in Self.normal(&generator) } }
        prices = Dictionary(
            profile.figures.map { figure in (figure.id, draws.map { Self.price(figure, $0) }) }
        ) { first, _ in first }
    }

    /// Box and Muller's transform.
    private static func normal(_ generator: inout SeededGenerator) -> Double {
        let uniform = { (g: inout SeededGenerator) in (Double(g.next() >> 11) + 0.5) / 9_007_199_254_740_992 }
        let (first, second) = (uniform(&generator), uniform(&generator))
        return (-2 * log(first)).squareRoot() * cos(2 * .pi * second)
    }

    /// What the profile does not price of this work.
    public func missing(_ works: [Work]) -> [String] {
        let needed = works.flatMap { work in work.amounts.filter { $0.value != 0 }.keys }
        return Set(needed).filter { prices[$0] == nil }.sorted()
    }

    /// - Throws: `.inputMissing` naming what the profile lacks.
    public func require(_ works: [Work]) throws(Failure) {
        let lacking = missing(works)
        guard lacking.isEmpty else {
            throw Failure(
                .inputMissing,
                "profile \(profile.id) has no figure for \(lacking.joined(separator: ", ")): nothing is projected from guesses. Measure there with the probe or `juxtapose profile calibrate`, or add the figures with their sources."
            )
        }
    }

    /// A lognormal on each side of the value, whose 5 and 95 % points are the figure's interval.
    private static func price(_ figure: HardwareProfile.Figure, _ draw: [Double]) -> Double {
        let deviate = draw[Cost.group(of: figure.id)] / deviationsAtFivePercent
        let ratio = deviate < 0 ? figure.value / figure.low : figure.high / figure.value
        return figure.value * pow(ratio, deviate)
    }

    /// Nanoseconds of some work in every draw, the first with the prices as they stand.
    func times(_ work: Work, over link: ProjectedLink) -> [Double] {
        let wire = link.latency(of: work) + link.transfer(of: work)
        var times = [Double](repeating: wire, count: Self.drawCount + 1)
        // In a fixed order: sums of floating-point numbers depend on it.
        for (id, amount) in work.amounts.sorted(by: { $0.key < $1.key }) {
            guard amount != 0, let price = prices[id] else { continue }
            for index in times.indices { times[index] += amount * price[index] }
        }
        return times
    }

    /// Nanoseconds by part: what the prices as they stand say, largest contributions named by ``Cost``'s ids.
    func parts(_ work: Work, over link: ProjectedLink) -> [(name: String, nanoseconds: Double)] {
        let priced = Cost.all.compactMap { id, _ -> (String, Double)? in
            guard let amount = work.amounts[id], amount > 0, let price = prices[id] else { return nil }
            return (id, amount * price[0])
        }
        let wire = [("link latency", link.latency(of: work)), ("link transfer", link.transfer(of: work))]
        return (priced + wire.filter { $0.1 > 0 }).map { (name: $0.0, nanoseconds: $0.1) }
    }
}

extension Estimate {
    /// The first value, and the 5 and 95 % points of the others.
    init(draws values: [Double]) {
        let sorted = values.dropFirst().sorted()
        self.init(
            point: values[0], low: Statistics.quantile(0.05, ofSorted: sorted),
            high: Statistics.quantile(0.95, ofSorted: sorted))
    }
}
