internal import CryptoCore
public import NIOCore

/// secureMsgPeer and secureMsgPeerGroup (4.3.1).
///
/// The payload is sealed where it lies: header before it and signature and tag after it use the room that
/// ``PayloadBuffer`` reserved, so nothing of it is copied.
public struct SecureMessage: Notice, ~Copyable {
    private var payload: ByteBuffer
    private let leadingElements: [MessageElement]
    private let signer: RSAPrivateKey
    /// S(m) where it has been made already.
    private let signature: [UInt8]?
    private let recipient: RSAPublicKey
    private let protection: any MessageProtection

    /// - Parameters:
    ///   - recipient: verified (steps 1 to 3): its advertisement's signature held, PK_Cl2 is its credential's.
    ///   - signature: S(m) where it has been made already, as for the second and later members of a group.
    public init(
        _ payload: consuming ByteBuffer, to recipient: VerifiedAdvertisement, from identity: Identity,
        with protection: any MessageProtection, signature: [UInt8]? = nil
    ) throws(OverlayError) {
        guard identity.credential != nil else { throw .notLoggedIn }
        self.payload = payload
        self.signature = signature
        signer = identity.key
        leadingElements = identity.leadingElements
        self.recipient = recipient.key
        self.protection = protection
    }

    /// S_SK_Cl1(m): the same for every recipient.
    static func sign(
        _ payload: borrowing ByteBuffer, as identity: Identity, with protection: any MessageProtection
    ) throws(OverlayError) -> [UInt8] {
        guard identity.credential != nil else { throw .notLoggedIn }
        do throws(CryptoError) {
            return try protection.sign(payload.readableBytesSpan, with: identity.key)
        } catch {
            throw .crypto(error)
        }
    }

    /// Step 4: Cl1 sends `E_PK_Cl2(m, S_SK_Cl1(m))`.
    public consuming func compose() throws(OverlayError) -> Message {
        let sealed = try seal()
        return Message(leadingElements, .sealed, sealed)
    }

    private mutating func seal() throws(OverlayError) -> ByteBuffer {
        let prefix = protection.layout.prefixBytes(recipientModulusBytes: recipient.modulusBytes)
        let suffix = protection.layout.suffixBytes(senderModulusBytes: signer.modulusBytes)
        var frame = ByteBuffer()
        swap(&frame, &payload)
        if frame.readerIndex < prefix {
            var roomy = PayloadBuffer.make(capacity: frame.readableBytes)
            roomy.writeImmutableBuffer(frame)
            frame = roomy
        }
        frame.reserveCapacity(minimumWritableBytes: suffix)
        frame.moveReaderIndex(to: frame.readerIndex - prefix)
        frame.moveWriterIndex(forwardBy: suffix)
        var failure: CryptoError?
        frame.withUnsafeMutableReadableBytes { bytes in
            do throws(CryptoError) {
                if let signature {
                    try protection.seal(bytes, signature: signature, for: recipient)
                } else {
                    try protection.seal(bytes, signingWith: signer, for: recipient)
                }
            } catch { failure = error }
        }
        if let failure { throw .crypto(failure) }
        return frame
    }
}

extension ClientPeer {
    /// Steps 5 to 7: Cl2 decrypts, retrieves and validates Cl1's advertisement, and checks S(m) with its key.
    mutating func receiveSealed(
        _ envelope: ByteBuffer, from sender: JXTAID, in group: JXTAID, at time: UnixTime
    ) throws(OverlayError) -> OverlayEvent {
        guard let mark = ReplayGuard.Mark(envelope: envelope) else { throw .crypto(.openingFailed) }
        guard !replays.hasSeen(mark, at: time) else { throw .messageReplayed }
        // Step 5.
        var (plaintext, opened) = try open(envelope)
        // Step 6.
        let verified = try verifiedAdvertisement(of: sender, in: group, at: time)
        // Step 7.
        try crypto { () throws(CryptoError) in
            try cryptography.messages.verify(opened, in: plaintext.readableBytesSpan, by: verified.key)
        }
        replays.record(mark, at: time)
        let payload = opened.places.payload
        plaintext.moveReaderIndex(forwardBy: payload.lowerBound)
        guard let content = plaintext.readSlice(length: payload.count) else { throw .crypto(.openingFailed) }
        return .message(
            InboundMessage(sender: sender, user: verified.user, group: group, payload: content, isSecure: true))
    }

    /// Opens into the reused buffer. Copies nothing but what decryption writes.
    private mutating func open(_ envelope: ByteBuffer) throws(OverlayError) -> (ByteBuffer, OpenedMessage) {
        let count = try crypto { () throws(CryptoError) in
            try cryptography.messages.layout.envelope.plaintextBytes(
                envelopeBytes: envelope.readableBytes, recipient: identity.key)
        }
        // Cleared in place when no event still holds the last payload, and replaced by fresh memory otherwise.
        opened.clear(minimumCapacity: count)
        let (protection, key) = (cryptography.messages, identity.key)
        var outcome = Result<OpenedMessage, CryptoError>.failure(.openingFailed)
        opened.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { target in
            let target = UnsafeMutableRawBufferPointer(rebasing: target[..<count])
            envelope.withUnsafeReadableBytes { source in
                do throws(CryptoError) {
                    outcome = .success(try protection.open(source, into: target, with: key))
                } catch { outcome = .failure(error) }
            }
            return count
        }
        copies.opening += count
        return try crypto { () throws(CryptoError) in (opened, try outcome.get()) }
    }
}
