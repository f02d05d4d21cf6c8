import CoreScript
import CryptoCore

/// Known answers first: a program that computes wrongly measures nothing.
enum SelfCheck {
    static func run() throws(CryptoError) {
        try digest()
        try cipher()
        try passwordHash()
        for suite in Suite.allCases {
            for engine in RSAEngine.available { try Material.check(suite, engines: EngineTable(engine)) }
        }
        try envelope()
        Output.note("checked: SHA-256, AES-GCM, scrypt, " + "\(Suite.allCases.count)" + " suites with every engine\n")
    }

    /// FIPS 180-4's "abc".
    private static func digest() throws(CryptoError) {
        let text = Array("abc".utf8)
        try same(
            Digest.of(text.span.bytes), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    /// GCM's specification (McGrew and Viega), test cases 2 and 14: one block of zeros.
    private static func cipher() throws(CryptoError) {
        let answers = [
            "0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf",
            "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
        ]
        for index in 0..<2 {
            let frame = Buffer(count: 32)
            try seal(frame, text: 16, key: [UInt8](repeating: 0, count: index == 0 ? 16 : 32))
            try same(Array(frame.bytes), answers[index])
        }
    }

    /// Encrypts the first bytes of a frame under a nonce of zeros, the tag behind them.
    static func seal(_ frame: Buffer, text: Int, key: [UInt8]) throws(CryptoError) {
        let nonce = Buffer(count: AESGCM.nonceBytes)
        try AESGCM.seal(
            UnsafeMutableRawBufferPointer(rebasing: frame.bytes[..<text]),
            tag: UnsafeMutableRawBufferPointer(rebasing: frame.bytes[text..<(text + AESGCM.tagBytes)]),
            key: key.span.bytes, nonce: UnsafeRawBufferPointer(nonce.bytes),
            authenticating: UnsafeRawBufferPointer(start: nil, count: 0), "")
    }

    /// RFC 7914 section 12, the first vector.
    private static func passwordHash() throws(CryptoError) {
        let nothing: [UInt8] = []
        try same(
            KeyDerivation.scrypt(
                password: nothing.span.bytes, salt: nothing.span.bytes, cost: 16, blockSize: 1, parallelism: 1,
                count: 64),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
                + "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906")
    }

    /// A message sealed with one engine opens with every other.
    private static func envelope() throws(CryptoError) {
        let payload = 100
        var scripts: [CoreScript] = []
        for engine in RSAEngine.available {
            let engines = EngineTable(engine)
            scripts.append(
                try CoreScript(
                    suite: .rsa2048, keys: try Material.keys(.rsa2048, engines: engines), engines: engines,
                    passwordCost: 2, time: 1_800_000_000))
        }
        for sender in scripts {
            let message = ScriptMessage(sender, payload: payload)
            try message.seal(sender)
            for receiver in scripts { try message.open(receiver) }
        }
    }

    private static func same(_ found: [UInt8], _ expected: String) throws(CryptoError) {
        var text = ""
        for byte in found {
            text += String(byte >> 4, radix: 16)
            text += String(byte & 15, radix: 16)
        }
        guard text == expected else { throw .malformed("a known answer") }
    }
}
