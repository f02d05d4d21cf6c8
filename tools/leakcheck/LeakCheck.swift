internal import CryptoCore
internal import Glibc

/// Evidence that secrets do not leak: `leakcheck memcheck` under valgrind, `leakcheck timing` on the bare machine, and
/// `leakcheck wipe`. Each has a control that must be caught. `tools/leaks` runs them all.
@main
enum LeakCheck {
    static func main() throws {
        var arguments = CommandLine.arguments.dropFirst()
        switch arguments.popFirst() {
        case "memcheck":
            try PrivatePaths.exercise(control: arguments.first.flatMap { PrivatePaths.Control(rawValue: $0) })
        case "timing":
            let samples = arguments.first.flatMap { Int($0) } ?? 20_000
            exit(try TimingTest.run(samples: samples) ? 0 : 1)
        case "make-key":
            try WipeTest.makeKey()
        case "wipe":
            exit(try WipeTest.run() ? 0 : 1)
        default:
            print("usage: leakcheck memcheck [early-exit | marks] | timing [samples] | wipe")
            exit(64)
        }
    }
}
