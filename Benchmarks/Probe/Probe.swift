import CProcess
import CoreScript
import CryptoCore

/// The crypto core as a small program of its own, for machines that the overlay does not reach: a 32-bit Pentium M first
/// of all. Checks itself, then measures what a hardware profile prices, and the paper's two experiments between two
/// processes.
@main
struct Probe {
    private static let help = """
        juxtapose-probe: the crypto core of Juxtapose, measured where it stands.

        EXAMPLES
          juxtapose-probe                   check, then every engine beside libcrypto
          juxtapose-probe profile > m.json  a hardware profile, for `juxtapose project --to m.json`
          juxtapose-probe script            joins and messages, plain and secure, between two processes

        COMMANDS
          check     known answers: SHA-256, AES-GCM, scrypt, RSA against openssl, engine against engine
          engines   every engine and key shape beside libcrypto's of this build, then seal and open of messages
          profile   a hardware profile as JSON on standard output (schema juxtapose.profile/1)
          script    joins and messages over loopback TCP; scope core-script: all cryptography real, no XML, no database
          count     one operation of everything, for a counter of instructions outside

        OPTIONS
          --isa pentium-m   libcrypto as on a Pentium M (i686 build); native by default
          --suite NAME      for script: rsa1024 and rsa2048 by default
          --json            for script: schema juxtapose.script/1

        Exit codes: 0 done, 6 the mask did not take effect, 7 a result was wrong, 64 usage.

        """

    static func main() {
        let arguments = Arguments.all
        let command = arguments.count > 1 ? arguments[1] : "engines"
        Mask.enter(Arguments.value("--isa", in: arguments))
        do throws(CryptoError) {
            switch command {
            case "check": try SelfCheck.run()
            case "engines":
                try SelfCheck.run()
                try EngineTableRun.run()
                try MessagesRun.run()
            case "profile":
                try SelfCheck.run()
                try ProfileRun.run()
            case "script":
                try SelfCheck.run()
                try ScriptRun.run(
                    suite: Arguments.value("--suite", in: arguments), json: arguments.contains("--json"))
            case "count": try CountedOperations.run()
            case "help", "-h", "--help": Output.write(help)
            default:
                Output.note("probe: there is no command '" + command + "'; try --help\n")
                probe_exit(64)
            }
        } catch {
            Output.note("probe: a result was wrong, nothing that was measured counts\n")
            probe_exit(7)
        }
        probe_exit(0)
    }
}

/// The command line.
enum Arguments {
    static var all: [String] {
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = bytes.withUnsafeMutableBufferPointer { probe_arguments($0.baseAddress, 4095) }
        var found: [String] = []
        var word: [UInt8] = []
        for byte in bytes.prefix(Int(count)) {
            if byte == 0 {
                found.append(String(decoding: word, as: UTF8.self))
                word = []
            } else {
                word.append(UInt8(bitPattern: byte))
            }
        }
        return found
    }

    static func value(_ option: String, in arguments: [String]) -> String? {
        for index in arguments.indices where arguments[index] == option && index + 1 < arguments.count {
            return arguments[index + 1]
        }
        return nil
    }
}

/// Text for people on standard error, data on standard output.
enum Output {
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { probe_print($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }

    static func note(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { probe_note($0.baseAddress?.assumingMemoryBound(to: CChar.self), $0.count) }
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.utf8.count))
    }

    /// `thousandths / 1000` with three digits after the point.
    static func decimal(thousandths: UInt64) -> String {
        let rest = thousandths % 1000
        return "\(thousandths / 1000)." + (rest < 100 ? "0" : "") + (rest < 10 ? "0" : "") + "\(rest)"
    }

    /// Nanoseconds as microseconds.
    static func microseconds(_ nanoseconds: UInt64) -> String { decimal(thousandths: nanoseconds) + " us" }
}
