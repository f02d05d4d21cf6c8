internal import Foundation

/// What the processor was doing between two blocks of a run; null is what this machine does not tell.
public struct MachineState: Codable, Equatable, Sendable {
    /// Since the run began.
    public var milliseconds: Int
    /// Lines of samples.jsonl by then: those since the state before this one are what it says something about.
    public var samples: Int
    /// The mean over all cores.
    @OrNull public var megahertz: Int?
    /// The hottest sensor.
    @OrNull public var celsius: Double?
    /// How often a core has throttled since the machine started.
    @OrNull public var throttleEvents: Int?
    @OrNull public var stealTicks: Int?
    /// Whether a core throttled since the last block: what was measured in between is slower than this machine is.
    public var isThrottled: Bool
}

/// Reads the machine's state block by block, and says which blocks were throttled.
public struct MachineWatch: Sendable {
    private let root: String
    private var throttleEvents: Int?
    /// Blocks during which a core throttled.
    public private(set) var throttledBlocks = 0
    /// Whether the machine tells at all.
    public var canTell: Bool { throttleEvents != nil }

    /// - Parameter root: the folder that `sys` and `proc` are in: of another machine in tests.
    public init(root: String = "") {
        self.root = root
        throttleEvents = Self.sum(Self.perCore(root, "thermal_throttle/core_throttle_count"))
    }

    public mutating func read(at milliseconds: Int, afterSamples samples: Int) -> MachineState {
        let events = Self.sum(Self.perCore(root, "thermal_throttle/core_throttle_count"))
        let isThrottled = events.flatMap { now in throttleEvents.map { now > $0 } } ?? false
        throttleEvents = events
        if isThrottled { throttledBlocks += 1 }
        let kilohertz = Self.perCore(root, "cpufreq/scaling_cur_freq")
        let sensors = Self.numbers(root + "/sys/class/thermal", "thermal_zone", "temp")
        return MachineState(
            milliseconds: milliseconds, samples: samples,
            megahertz: Self.sum(kilohertz).map { $0 / kilohertz.count / 1000 },
            celsius: sensors.max().map { Double($0) / 1000 }, throttleEvents: events,
            stealTicks: root.isEmpty ? Machine().stealTicks : nil, isThrottled: isThrottled)
    }

    private static func perCore(_ root: String, _ file: String) -> [Int] {
        numbers(root + "/sys/devices/system/cpu", "cpu", file)
    }

    /// The number in `folder/<prefix><digits>/<file>` of every such folder.
    private static func numbers(_ folder: String, _ prefix: String, _ file: String) -> [Int] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasPrefix(prefix) && Int($0.dropFirst(prefix.count)) != nil }
            .compactMap { Machine().text("\(folder)/\($0)/\(file)").flatMap { Int($0) } }
    }

    private static func sum(_ values: [Int]) -> Int? { values.isEmpty ? nil : values.reduce(0, +) }
}
