internal import ArgumentParser
internal import Foundation
internal import Harness

/// The command line: flags in, report out.
@main
struct Juxtapose: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "juxtapose",
        abstract: "JXTA-Overlay with security, and what that security costs.",
        discussion: """
            EXAMPLES
              juxtapose run                         measure plain against secure
              juxtapose run --link rtt=10ms         the same over a link with latency
              juxtapose report Results/runs/RUN     a page that shows what it costs
              juxtapose section5                    when the paper's 81.76 % hold
              juxtapose gate --base-ref main        fail when it got worse
              juxtapose peer --help                 log in and send messages by hand
            """,
        subcommands: [
            RunCommand.self, CountCommand.self, CompareCommand.self, ExportCommand.self, GateCommand.self,
            BaselineCommand.self, DoctorCommand.self, ProfileCommand.self, ProjectCommand.self, Section5Command.self,
            SurfaceCommand.self, ReportCommand.self, AdminCommand.self, BrokerCommand.self, PeerCommandLine.self,
            BenchPeerCommand.self, BenchCoreCommand.self, BenchCountCommand.self, BenchPricesCommand.self,
            BenchLoginTimingCommand.self,
        ])

    /// Synchronous, with asynchronous commands in a task of their own: what a counting tool runs under must not begin
    /// on an executor's thread.
    static func main() {
        // A file that may not grow further is an error to report, not a reason to die half-way.
        signal(SIGXFSZ, SIG_IGN)
        do {
            var command = try parseAsRoot()
            if let asynchronous = command as? any AsyncParsableCommand {
                // Handed over whole: this thread only waits from here on.
                nonisolated(unsafe) let handedOver = asynchronous
                Task { await finish(handedOver) }
                dispatchMain()
            }
            try command.run()
        } catch {
            end(with: error)
        }
    }

    private static func finish(_ command: any AsyncParsableCommand) async {
        var command = command
        do {
            try await command.run()
            Foundation.exit(0)
        } catch {
            end(with: error)
        }
    }

    private static func end(with error: any Error) -> Never {
        // Parser errors and help go the parser's way: usage is 64, as in sysexits.h.
        let parsed = exitCode(for: error)
        if parsed == .success || parsed == .validationFailure || error is CleanExit || error is ArgumentParser.ExitCode
        {
            exit(withError: error)
        }
        let failure = Explanation.failure(for: error)
        FileHandle.standardError.write(Data("juxtapose: \(failure.message)\n".utf8))
        Foundation.exit(failure.code.rawValue)
    }
}
