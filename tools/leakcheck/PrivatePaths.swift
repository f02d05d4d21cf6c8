internal import CMemcheck
internal import CryptoCore

/// Every private path once, with the key's numbers and all blinding marked as secrets at key load: a build with
/// `-D MEMCHECK`, run under valgrind, reports any use of them that timing could show.
enum PrivatePaths {
    /// Mistakes that memcheck must report.
    enum Control: String {
        /// A decoder that leaves at the first wrong byte.
        case earlyExit = "early-exit"
        /// A branch on a result that nobody declassified: shows that the marks made at key load reach it.
        case marks
    }

    static func exercise(control: Control?) throws {
        // The engines whose instructions valgrind knows; the vector kernels go over emulated ones.
        for (suite, engine) in [
            (Suite.rsa1024, RSAEngine.gmp), (.rsa2048x3, .gmp), (.rsa1024, .sse2), (.rsa2048x3, .sse2),
            (.rsa1024, .x64), (.rsa2048x3, .x64),
        ] {
            let key = try RSAPrivateKey.generate(for: suite, engines: EngineTable(engine))
            let message = [UInt8]("what is signed".utf8)
            let signature = try key.sign(message.span.bytes)
            if control == .marks, signature[0] == 0 { print("a signature that starts with zero") }
            declassify(signature)
            try key.publicKey.verify(signature.span.bytes, of: message.span.bytes)

            let envelope = try SealedEnvelope(suite)
            let plaintext = SecretBytes(copying: message.span.bytes)
            let sealed = try envelope.seal(plaintext, for: key.publicKey, .login)
            let opened = open(sealed, envelope, key) ?? []
            declassify(opened)
            guard opened == message else { throw Wrong.plaintext }

            // A wrapping that is no encoding at all takes the same path.
            var broken = sealed
            broken[10] ^= 1
            guard open(broken, envelope, key) == nil else { throw Wrong.accepted }
        }
        if control == .earlyExit { try decodeWithAnEarlyExit() }
        print("private paths: sign, unwrap, decode and key load done")
    }

    /// The mistake that Manger's attack lives on: it looks at the first byte and leaves.
    private static func decodeWithAnEarlyExit() throws {
        let encoded = try randomBytes(128)
        encoded.withUnsafeBytes { memcheck_mark_secret($0.baseAddress, $0.count) }
        if encoded[0] != 0 { print("refused early") }
    }

    /// Nil where it was refused.
    static func open(_ sealed: [UInt8], _ envelope: SealedEnvelope, _ key: RSAPrivateKey) -> [UInt8]? {
        do {
            let plaintext = try envelope.open(sealed.span.bytes, with: key, .login)
            return plaintext.withBytes { bytes in bytes.withUnsafeBytes { Array($0) } }
        } catch {
            return nil
        }
    }

    private static func declassify(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { memcheck_declassify($0.baseAddress, $0.count) }
    }

    enum Wrong: Error { case plaintext, accepted }
}
