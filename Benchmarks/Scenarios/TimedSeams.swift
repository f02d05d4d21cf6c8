internal import CryptoCore
internal import Metrology
public import Overlay

/// The message seam with a clock: what sealing and opening took, message by message.
final class TimedProtection: MessageProtection, @unchecked Sendable {
    // Sendable: touched on one peer's event loop only. PeerWorker guarantees it: it makes one for each member and hands it
    // to that member's ClientPeer and PingPong, which live on that loop.
    private let base: PaperProtection
    /// Nanoseconds of the calls since the last ``take()``.
    private var spent: UInt64 = 0

    init(_ base: PaperProtection) { self.base = base }

    var layout: MessageSeal { base.layout }

    func take() -> UInt64 {
        defer { spent = 0 }
        return spent
    }

    /// One at a time: the clock is one.
    var threads: Int { 1 }

    func sign(_ payload: RawSpan, with key: RSAPrivateKey) throws(CryptoError) -> [UInt8] {
        let start = Clock.wall()
        defer { spent += Clock.wall() - start }
        return try base.sign(payload, with: key)
    }

    func seal(
        _ frame: UnsafeMutableRawBufferPointer, signature: [UInt8], for key: RSAPublicKey
    ) throws(CryptoError) {
        let start = Clock.wall()
        defer { spent += Clock.wall() - start }
        try base.seal(frame, signature: signature, for: key)
    }

    func seal(
        _ frame: UnsafeMutableRawBufferPointer, signingWith key: RSAPrivateKey, for recipient: RSAPublicKey
    ) throws(CryptoError) {
        let start = Clock.wall()
        defer { spent += Clock.wall() - start }
        try base.seal(frame, signingWith: key, for: recipient)
    }

    func open(
        _ envelope: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, with key: RSAPrivateKey
    ) throws(CryptoError) -> OpenedMessage {
        let start = Clock.wall()
        defer { spent += Clock.wall() - start }
        return try base.open(envelope, into: target, with: key)
    }

    func verify(_ message: OpenedMessage, in plaintext: RawSpan, by key: RSAPublicKey) throws(CryptoError) {
        let start = Clock.wall()
        defer { spent += Clock.wall() - start }
        try base.verify(message, in: plaintext, by: key)
    }
}

/// The password seam with a clock: H of every login, for the broker's own record.
public struct TimedPasswordCheck: PasswordChecking {
    public init() {}

    public func check(_ password: Password, against hash: PasswordHash) throws(OverlayError) -> PasswordVerdict {
        let start = Clock.wall()
        let matches = try hash.matches(password)
        return PasswordVerdict(matches: matches, nanoseconds: Clock.wall() - start)
    }
}
