import Metrology
import Testing

@Suite("Comparisons, fits and warm-up")
struct ComparisonTests {
    @Test("Wilcoxon's exact p: Hollander and Wolfe's depression data; scipy 1.17.1 says 5.0 and 0.0390625")
    func exactSignedRank() throws {
        let first = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
        let second = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
        let test = try #require(SignedRankTest(zip(first, second).map { $0 - $1 }))
        #expect(test.statistic == 5 && test.pValue == 0.0390625 && test.count == 9)
    }

    @Test("Wilcoxon's approximation with ties and zeros; scipy 1.17.1 says 18.0, 0.59363 and 286.5, 0.14862")
    func approximateSignedRank() throws {
        let before = [125.0, 115, 130, 140, 140, 115, 140, 125, 140, 135]
        let after = [110.0, 122, 125, 120, 140, 124, 123, 137, 135, 145]
        let tied = try #require(SignedRankTest(zip(before, after).map { $0 - $1 }))
        #expect(tied.statistic == 18 && abs(tied.pValue - 0.5936305914425295) < 1e-12 && tied.count == 9)
        let many = try #require(SignedRankTest((0..<40).map { Double($0 * 37 % 101) / 10 - 4.3 }))
        #expect(many.statistic == 286.5 && abs(many.pValue - 0.14861800340149048) < 1e-9)
        #expect(SignedRankTest([0, 0]) == nil)
    }

    @Test("a verdict is claimed only when the whole interval supports it")
    func verdicts() {
        func verdict(_ low: Double, _ high: Double) -> Verdict {
            Estimate(point: (low + high) / 2, low: low, high: high).verdict(threshold: 0.02)
        }
        #expect(verdict(1.021, 1.05) == .slower)
        #expect(verdict(0.9, 0.97) == .faster)
        #expect(verdict(0.99, 1.01) == .same)
        #expect(verdict(1.0, 1.03) == .unresolved)
        #expect(verdict(0.9, 1.1) == .unresolved)
        #expect(verdict(1.01, 1.02) == .same)
    }

    @Test("pairs of several processes: a process that is apart widens the interval")
    func processes() {
        func ratio(_ process: (Int) -> Int) -> Estimate {
            PairedComparison(
                (0..<60).map {
                    PairedComparison.Pair(
                        process: process($0), block: $0 / 5, base: 100, other: $0 / 20 == 2 ? 130 : 100)
                }
            ).ratio(seed: 5)
        }
        let (together, apart) = (ratio { _ in 0 }, ratio { $0 / 20 })
        #expect(apart.high - apart.low >= together.high - together.low)
        #expect(apart.high == 1.3)
    }

    @Test("a line is found through its own points, and through noise within its interval")
    func lines() throws {
        let sizes = [16, 64, 256, 1024, 4096, 16384, 65536, 262_144, 1_048_576]
        let exact = try #require(LineFit(sizes.map { (Double($0), 600_000 + 1.9 * Double($0)) }))
        #expect(abs(exact.fixed - 600_000) < 1e-3 && abs(exact.perByte - 1.9) < 1e-9)
        var generator = SeededGenerator(seed: 11)
        let series = SizeSeries(
            sizes.map { size in
                SizeSeries.Point(
                    bytes: size,
                    blocks: (0..<10).map { _ in
                        (0..<8).map { _ in
                            (50_000 + 0.3 * Double(size)) * (1 + Double(generator.next() % 100) / 1000)
                        }
                    })
            })
        let fit = try #require(series.fit(seed: 1))
        #expect(fit.fixed.low <= 52_500 && 52_500 <= fit.fixed.high)
        #expect(fit.perByte.low <= 0.315 && 0.315 <= fit.perByte.high)
        #expect(fit == series.fit(seed: 1))
        #expect(SizeSeries([SizeSeries.Point(bytes: 16, blocks: [[1, 2]])]).fit(seed: 1) == nil)
    }

