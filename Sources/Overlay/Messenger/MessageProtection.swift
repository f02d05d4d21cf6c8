public import CryptoCore

/// The seam between the messenger and its cryptography: what 4.3.1 calls E, S and their inverses.
public protocol MessageProtection: Sendable {
    /// S_SK(m).
    func sign(_ payload: RawSpan, with key: RSAPrivateKey) throws(CryptoError) -> [UInt8]
    /// E_PK(m, S(m)), in place around the payload of `frame`.
    func seal(_ frame: UnsafeMutableRawBufferPointer, signature: [UInt8], for key: RSAPublicKey) throws(CryptoError)
    /// The plaintext `LP(m) | LP(S(m))` into `target`.
    func open(
        _ envelope: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, with key: RSAPrivateKey
    ) throws(CryptoError)
    /// Whether S(m) is the sender's.
    func verify(_ signature: RawSpan, of payload: RawSpan, by key: RSAPublicKey) throws(CryptoError)
    var layout: MessageSeal { get }
}

/// The paper's own: signature inside, wrapped-key encryption around it.
public struct PaperProtection: MessageProtection {
    public let layout: MessageSeal

    public init(_ suite: Suite) throws(CryptoError) { layout = try MessageSeal(suite) }

    public func sign(_ payload: RawSpan, with key: RSAPrivateKey) throws(CryptoError) -> [UInt8] {
        try key.sign(payload, for: .message)
    }

    public func seal(
        _ frame: UnsafeMutableRawBufferPointer, signature: [UInt8], for key: RSAPublicKey
    ) throws(CryptoError) {
        try layout.seal(frame, signature: signature, for: key)
    }

    public func open(
        _ envelope: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, with key: RSAPrivateKey
    ) throws(CryptoError) {
        try layout.envelope.open(envelope, into: target, with: key, .message)
    }

    public func verify(_ signature: RawSpan, of payload: RawSpan, by key: RSAPublicKey) throws(CryptoError) {
        try key.verify(signature, of: payload, for: .message)
    }
}
