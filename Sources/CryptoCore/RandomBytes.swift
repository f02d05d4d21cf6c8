internal import CLibCrypto

/// `count` bytes from libcrypto's generator, in one call (a call per byte costs 50 times as much).
public func randomBytes(_ count: Int) throws(CryptoError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var span = bytes.mutableSpan
    var failure: CryptoError?
    span.withUnsafeMutableBytes { target in
        do throws(CryptoError) { try fillRandom(target) } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
}

/// Fills `target` with bytes fit for keys, nonces and challenges.
package func fillRandom(_ target: UnsafeMutableRawBufferPointer) throws(CryptoError) {
    guard target.count > 0 else { return }
    try check(
        RAND_bytes(target.baseAddress?.assumingMemoryBound(to: UInt8.self), Int32(target.count)), "RAND_bytes")
}
