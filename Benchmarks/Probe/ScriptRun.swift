import CProcess
import CoreScript
import CryptoCore

/// The paper's two experiments between two processes over loopback TCP: joins with a broker, messages to a peer, plain
/// and secure in turn.
enum ScriptRun {
    private static let sizes = [16, 1024, 65_536, 1 << 20]
    private static let messagePairs = 20
    private static let joinPairs = 8

    /// What the other process is asked to play, one byte.
    enum Part: UInt8 { case plainJoin = 1, secureJoin, messages, end }

    static func run(suite name: String?, json: Bool) throws(CryptoError) {
        var suites: [Suite] = [.rsa1024, .rsa2048]
        if let name {
            guard let suite = Suite(name: name) else {
                Output.note("probe: there is no suite '" + name + "'\n")
                probe_exit(64)
                return
            }
            suites = [suite]
        }
        var rows: [Row] = []
        for suite in suites { rows += try measure(suite) }
        if json { ScriptReport.writeJSON(rows) } else { ScriptReport.writeTable(rows) }
    }

    /// One experiment: pairs of plain and secure.
    struct Row {
        let id: String
        var plain = Samples()
        var secure = Samples()
    }

    private static func measure(_ suite: Suite) throws(CryptoError) -> [Row] {
        let engines = EngineTable(try PrivateOperationArm.fastest(suite))
        Output.note(suite.name + ", engine " + engines.name + "\n")
        let script = try CoreScript(
            suite: suite, keys: try Material.keys(suite, engines: engines), engines: engines,
            passwordCost: ProfileRun.passwordCost, time: 1_800_000_000)
        var port: Int32 = 0
        let listener = probe_listen(&port)
        guard listener >= 0 else { throw .malformed("no socket") }
        let child = probe_fork()
        if child == 0 {
            let status = ScriptServer(script).serve(listener)
            probe_exit(status)
        }
        let client = ScriptClient(script, port: port)
        var join = Row(id: "join/" + suite.name)
        for pair in 0...joinPairs {
            for turn in 0..<2 {
                let isSecure = turn == pair & 1
                let time = isSecure ? try client.joinSecurely() : try client.joinPlainly()
                // The first pair warms both sides up.
                guard pair > 0 else { continue }
                if isSecure { join.secure.add(time) } else { join.plain.add(time) }
            }
        }
        var rows = [join]
        for size in sizes {
            var row = Row(id: "message/" + suite.name + "/\(size)")
            for pair in 0...messagePairs {
                for turn in 0..<2 {
                    let isSecure = turn == pair & 1
                    let time = try client.message(size, secure: isSecure)
                    guard pair > 0 else { continue }
                    if isSecure { row.secure.add(time) } else { row.plain.add(time) }
                }
            }
            rows.append(row)
        }
        try client.end()
        guard probe_wait(child) == 0 else { throw .malformed("the other process failed") }
        return rows
    }

    /// A secure join in this process alone.
    static func joinHere(_ script: CoreScript) throws(CryptoError) {
        let challenge = try script.secureConnection()
        let (session, reply) = try script.answerSecureConnection(challenge)
        let opened = try script.finishSecureConnection(reply, challenge: challenge)
        let credential = try script.answerSecureLogin(try script.secureLogin(opened), session: session)
        try script.finishSecureLogin(credential, opened)
    }
}
