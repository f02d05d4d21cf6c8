internal import CryptoCore
internal import Foundation
public import Harness
internal import Metrology

/// What this machine can measure now, and how small an effect it can tell.
public struct Doctor {
    private let suite: Suite

    public init() { suite = .rsa2048 }

    public func probes() -> [Diagnosis.Probe] {
        let machine = Machine()
        return [
            build(), counters(), counting(), clock(machine), steal(machine), load(machine), governor(machine), cores(),
            mask(), libraries(),
        ]
    }

    /// A/A: this program against itself, arms interleaved like any comparison's.
    /// - Parameter plantedPercent: slows one arm down on purpose, to see that it is found.
    public func resolution(
        pairs: Int, seed: UInt64, plantedPercent: Double, note: (String) -> Void
    ) throws -> [Diagnosis.Resolution] {
        var pace = PairedPace(suite: suite, engine: .openSSL)
        pace.pairs = pairs
        pace.seed = seed
        return try pace.measure(
            base: PairedPace.Arm(), head: PairedPace.Arm(slowerPercent: plantedPercent),
            rows: pace.rows, note: note
        )
        .map { row, comparison in
            let ratio = comparison.ratio(seed: seed)
            return Diagnosis.Resolution(
                row: row, pairs: comparison.count, percent: 100 * (ratio.point - 1), low: 100 * (ratio.low - 1),
                high: 100 * (ratio.high - 1),
                verdict: ratio.verdict(threshold: CountPolicy().cpuPercent / 100).rawValue)
        }
    }

    private func build() -> Diagnosis.Probe {
        Diagnosis.Probe(
            what: "this program", found: Machine.compiler, advice: Machine.isDebugBuild ? Report.debugWarning : nil)
    }

    private func counters() -> Diagnosis.Probe {
        let paranoid = Machine().text("/proc/sys/kernel/perf_event_paranoid")
        let hasUnit = FileManager.default.fileExists(atPath: "/sys/bus/event_source/devices/cpu")
        return Diagnosis.Probe(
            what: "hardware counters",
            found: hasUnit
                ? "present, perf_event_paranoid \(paranoid ?? "unknown")" : "none: a virtual machine without",
            advice: hasUnit ? nil : "instructions are counted by valgrind instead (juxtapose count)")
    }

    private func counting() -> Diagnosis.Probe {
        do {
            return Diagnosis.Probe(what: "instruction counts", found: try Callgrind().version, advice: nil)
        } catch {
            return Diagnosis.Probe(what: "instruction counts", found: "none", advice: error.message)
        }
    }

    private func clock(_ machine: Machine) -> Diagnosis.Probe {
        let source = machine.text("/sys/devices/system/clocksource/clocksource0/current_clocksource") ?? "unknown"
        let reads = 10_000
        let start = Clock.wall()
        for _ in 1..<reads { _ = Clock.wall() }
        let cost = (Clock.wall() - start) / UInt64(reads)
        return Diagnosis.Probe(
            what: "clock", found: "\(source), \(cost) ns a reading",
            advice: cost > 200 ? "a reading costs as much as a short operation: choose another clock source" : nil)
    }

    private func steal(_ machine: Machine) -> Diagnosis.Probe {
        let before = machine.stealTicks
        usleep(300_000)
        guard let before, let after = machine.stealTicks else {
            return Diagnosis.Probe(what: "time taken by other guests", found: "unknown", advice: nil)
        }
        let percent = Double(after - before) / 0.3 / Double(Placement.coreCount)
        return Diagnosis.Probe(
            what: "time taken by other guests", found: "\(Int(percent.rounded())) % just now",
            advice: percent > 2 ? "wait, or measure on a machine of your own" : nil)
    }

    private func load(_ machine: Machine) -> Diagnosis.Probe {
        let text = machine.text("/proc/loadavg") ?? "unknown"
        let busy = text.split(separator: " ").first.flatMap { Double($0) } ?? 0
        return Diagnosis.Probe(
            what: "load", found: text,
            advice: busy > 0.7 * Double(Placement.coreCount) ? "other programs are running: stop them" : nil)
    }

    private func governor(_ machine: Machine) -> Diagnosis.Probe {
        let found = machine.text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
        return Diagnosis.Probe(
            what: "frequency governor", found: found ?? "not told (a virtual machine)",
            advice: found == nil || found == "performance" ? nil : "set it to performance while you measure")
    }

    private func cores() -> Diagnosis.Probe {
        let count = Placement.coreCount
        return Diagnosis.Probe(
            what: "cores", found: "\(count)",
            advice: count < 2 ? "sender and receiver share one: latencies hold each other up" : nil)
    }

    private func mask() -> Diagnosis.Probe {
        let mask = ProcessInfo.processInfo.environment["OPENSSL_ia32cap"]
        return Diagnosis.Probe(
            what: "instruction set", found: "\(CountEnvironment.key.instructionSet), mask \(mask ?? "none")",
            advice: mask == nil ? nil : "libcrypto does not use all that this processor has: baselines differ")
    }

    private func libraries() -> Diagnosis.Probe {
        Diagnosis.Probe(
            what: "libraries",
            found: LibraryVersions.all.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(
                separator: ", "),
            advice: nil)
    }
}
