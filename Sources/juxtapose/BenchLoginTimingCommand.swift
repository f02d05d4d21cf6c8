internal import ArgumentParser
internal import Scenarios

/// Part of `tools/leaks`.
struct BenchLoginTimingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bench-login-timing", shouldDisplay: false)

    @Argument var samples: Int

    func validate() throws {
        guard samples > 100 else { throw ValidationError("fewer than 100 timings tell nothing") }
    }

    func run() throws { try LoginTiming(samples: samples).execute { print($0) } }
}
