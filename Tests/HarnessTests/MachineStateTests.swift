import Foundation
import Harness
import TestSupport
import Testing

@Suite("The machine between blocks")
struct MachineStateTests {
    @Test("clock, temperature and throttling are read core by core; a block during which a core throttled is marked")
    func throttling() throws {
        try withTemporaryFolder { root in
            func write(_ path: String, _ value: Int) throws {
                let file = root.appendingPathComponent("sys/" + path)
                try FileManager.default.createDirectory(
                    at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try "\(value)\n".write(to: file, atomically: true, encoding: .utf8)
            }
            for core in 0...1 {
                try write("devices/system/cpu/cpu\(core)/thermal_throttle/core_throttle_count", 7)
                try write("devices/system/cpu/cpu\(core)/cpufreq/scaling_cur_freq", 1_000_000 + 500_000 * core)
            }
            try write("devices/system/cpu/cpufreq/policy0/scaling_cur_freq", 9_000_000)
            try write("class/thermal/thermal_zone0/temp", 41_500)
            try write("class/thermal/thermal_zone1/temp", 63_000)
            var watch = MachineWatch(root: root.path)
            let calm = watch.read(at: 5, afterSamples: 10)
            #expect(calm.megahertz == 1250 && calm.celsius == 63 && calm.throttleEvents == 14 && !calm.isThrottled)
            try write("devices/system/cpu/cpu1/thermal_throttle/core_throttle_count", 9)
            let hot = watch.read(at: 6, afterSamples: 20)
            #expect(hot.throttleEvents == 16 && hot.isThrottled && hot.samples == 20)
            #expect(!watch.read(at: 7, afterSamples: 30).isThrottled)
            #expect(watch.throttledBlocks == 1 && watch.canTell)
        }
    }

    @Test("a machine that tells nothing gives null, never 0")
    func silent() throws {
        try withTemporaryFolder { root in
            var watch = MachineWatch(root: root.path)
            let state = watch.read(at: 1, afterSamples: 0)
            #expect(state.megahertz == nil && state.celsius == nil && state.throttleEvents == nil)
            #expect(!state.isThrottled && !watch.canTell)
        }
    }

    @Test("a build without optimisation knows that it is one, and its name of the compiler says so")
    func optimisation() {
        var checksAssertions = false
        func noticed() -> Bool {
            checksAssertions = true
            return true
        }
        assert(noticed())
        #expect(Machine.isDebugBuild == checksAssertions)
        #expect(Machine.compiler.hasSuffix("not optimised") == checksAssertions)
    }
}
