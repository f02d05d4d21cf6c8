import CryptoCore
import Testing

@Suite("E and S")
struct EnvelopeTests {
    static let key = try! RSAPrivateKey.generate(bits: 2048, engines: EngineTable(.openSSL))

    @Test("each engine opens what another sealed", arguments: RSAEngine.available, RSAEngine.available)
    func crossOpen(_ sealer: RSAEngine, _ opener: RSAEngine) throws {
        let envelope = try SealedEnvelope(.rsa2048)
        let sealing = try Self.key.bound(to: EngineTable(sealer)).publicKey
        let opening = try Self.key.bound(to: EngineTable(opener))
        let plaintext = try SecretBytes(randomCount: 777)
        let sealed = try envelope.seal(plaintext, for: sealing, .login)
        let opened = try envelope.open(sealed.span.bytes, with: opening, .login)
        let same = plaintext.withBytes { a in opened.withBytes { b in constantTimeEqual(a, b) } }
        #expect(same)
        #expect(sealed.count == 777 + envelope.overhead(recipientModulusBytes: 256))
    }

    @Test("a flipped bit at every byte, and truncation at every byte, are refused alike")
    func tampering() throws {
        let envelope = try SealedEnvelope(.rsa2048)
        let sealed = try envelope.seal(SecretBytes(randomCount: 20), for: Self.key.publicKey, .message)
        for index in sealed.indices {
            var forged = sealed
            forged[index] ^= 1 << UInt8(index % 8)
            #expect(throws: CryptoError.openingFailed) {
                _ = try envelope.open(forged.span.bytes, with: Self.key, .message)
            }
            #expect(throws: CryptoError.openingFailed) {
                _ = try envelope.open(Array(sealed.prefix(index)).span.bytes, with: Self.key, .message)
            }
        }
    }

    @Test("an envelope of one purpose does not open for another")
    func purposes() throws {
        let envelope = try SealedEnvelope(.rsa2048)
        let sealed = try envelope.seal(SecretBytes(randomCount: 20), for: Self.key.publicKey, .message)
        #expect(throws: CryptoError.openingFailed) { _ = try envelope.open(sealed.span.bytes, with: Self.key, .login) }
    }

    @Test("engines sign alike, and a signature serves one purpose only", arguments: RSAEngine.available)
    func labelled(_ engine: RSAEngine) throws {
        let key = try Self.key.bound(to: EngineTable(engine))
        let content: [UInt8] = Array("what is signed".utf8)
        let signature = try key.sign(content.span.bytes, for: .message)
        #expect(try signature == Self.key.sign(content.span.bytes, for: .message))
        try key.publicKey.verify(signature.span.bytes, of: content.span.bytes, for: .message)
        #expect(throws: CryptoError.signatureInvalid) {
            try key.publicKey.verify(signature.span.bytes, of: content.span.bytes, for: .login)
        }
        for index in signature.indices {
            var forged = signature
            forged[index] ^= 0x10
            #expect(throws: CryptoError.signatureInvalid) {
                try key.publicKey.verify(forged.span.bytes, of: content.span.bytes, for: .message)
            }
        }
    }

    @Test("PSS signatures verify on every engine, and not with another salt length", arguments: RSAEngine.available)
    func pss(_ engine: RSAEngine) throws {
        let key = try Self.key.bound(to: EngineTable(engine))
        let message: [UInt8] = Array("m".utf8)
        let scheme = SignatureScheme.pss(hash: .sha256, mask: .sha256, saltBytes: 32)
        let signature = try key.sign(message.span.bytes, scheme)
        for other in RSAEngine.available {
            let verifier = try Self.key.bound(to: EngineTable(other)).publicKey
            try verifier.verify(signature.span.bytes, of: message.span.bytes, scheme)
            #expect(throws: CryptoError.signatureInvalid) {
                try verifier.verify(
                    signature.span.bytes, of: message.span.bytes, .pss(hash: .sha256, mask: .sha256, saltBytes: 20))
            }
        }
    }

    @Test("special operands: 0, 1 and n-1 are fixed points, n and above refused", arguments: RSAEngine.available)
    func specialOperands(_ engine: RSAEngine) throws {
        let key = try Self.key.bound(to: EngineTable(engine))
        let size = key.modulusBytes
        let modulus = bigEndianModulus(of: key.publicKey)
        var one = [UInt8](repeating: 0, count: size)
        one[size - 1] = 1
        var last = modulus
        last[size - 1] -= 1
        for operand in [[UInt8](repeating: 0, count: size), one, last] {
            #expect(try apply(key, operand) == operand)
        }
        #expect(throws: CryptoError.representativeOutOfRange) { try apply(key, modulus) }
        #expect(throws: CryptoError.representativeOutOfRange) { try apply(key, [UInt8](repeating: 0xff, count: size)) }
    }

    private func apply(_ key: RSAPrivateKey, _ input: [UInt8]) throws -> [UInt8] {
        var output = [UInt8](repeating: 0, count: key.modulusBytes)
        try output.withUnsafeMutableBytes { target in try input.withUnsafeBytes { try key.apply($0, into: target) } }
        return output
    }

    /// The modulus stands in the SPKI after 33 bytes of headers, for 2048-bit keys.
    private func bigEndianModulus(of key: RSAPublicKey) -> [UInt8] { Array(key.spki[33..<(33 + 256)]) }
}
