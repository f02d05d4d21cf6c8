import Harness
import Testing

@Suite("Colour on a terminal")
struct TerminalInkTests {
    @Test(
        "the environment decides before the terminal does",
        arguments: [
            ([:], true, true), ([:], false, false), (["TERM": "dumb"], true, false),
            (["NO_COLOR": "1"], true, false), (["NO_COLOR": ""], true, true), (["FORCE_COLOR": "1"], false, true),
            (["FORCE_COLOR": "0"], true, false), (["NO_COLOR": "1", "FORCE_COLOR": "1"], true, false),
            (["TERM": "dumb", "FORCE_COLOR": "3"], false, true),
        ] as [([String: String], Bool, Bool)])
    func environment(_ environment: [String: String], isTerminal: Bool, isOn: Bool) {
        #expect(TerminalInk(environment: environment, isTerminal: isTerminal).isOn == isOn)
    }

    @Test("verdicts at the ends of table lines are painted, and nothing else")
    func painted() {
        let text = """
            Gate FAILED: 1 figure worse than main
            Gates are met

              row      base  verdict
              a/met     1.0     MISSED
              b/slower  1.0        met
              c         1.0       same
              MISSED    1.0          ~
            """
        let painted = TerminalInk(environment: ["FORCE_COLOR": "1"], isTerminal: false).painted(text)
        let lines = painted.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines[0] == "\u{1b}[31mGate FAILED\u{1b}[0m: 1 figure worse than main")
        #expect(lines[4].hasSuffix("  \u{1b}[31mMISSED\u{1b}[0m") && lines[5].hasSuffix("  \u{1b}[32mmet\u{1b}[0m"))
        let plain = painted.replacing("\u{1b}[31m", with: "").replacing("\u{1b}[32m", with: "")
            .replacing("\u{1b}[0m", with: "")
        #expect(plain == text)
        #expect(lines.filter { $0.contains("\u{1b}") }.count == 3)
        #expect(TerminalInk(environment: [:], isTerminal: false).painted(text) == text)
    }
}