    @Test("break-even: above a payload, always, or never with its floor")
    func breakEven() {
        let plain = LineFit(fixed: 10_000_000, perByte: 100)
        // 10 % is reached where 10.5e6 + 105 n = 11e6 + 110 n has no positive answer: it holds from the start.
        #expect(BreakEven(plain: plain, secure: LineFit(fixed: 10_500_000, perByte: 105), share: 0.1) == .always)
        guard
            case .above(let bytes) = BreakEven(
                plain: plain, secure: LineFit(fixed: 12_000_000, perByte: 101), share: 0.1)
        else { return #expect(Bool(false), "101 per byte comes within 10 % of 100") }
        #expect(abs(bytes - 1_000_000.0 / 9) < 1e-6)
        guard
            case .never(let floor) = BreakEven(
                plain: plain, secure: LineFit(fixed: 12_000_000, perByte: 150), share: 0.1)
        else { return #expect(Bool(false), "150 per byte never comes within 10 % of 100") }
        #expect(abs(floor - 0.5) < 1e-12)
    }

    @Test("warm-up: a decaying start is cut, a level series is not, a short or rising one says nothing")
    func warmUp() throws {
        var generator = SeededGenerator(seed: 3)
        let noise = { Double(generator.next() % 100) / 100 }
        let level = (0..<200).map { _ in 100 + noise() }
        let length = try #require(WarmUp.length(of: (0..<30).map { 300 - 6 * Double($0) + noise() } + level))
        #expect((25...40).contains(length))
        #expect(try #require(WarmUp.length(of: level)) <= 60)
        #expect(WarmUp.length(of: [1, 2, 3]) == nil)
        #expect(WarmUp.length(of: (0..<100).map { Double($0) }) == nil)
    }

    @Test("phases add up by name on a virtual clock; an inner one is charged to the outer")
    func phases() {
        let ledger = PhaseLedger()
        ledger.began(at: 100)
        ledger.ended("sign", bytes: 0, at: 350)
        ledger.began(at: 400)
        ledger.began(at: 420)
        ledger.ended("digest", bytes: 64, at: 430)
        ledger.ended("wrap", bytes: 0, at: 500)
        ledger.began(at: 600)
        ledger.ended("sign", bytes: 10, at: 601)
        #expect(
            ledger.entries == [
                PhaseLedger.Entry(name: "sign", nanoseconds: 251, count: 2, bytes: 10),
                PhaseLedger.Entry(name: "wrap", nanoseconds: 100, count: 1, bytes: 0),
            ])
    }

    @Test("an open schedule offers what is due, and a stall makes what it held up late, not later")
    func openSchedule() {
        var schedule = OpenSchedule(start: 1_000_000, intervalNanoseconds: 1_000_000, count: 5)
        #expect(schedule.takeDue(at: 999_999) == nil)
        #expect(schedule.takeDue(at: 1_000_000) == 1_000_000)
        #expect(schedule.takeDue(at: 1_500_000) == nil && schedule.upcoming == 2_000_000)
        // A stall until 4.2 ms: three are due at once, each from its own time.
        let caught = (0..<4).compactMap { _ in schedule.takeDue(at: 4_200_000) }
        #expect(caught == [2_000_000, 3_000_000, 4_000_000])
        #expect(schedule.takeDue(at: 9_000_000) == 5_000_000 && schedule.upcoming == nil)
        let lateness = [0, 2_200_000, 1_200_000, 200_000, 0].map { UInt64($0) }
        let punctuality = Punctuality(lateness: lateness, intervalNanoseconds: 1_000_000)
        #expect(punctuality.late == 2 && punctuality.overtaken == 2 && punctuality.isSaturated)
        #expect(
            !Punctuality(lateness: [UInt64](repeating: 50_000, count: 20), intervalNanoseconds: 1_000_000).isSaturated)
        #expect(Punctuality(lateness: [], intervalNanoseconds: 1).isSaturated)
    }
}

@Suite("Welch's t of two classes of timings")
struct WelchTests {
    @Test("the whole of two classes gives scipy's ttest_ind(equal_var=False): |t| = 3.76555176")
    func published() {
        var test = WelchTest()
        for index in 0..<300 {
            test.add(Double(index * 37 % 101), toClass: 0)
            test.add(Double(index * 53 % 101 + 9), toClass: 1)
        }
        // Of the croppings the whole is the largest here.
        #expect(abs(test.largest - 3.7655517644561822) < 1e-9)
    }

    @Test("a difference below outliers is found, equal classes are not told apart")
    func croppings() {
        var (hidden, equal) = (WelchTest(), WelchTest())
        for index in 0..<2000 {
            let interrupt = index % 50 == 0 ? 100_000.0 : 0
            hidden.add(Double(index % 10) + (interrupt > 0 ? Double(index) * 100 : 0), toClass: 0)
            hidden.add(Double(index % 10) + 1 + (interrupt > 0 ? Double(2000 - index) * 100 : 0), toClass: 1)
            equal.add(Double(index % 10) + interrupt, toClass: index / 10 % 2)
        }
        #expect(hidden.largest > WelchTest.bound)
        #expect(equal.largest < WelchTest.bound)
    }
}
