import CLibCrypto
import CProcess
import CoreScript
import CryptoCore

/// One of everything, the same in every run of this program: for a counter of instructions outside. `--only NAME` for
/// one operation, `--times 2` for one more of it: what starting costs is in both.
enum CountedOperations {
    static func run() throws(CryptoError) {
        guard crypto_set_generator(probe_next_bytes) == 1 else { throw .malformed("libcrypto kept its generator") }
        let arguments = Arguments.all
        let only = Arguments.value("--only", in: arguments)
        let repeated = Arguments.value("--times", in: arguments) == "2" ? 2 : 1
        for suite in Suite.allCases {
            for engine in RSAEngine.available {
                guard only == nil || only == "private/" + suite.name + "/\(engine.name)" else { continue }
                let arm = try PrivateOperationArm(suite, EngineTable(engine))
                for _ in 0..<(3 + repeated) { _ = try arm.timed() }
            }
        }
        if only == nil || only == "parse" {
            let parse = try CertificateParse()
            for _ in 0..<(100 * repeated) { try parse.once() }
        }
        if only == nil || only == "join" {
            let engines = EngineTable(.gmp)
            let script = try CoreScript(
                suite: .rsa2048, keys: try Material.keys(.rsa2048, engines: engines), engines: engines, passwordCost: 2,
                time: 1_800_000_000)
            for _ in 0..<repeated { try ScriptRun.joinHere(script) }
        }
    }
}
