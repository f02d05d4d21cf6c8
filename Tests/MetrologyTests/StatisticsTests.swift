import Metrology
import Testing

@Suite("Statistics")
struct StatisticsTests {
    @Test("quantiles are type 7 of Hyndman and Fan: numpy.quantile([1,2,3,4,10], ...) of NumPy 2.4")
    func quantiles() {
        let values: [Double] = [1, 2, 3, 4, 10]
        for (probability, expected) in [(0.0, 1.0), (0.1, 1.4), (0.25, 2), (0.5, 3), (0.9, 7.6), (0.95, 8.8), (1, 10)] {
            #expect(abs(Statistics.quantile(probability, ofSorted: values) - expected) < 1e-12)
        }
        #expect(Statistics.median([4, 1, 3, 2]) == 2.5)
    }

    @Test("Tukey's fences count and drop nothing")
    func outliers() {
        #expect(Statistics.outliers([1, 2, 3, 4, 5]) == (0, 0))
        #expect(Statistics.outliers([10, 11, 12, 13, 14, 19]) == (1, 0))
        #expect(Statistics.outliers([10, 11, 12, 13, 14, 100, -50]) == (0, 2))
    }

    @Test("SplitMix64 gives its reference sequence for seed 1234567")
    func generator() {
        var generator = SeededGenerator(seed: 1_234_567)
        let expected: [UInt64] = [
            6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            4_593_380_528_125_082_431, 16_408_922_859_458_223_821,
        ]
        #expect((0..<5).map { _ in generator.next() } == expected)
        #expect(generator.bytes(13).count == 13)
    }

    @Test("a known ratio is found inside its interval, the same for the same seed")
    func ratio() {
        var generator = SeededGenerator(seed: 7)
        let pairs = (0..<60).map { index in
            let base = 100 + Double(generator.next() % 20)
            return PairedComparison.Pair(block: index / 6, base: base, other: base * 1.5 + Double(generator.next() % 5))
        }
        let comparison = PairedComparison(pairs)
        let ratio = comparison.ratio(seed: 1)
        #expect(ratio.low <= ratio.point && ratio.point <= ratio.high)
        #expect(ratio.low > 1.49 && ratio.high < 1.56)
        #expect(comparison.ratio(seed: 1) == ratio)
        #expect(comparison.count == 60)
        let difference = comparison.difference(seed: 1)
        #expect(difference.point > 45 && difference.point < 65)
    }

    @Test("blocks that differ widen the interval: neighbours are not independent")
    func blocks() {
        let jumpy = (0..<60).map {
            PairedComparison.Pair(block: $0 / 10, base: 100, other: $0 / 10 % 2 == 0 ? 100 : 200)
        }
        let mixed = (0..<60).map { PairedComparison.Pair(block: $0, base: 100, other: $0 % 2 == 0 ? 100 : 200) }
        let (wide, narrow) = (PairedComparison(jumpy).ratio(seed: 3), PairedComparison(mixed).ratio(seed: 3))
        #expect(wide.high - wide.low >= narrow.high - narrow.low)
    }

    @Test("a histogram keeps three digits, and values beyond a minute count as a minute")
    func histogram() {
        var histogram = LatencyHistogram((1...1000).map { UInt64($0) * 1000 })
        #expect(abs(Double(histogram.percentile(50)) - 500_000) < 1000)
        histogram.record(.max)
        #expect(histogram.percentile(100) >= 59_900_000_000)
        #expect(histogram.table.hasPrefix("percentile,nanoseconds\n"))
    }
}
