public import CryptoCore

/// The seam between the messenger and its cryptography: what 4.3.1 calls E, S and their inverses.
public protocol MessageProtection: Sendable {
    /// S_SK(m): made once for all members of a group.
    func sign(_ payload: RawSpan, with key: RSAPrivateKey) throws(CryptoError) -> [UInt8]
    /// E_PK(m, S(m)), in place around the payload of `frame`.
    func seal(_ frame: UnsafeMutableRawBufferPointer, signature: [UInt8], for key: RSAPublicKey) throws(CryptoError)
    /// E_PK(m, S_SK(m)), in place around the payload of `frame`.
    func seal(
        _ frame: UnsafeMutableRawBufferPointer, signingWith key: RSAPrivateKey, for recipient: RSAPublicKey
    ) throws(CryptoError)
    /// The plaintext `LP(m) | LP(S(m))` into `target`.
    func open(
        _ envelope: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, with key: RSAPrivateKey
    ) throws(CryptoError) -> OpenedMessage
    /// Whether S(m) is the sender's.
    func verify(_ message: OpenedMessage, in plaintext: RawSpan, by key: RSAPublicKey) throws(CryptoError)
    var layout: MessageSeal { get }
    /// How many threads may seal at once.
    var threads: Int { get }
}

/// What stands in an opened plaintext, its signature not yet checked.
public struct OpenedMessage: Sendable {
    public let places: MessageSeal.Places
    /// What S(m) must be a signature of.
    let digest: LabelledDigest
}

/// The paper's own: signature inside, wrapped-key encryption around it.
///
/// Hashing and encrypting a large payload take two cores where there are two: neither needs the other's result.
public struct PaperProtection: MessageProtection {
    public let layout: MessageSeal
    private let cores: @Sendable () -> Int

    /// - Parameter cores: how many this thread may have now; asked for large payloads and for groups only.
    public init(_ suite: Suite, cores: @escaping @Sendable () -> Int = { 1 }) throws(CryptoError) {
        layout = try MessageSeal(suite)
        self.cores = cores
    }

    public var threads: Int { cores() }

    public func sign(_ payload: RawSpan, with key: RSAPrivateKey) throws(CryptoError) -> [UInt8] {
        try key.sign(payload, for: .message)
    }

    public func seal(
        _ frame: UnsafeMutableRawBufferPointer, signature: [UInt8], for key: RSAPublicKey
    ) throws(CryptoError) {
        try layout.seal(frame, signature: signature, for: key)
    }

    public func seal(
        _ frame: UnsafeMutableRawBufferPointer, signingWith key: RSAPrivateKey, for recipient: RSAPublicKey
    ) throws(CryptoError) {
        if paysForTwoCores(frame.count) { return try layout.sealOnTwoCores(frame, signingWith: key, for: recipient) }
        try layout.seal(frame, signingWith: key, for: recipient)
    }

    public func open(
        _ envelope: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, with key: RSAPrivateKey
    ) throws(CryptoError) -> OpenedMessage {
        if paysForTwoCores(target.count) { return try layout.openOnTwoCores(envelope, into: target, with: key) }
        try layout.envelope.open(envelope, into: target, with: key, .message)
        let plaintext = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(target))
        let places = try layout.parse(plaintext)
        return OpenedMessage(
            places: places, digest: try LabelledDigest(of: plaintext.extracting(places.payload), for: .message))
    }

    public func verify(_ message: OpenedMessage, in plaintext: RawSpan, by key: RSAPublicKey) throws(CryptoError) {
        try key.verify(plaintext.extracting(message.places.signature), of: message.digest)
    }

    private func paysForTwoCores(_ bytes: Int) -> Bool { bytes >= MessageSeal.leastBytesForTwoCores && cores() > 1 }
}
