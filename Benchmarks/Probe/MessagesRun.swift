import CProcess
import CoreScript
import CryptoCore

/// Sealing and opening of messages in this process, every suite with its fastest engine.
enum MessagesRun {
    private static let sizes = [1024, 1 << 20]

    static func run() throws(CryptoError) {
        Output.write("\nsuite       bytes     engine      seal                open\n")
        for suite in Suite.allCases {
            let engines = EngineTable(try PrivateOperationArm.fastest(suite))
            let script = try CoreScript(
                suite: suite, keys: try Material.keys(suite, engines: engines), engines: engines, passwordCost: 2,
                time: 1_800_000_000)
            for size in sizes { try measure(script, size, engines) }
        }
    }

    private static func measure(_ script: CoreScript, _ size: Int, _ engines: EngineTable) throws(CryptoError) {
        let message = ScriptMessage(script, payload: size)
        let sealed = try Samples.collect { () throws(CryptoError) in try message.sealFilled(script) }
        // What the last one sealed is opened over and over: opening leaves it as it was.
        let opened = try Samples.collect { () throws(CryptoError) in try message.open(script) }
        Output.write(
            Output.pad(script.suite.name, 12) + Output.pad("\(size)", 10) + Output.pad(engines.name, 12)
                + Output.pad(Output.microseconds(sealed.median), 20) + Output.microseconds(opened.median) + "\n")
    }
}
