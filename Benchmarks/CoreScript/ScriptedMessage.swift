public import CryptoCore

/// secureMsgPeer (4.3.1), both advertisements verified already: from the client to the other peer, in place.
extension CoreScript {
    /// Bytes of a sealed payload.
    public func sealedCount(_ payload: Int) -> Int {
        seal.prefixBytes(recipientModulusBytes: peerKey.modulusBytes) + payload
            + seal.suffixBytes(senderModulusBytes: clientKey.modulusBytes)
    }

    /// Where the payload stands in a frame of ``sealedCount(_:)`` bytes.
    public var payloadOffset: Int { seal.prefixBytes(recipientModulusBytes: peerKey.modulusBytes) }

    /// Step 4: E(m, S(m)) around the payload that stands in the frame.
    public func seal(_ frame: UnsafeMutableRawBufferPointer, payload: Int) throws(CryptoError) {
        precondition(frame.count == sealedCount(payload))
        try seal.seal(frame, signingWith: clientKey, for: peerKey.publicKey)
    }

    /// Steps 5 and 7: opens into `target`, of ``openedCount(_:)`` bytes, and checks S(m).
    /// - Returns: where the payload stands in it.
    public func open(
        _ frame: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) -> Range<Int> {
        try seal.envelope.open(frame, into: target, with: peerKey, .message)
        let opened = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(target))
        let places = try seal.parse(opened)
        try clientKey.publicKey.verify(
            opened.extracting(places.signature), of: opened.extracting(places.payload), for: .message)
        return places.payload
    }

    public func openedCount(_ frame: Int) -> Int {
        frame - seal.envelope.overhead(recipientModulusBytes: peerKey.modulusBytes)
    }
}
