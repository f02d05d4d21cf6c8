/// EME-OAEP (RFC 8017 §7.1), decoded without a branch or an index that depends on the plaintext.
package struct OAEP: Sendable {
    package let hash: HashFunction
    package let mask: HashFunction
    private let labelDigest: [UInt8]

    package init(
        hash: HashFunction = .sha256, mask: HashFunction = .sha256, label: [UInt8] = []
    ) throws(CryptoError) {
        self.hash = hash
        self.mask = mask
        labelDigest = try Digest.of(label.span.bytes, hash)
    }

    /// The longest message a modulus of this many bytes carries.
    package func capacity(modulusBytes: Int) -> Int { modulusBytes - 2 * hash.size - 2 }

    /// - Parameter seed: `hash.size` bytes; random, except in vectors.
    package func encode(
        _ message: RawSpan, seed: RawSpan, into target: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) {
        let limit = capacity(modulusBytes: target.count)
        guard message.byteCount <= limit else { throw .tooLong(limit: max(0, limit), actual: message.byteCount) }
        guard seed.byteCount == hash.size else { throw .wrongLength(expected: hash.size, actual: seed.byteCount) }
        memoryZero(target)
        let (seedArea, block) = areas(of: target)
        seed.withUnsafeBytes { seedArea.copyMemory(from: $0) }
        for index in labelDigest.indices { block[index] = labelDigest[index] }
        block[block.count - message.byteCount - 1] = 1
        message.withUnsafeBytes { source in
            for index in source.indices { block[block.count - source.count + index] = source[index] }
        }
        try MGF1.apply(seed: UnsafeRawBufferPointer(seedArea), to: block, mask)
        try MGF1.apply(seed: UnsafeRawBufferPointer(block), to: seedArea, mask)
    }

    /// The message inside, for callers that may learn whether there is one: vectors, and nothing that a peer can see.
    /// - Throws: `.openingFailed`.
    package func decode(_ encoded: UnsafeMutableRawBufferPointer) throws(CryptoError) -> [UInt8] {
        let (valid, start, block) = try unmask(encoded)
        guard valid.bits == Mask.yes.bits else { throw .openingFailed }
        return Array(block[Int(start)...])
    }

    /// Writes the message into `target` when the encoding is valid and of exactly that length, else the bytes of
    /// `substitute`: implicit rejection. Both cases do the same work.
    func decode(
        _ encoded: UnsafeMutableRawBufferPointer, into target: UnsafeMutableRawBufferPointer, orElse substitute: [UInt8]
    ) throws(CryptoError) {
        let (valid, start, block) = try unmask(encoded)
        precondition(block.count > target.count && substitute.count >= target.count)
        let expected = block.count - target.count
        let accept = valid & Mask.equal(start, UInt(expected))
        for index in target.indices {
            target[index] = accept.select(block[expected + index], substitute[index])
        }
    }

    /// Removes both masks in place and scans the whole block.
    private func unmask(
        _ encoded: UnsafeMutableRawBufferPointer
    ) throws(CryptoError) -> (valid: Mask, start: UInt, block: UnsafeMutableRawBufferPointer) {
        guard capacity(modulusBytes: encoded.count) >= 0 else { throw .openingFailed }
        let (seedArea, block) = areas(of: encoded)
        try MGF1.apply(seed: UnsafeRawBufferPointer(block), to: seedArea, mask)
        try MGF1.apply(seed: UnsafeRawBufferPointer(seedArea), to: block, mask)
        var valid = Mask.isZero(UInt(encoded[0]))
        for index in labelDigest.indices {
            valid = valid & Mask.equal(UInt(block[index]), UInt(labelDigest[index]))
        }
        var searching = Mask.yes
        var start: UInt = 0
        for index in hash.size..<block.count {
            let byte = UInt(block[index])
            let isSeparator = Mask.equal(byte, 1)
            start = (searching & isSeparator).select(UInt(index + 1), start)
            // Before the separator only zeros may stand.
            valid = valid & (!searching | isSeparator | Mask.isZero(byte))
            searching = searching & !isSeparator
        }
        return (valid & !searching, start, block)
    }

    private func areas(
        of encoded: UnsafeMutableRawBufferPointer
    ) -> (seed: UnsafeMutableRawBufferPointer, block: UnsafeMutableRawBufferPointer) {
        (
            UnsafeMutableRawBufferPointer(rebasing: encoded[1...hash.size]),
            UnsafeMutableRawBufferPointer(rebasing: encoded[(hash.size + 1)...])
        )
    }
}
