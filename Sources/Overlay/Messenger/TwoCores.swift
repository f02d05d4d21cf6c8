internal import CryptoCore
internal import Dispatch
internal import Synchronization

/// Large payloads on two cores: one hashes, the other encrypts or decrypts. The bytes are those of one core.
///
/// Waking a thread costs tens of microseconds, so there is one hand-over for a message, at a moment from which neither
/// thread should have to wait for the other: hashing is the slower of the two.
extension MessageSeal {
    /// From here on a second core saves more than the hand-over costs: on two cores of a virtual machine, whose wake-ups
    /// are slow, nothing was saved at 512 KiB, 10 to 15 % at 1 MiB and 20 to 25 % at 4 MiB.
    static let leastBytesForTwoCores = 1 << 20
    /// How often the thread ahead says how far it is.
    private static let stride = 64 << 10

    /// This thread hashes and signs; the other follows behind and encrypts what is hashed.
    func sealOnTwoCores(
        _ frame: UnsafeMutableRawBufferPointer, signingWith key: RSAPrivateKey, for recipient: RSAPublicKey
    ) throws(CryptoError) {
        let places = frameLengths(frame, signatureBytes: key.modulusBytes, for: recipient)
        let start = places.payload.lowerBound - Self.lengthBytes
        let progress = Progress()
        let envelope = envelope
        // The other thread writes the header, and the payload where this one has passed. Nothing of it is this one's again
        // before the other has ended.
        nonisolated(unsafe) let shared = frame
        let encryption = SideWork { () throws(CryptoError) in
            let stream = try envelope.beginSealing(shared, for: recipient, .message)
            try Self.strides(start..<places.payload.upperBound) { (piece) throws(CryptoError) in
                try progress.wait(for: piece.upperBound)
                try stream.update(inPlace: UnsafeMutableRawBufferPointer(rebasing: shared[piece]))
            }
            return Handed(stream)
        }
        do throws(CryptoError) {
            var digest = try LabelledDigest.Stream(for: .message, contentBytes: places.payload.count)
            let handOver = places.payload.lowerBound + places.payload.count / 2
            try Self.strides(places.payload) { (piece) throws(CryptoError) in
                try digest.update(UnsafeRawBufferPointer(rebasing: frame[piece]))
                progress.reach(piece.upperBound)
                if piece.contains(handOver) { encryption.offer() }
            }
            let signature = try key.sign(digest.finish())
            UnsafeMutableRawBufferPointer(rebasing: frame[places.signature]).copyBytes(from: signature)
            let stream = try encryption.value().value
            let text = envelope.ciphertext(envelopeBytes: frame.count, recipientModulusBytes: recipient.modulusBytes)
            let rest = places.payload.upperBound..<text.upperBound
            try stream.update(inPlace: UnsafeMutableRawBufferPointer(rebasing: frame[rest]))
            try stream.finishSealing(UnsafeMutableRawBufferPointer(rebasing: frame[text.upperBound...]))
        } catch {
            progress.fail()
            encryption.abandon()
            throw error
        }
    }

    /// This thread unwraps the key, decrypts the beginning and hashes; the other decrypts ahead.
    func openOnTwoCores(
        _ message: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, with key: RSAPrivateKey
    ) throws(CryptoError) -> OpenedMessage {
        let stream = Handed(
            try envelope.beginOpening(message, plaintextBytes: target.count, with: key, .message))
        let text = envelope.ciphertext(envelopeBytes: message.count, recipientModulusBytes: key.modulusBytes)
        // Enough to hash until the other thread runs.
        let beginning = 0..<min(4 * Self.stride, target.count)
        let progress = Progress()
        // The other thread writes behind the beginning, and this one reads what the other has passed.
        nonisolated(unsafe) let (source, shared) = (UnsafeRawBufferPointer(rebasing: message[text]), target)
        nonisolated(unsafe) let tag = UnsafeRawBufferPointer(rebasing: message[text.upperBound...])
        let decryption = SideWork { () throws(CryptoError) in
            // Whatever happens, nobody waits for more.
            defer { progress.finish() }
            try Self.strides(beginning.upperBound..<shared.count) { (piece) throws(CryptoError) in
                try stream.value.decrypt(source, into: shared, piece)
                progress.reach(piece.upperBound)
            }
            return try stream.value.finishOpening(tag)
        }
        do throws(CryptoError) {
            try stream.value.decrypt(source, into: shared, beginning)
            decryption.offer()
            let plaintext = RawSpan(_unsafeBytes: UnsafeRawBufferPointer(target))
            let payload = likelyPayload(of: plaintext)
            var digest = try LabelledDigest.Stream(for: .message, contentBytes: payload.count)
            try Self.strides(payload) { (piece) throws(CryptoError) in
                if piece.upperBound > beginning.upperBound, !progress.hasReached(piece.upperBound) {
                    decryption.ensureBegun()
                    try progress.wait(for: piece.upperBound)
                }
                try digest.update(UnsafeRawBufferPointer(rebasing: target[piece]))
            }
            guard try decryption.value() else { throw .openingFailed }
            return OpenedMessage(places: try parse(plaintext), digest: try digest.finish())
        } catch {
            decryption.abandon()
            wipe(target)
            throw error
        }
    }

    /// Where the payload of a plaintext stands that may be forged: a length that cannot be is no reason to stop sooner,
    /// for the time that this takes must not tell a wrong key from a wrong tag.
    private func likelyPayload(of plaintext: RawSpan) -> Range<Int> {
        (try? payload(of: plaintext)) ?? Self.lengthBytes..<(plaintext.byteCount - Self.lengthBytes)
    }

    private static func strides(
        _ range: Range<Int>, _ body: (Range<Int>) throws(CryptoError) -> Void
    ) throws(CryptoError) {
        var start = range.lowerBound
        while start < range.upperBound {
            let end = min(start + stride, range.upperBound)
            try body(start..<end)
            start = end
        }
    }
}

extension AESGCMStream {
    fileprivate func update(inPlace piece: UnsafeMutableRawBufferPointer) throws(CryptoError) {
        try update(from: UnsafeRawBufferPointer(piece), to: piece.baseAddress)
    }

    fileprivate func decrypt(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ piece: Range<Int>
    ) throws(CryptoError) {
        try update(
            from: UnsafeRawBufferPointer(rebasing: source[piece]),
            to: UnsafeMutableRawBufferPointer(rebasing: target[piece]).baseAddress)
    }
}

/// What one thread leaves to another.
private struct Handed<Value>: @unchecked Sendable {
    // Sendable: openOnTwoCores and sealOnTwoCores guarantee it: one thread uses the value until it offers the work or ends
    // it, and the other from there on.
    let value: Value

    init(_ value: Value) { self.value = value }
}

/// How far the thread ahead has come; one other waits for it.
private final class Progress: Sendable {
    private let end = Atomic<Int>(0)
    private let hasFailed = Atomic<Bool>(false)
    private let moved = DispatchSemaphore(value: 0)

    func reach(_ end: Int) {
        self.end.store(end, ordering: .releasing)
        moved.signal()
    }

    func finish() { reach(.max) }

    func fail() {
        hasFailed.store(true, ordering: .relaxed)
        finish()
    }

    func hasReached(_ end: Int) -> Bool { self.end.load(ordering: .acquiring) >= end }

    /// - Throws: `.openingFailed` where the thread ahead has given up; that thread has the reason.
    func wait(for end: Int) throws(CryptoError) {
        while !hasReached(end) { moved.wait() }
        if hasFailed.load(ordering: .relaxed) { throw .openingFailed }
    }
}
