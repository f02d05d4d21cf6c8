public import CryptoCore

/// The algorithms of one suite, made once: what every primitive encrypts, signs and verifies with.
public struct Cryptography: Sendable {
    public let suite: Suite
    public let engines: EngineTable
    public let envelope: SealedEnvelope
    public let messages: any MessageProtection

    /// - Parameter cores: how many a thread may have now, for large payloads and for groups.
    public init(
        suite: Suite, engines: EngineTable, cores: @escaping @Sendable () -> Int = { 1 }
    ) throws(OverlayError) {
        let protection = try crypto { () throws(CryptoError) in try PaperProtection(suite, cores: cores) }
        try self.init(suite: suite, engines: engines, messages: protection)
    }

    /// With another implementation of the message seam: a decorator that times or counts.
    public init(suite: Suite, engines: EngineTable, messages: any MessageProtection) throws(OverlayError) {
        self.suite = suite
        self.engines = engines
        envelope = try crypto { () throws(CryptoError) in try SealedEnvelope(suite) }
        self.messages = messages
    }
}

/// Seconds since 1970, as whoever runs a role says it is. The overlay reads no clock.
public typealias UnixTime = Int64
