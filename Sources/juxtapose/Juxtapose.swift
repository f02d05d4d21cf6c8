internal import ArgumentParser
internal import Foundation
internal import Harness

/// The command line: flags in, report out.
@main
struct Juxtapose: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "juxtapose",
        abstract: "JXTA-Overlay with security, and what that security costs.",
        discussion: """
            EXAMPLES
              juxtapose run                         measure plain against secure
              juxtapose run --link rtt=10ms         the same over a link with latency
              juxtapose peer --help                 log in and send messages by hand
            """,
        subcommands: [
            RunCommand.self, AdminCommand.self, BrokerCommand.self, PeerCommandLine.self, BenchPeerCommand.self,
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            // Parser errors and help go the parser's way: usage is 64, as in sysexits.h.
            let parsed = Self.exitCode(for: error)
            if parsed == .success || parsed == .validationFailure || error is CleanExit
                || error is ArgumentParser.ExitCode
            {
                Self.exit(withError: error)
            }
            let failure = Explanation.failure(for: error)
            FileHandle.standardError.write(Data("juxtapose: \(failure.message)\n".utf8))
            Foundation.exit(failure.code.rawValue)
        }
    }
}
