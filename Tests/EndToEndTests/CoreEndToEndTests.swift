import Foundation
import Harness
import TestSupport
import Testing

@Suite("The core comparison, as a user calls it")
struct CoreEndToEndTests {
    /// Puts the whole program under a libcrypto mask, as a user would.
    private func masked(_ mask: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        try Program.run(arguments, environment: ["OPENSSL_ia32cap": mask])
    }

    @Test("an engine that the mask takes away is refused before anything is measured")
    func engineMasked() throws {
        let result = try masked(":~0x200000", ["run", "--plan", "smoke", "--engine", "ifma"])
        #expect(result.status == 69 && result.output.contains("--engine auto"), "\(result.output)")
        #expect(try Program.run(["run", "--plan", "smoke", "--engine", "abacus"]).status == 64)
    }

    @Test("--isa starts the run again under a mask that libcrypto confirms, and the manifest names it")
    func isa() throws {
        let rows = try Program.run(["run", "--plan", "smoke", "--isa", "sse2", "--list"])
        #expect(rows.status == 0 && rows.output.contains("core/private/rsa2048/openSSL"))
        #expect(!rows.output.contains("/ifma"))
        let unknown = try Program.run(["run", "--isa", "pentium-m"])
        #expect(unknown.status == 64 && unknown.output.contains("noifma"), "\(unknown.output)")
    }

    @Test("rows follow the mask: no ifma without IFMA, every suite with every other engine")
    func rows() throws {
        let rows = try masked(":~0x200000", ["run", "--plan", "core", "--list"]).output
        #expect(!rows.contains("/ifma"))
        for suite in ["rsa1024", "rsa2048", "rsa2048x3", "rsa3072", "rsa3072x3", "rsa4096", "rsa4096x4"] {
            for row in [
                "private/\(suite)/gmp", "private/\(suite)/x64-sse2", "batch8/\(suite)/openSSL",
                "private/\(suite)/openSSL-sse2",
            ] {
                #expect(rows.contains("core/\(row)\n") || rows.contains("core/\(row) "), "\(row)")
            }
        }
        #expect(
            rows.contains("core/message/rsa2048/cms/1024") && rows.contains("core/message/rsa2048/curve25519/1048576"))
    }

    @Test("a worker checks what it times, answers in nanoseconds, and says which row it does not know")
    func worker() throws {
        try withTemporaryFolder { folder in
            let made = try run(
                "openssl",
                [
                    "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024", "-outform", "DER", "-out",
                    folder.appendingPathComponent("rsa1024.der").path,
                ])
            #expect(made.status == 0, "\(made.output)")
            let request = """
                core/private/rsa1024/gmp
                core/batch8/rsa1024/sse2
                core/message/rsa1024/cms/1024
                core/nothing/rsa1024/gmp
                core/private/rsa1024/abacus

                """
            let result = try Program.run(["bench-core", folder.path], input: request)
            let answers = result.output.split(separator: "\n").map(String.init)
            try #require(answers.count == 6, "\(result.output)")
            #expect(answers[1...3].allSatisfy { UInt64($0) ?? 0 > 0 }, "\(answers)")
            #expect(answers[4].hasPrefix("error") && answers[5].hasPrefix("error"))
        }
    }
}
