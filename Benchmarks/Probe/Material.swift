import CProcess
import CryptoCore

/// The keys that openssl made when this program was built: the same in every run of it, and secret to nobody.
enum Material {
    static let keysPerSuite = 4
    private static let message = Array("juxtapose".utf8)

    /// Private keys of a suite: administrator's, broker's, two clients'.
    static func keys(_ suite: Suite, engines: EngineTable) throws(CryptoError) -> [RSAPrivateKey] {
        var keys: [RSAPrivateKey] = []
        for index in 0..<keysPerSuite {
            let der = item(position(suite) * (keysPerSuite + 1) + index)
            keys.append(try RSAPrivateKey(der: der.span.bytes, engines: engines))
        }
        return keys
    }

    /// Openssl's own signature by the suite's first key must be ours, bit by bit.
    static func check(_ suite: Suite, engines: EngineTable) throws(CryptoError) {
        let expected = item(position(suite) * (keysPerSuite + 1) + keysPerSuite)
        let der = item(position(suite) * (keysPerSuite + 1))
        let key = try RSAPrivateKey(der: der.span.bytes, engines: engines)
        guard try key.sign(message.span.bytes) == expected else { throw .signatureInvalid }
        try key.publicKey.verify(expected.span.bytes, of: message.span.bytes)
    }

    private static func position(_ suite: Suite) -> Int {
        var place = 0
        for other in Suite.allCases {
            if other == suite { return place }
            place += 1
        }
        return place
    }

    private static func item(_ index: Int) -> [UInt8] {
        var start = 0
        for before in 0..<index { start += Int(probe_material_size(Int32(before))) }
        let size = Int(probe_material_size(Int32(index)))
        return Array(UnsafeBufferPointer(start: probe_material_start() + start, count: size))
    }
}
