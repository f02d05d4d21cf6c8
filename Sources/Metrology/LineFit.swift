/// Cost over payload size as a straight line: a fixed cost and a cost per byte.
public struct LineFit: Equatable, Sendable {
    /// Nanoseconds at no payload.
    public var fixed: Double
    /// Nanoseconds per byte.
    public var perByte: Double

    public init(fixed: Double, perByte: Double) {
        self.fixed = fixed
        self.perByte = perByte
    }

    /// Weighted least squares, each point weighed by the inverse square of its cost: errors are relative, so a
    /// megabyte's microseconds must not drown what sixteen bytes say about the fixed cost.
    /// - Parameter points: sizes in bytes and positive costs; at least two different sizes, else nil.
    public init?(_ points: [(bytes: Double, nanoseconds: Double)]) {
        var (w, x, y, xx, xy) = (0.0, 0.0, 0.0, 0.0, 0.0)
        for point in points {
            guard point.nanoseconds > 0, point.nanoseconds.isFinite else { return nil }
            let weight = 1 / (point.nanoseconds * point.nanoseconds)
            w += weight
            x += weight * point.bytes
            y += weight * point.nanoseconds
            xx += weight * point.bytes * point.bytes
            xy += weight * point.bytes * point.nanoseconds
        }
        let determinant = w * xx - x * x
        guard points.count > 1, determinant > 1e-12 * w * xx else { return nil }
        perByte = (w * xy - x * y) / determinant
        fixed = (y - perByte * x) / w
    }

    public func cost(bytes: Double) -> Double { fixed + perByte * bytes }
}

/// Where overhead falls below a share, read from two lines.
public enum BreakEven: Equatable, Sendable {
    /// From this payload on, bytes.
    case above(bytes: Double)
    /// At every payload.
    case always
    /// At no payload: what overhead tends to as payloads grow.
    case never(floor: Double)

    /// - Parameter share: for example 0.1 for ten per cent.
    public init(plain: LineFit, secure: LineFit, share: Double) {
        // secure(n) <= (1 + share) plain(n), both lines: a straight inequality in n.
        let fixed = secure.fixed - (1 + share) * plain.fixed
        let perByte = secure.perByte - (1 + share) * plain.perByte
        if fixed <= 0, perByte <= 0 {
            self = .always
        } else if perByte < 0 {
            self = .above(bytes: fixed / -perByte)
        } else {
            self = .never(floor: plain.perByte > 0 ? secure.perByte / plain.perByte - 1 : .infinity)
        }
    }
}

/// The costs of one arm at several sizes, and its line with intervals from a bootstrap of blocks.
public struct SizeSeries: Sendable {
    public struct Point: Sendable {
        public var bytes: Int
        /// Samples of each block.
        public var blocks: [[Double]]

        public init(bytes: Int, blocks: [[Double]]) {
            self.bytes = bytes
            self.blocks = blocks
        }
    }

    public struct Fit: Equatable, Sendable {
        public var line: LineFit
        public var fixed: Estimate
        public var perByte: Estimate
    }

    private let points: [Point]

    public init(_ points: [Point]) { self.points = points.filter { $0.blocks.contains { !$0.isEmpty } } }

    /// Nil with fewer than two sizes.
    public func fit(seed: UInt64, resamples: Int = 500) -> Fit? {
        guard let line = LineFit(points.map { (Double($0.bytes), Statistics.median($0.blocks.flatMap { $0 })) }) else {
            return nil
        }
        var generator = SeededGenerator(seed: seed)
        let lines = (0..<resamples).compactMap { _ in
            LineFit(
                points.map { point in
                    (Double(point.bytes), Statistics.median(Bootstrap.draw(point.blocks, using: &generator)))
                })
        }
        let estimate = { (value: (LineFit) -> Double) in
            let sorted = lines.map(value).sorted()
            return Estimate(
                point: value(line), low: Statistics.quantile(0.025, ofSorted: sorted),
                high: Statistics.quantile(0.975, ofSorted: sorted))
        }
        guard !lines.isEmpty else { return nil }
        return Fit(line: line, fixed: estimate(\.fixed), perByte: estimate(\.perByte))
    }
}
