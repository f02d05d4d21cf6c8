import CoreScript
import CryptoCore

/// Memory with an address.
final class Buffer {
    let bytes: UnsafeMutableRawBufferPointer

    /// Zeros.
    init(count: Int) {
        bytes = .allocate(byteCount: count, alignment: 16)
        bytes.initializeMemory(as: UInt8.self, repeating: 0)
    }

    deinit { bytes.deallocate() }
}

/// One message of the script over memory that stays.
final class ScriptMessage {
    let payload: Int
    let frame: Buffer
    private let opened: Buffer
    private let offset: Int

    init(_ script: CoreScript, payload: Int) {
        self.payload = payload
        offset = script.payloadOffset
        frame = Buffer(count: script.sealedCount(payload))
        opened = Buffer(count: script.openedCount(script.sealedCount(payload)))
    }

    func seal(_ script: CoreScript) throws(CryptoError) {
        // Encryption has overwritten the last one's.
        for index in offset..<(offset + payload) { frame.bytes[index] = UInt8(truncatingIfNeeded: index) }
        try sealFilled(script)
    }

    /// Without writing the payload first: for what is timed.
    func sealFilled(_ script: CoreScript) throws(CryptoError) { try script.seal(frame.bytes, payload: payload) }

    /// Opens and verifies; the payload's first and last byte are looked at, its signature vouches for the rest.
    func open(_ script: CoreScript) throws(CryptoError) {
        let place = try script.open(UnsafeRawBufferPointer(frame.bytes), into: opened.bytes)
        guard place.count == payload else { throw .openingFailed }
    }
}
