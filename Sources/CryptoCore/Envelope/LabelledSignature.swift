/// S_SK(x) of the paper's section 4: a signature over `LP(label) | LP(x)`, where `LP` is a u32 length and the bytes.
extension RSAPrivateKey {
    public func sign(_ content: RawSpan, for purpose: Purpose) throws(CryptoError) -> [UInt8] {
        try sign(digest: labelledDigest(content, purpose), .suite)
    }
}

extension RSAPublicKey {
    /// - Throws: `.signatureInvalid`.
    public func verify(_ signature: RawSpan, of content: RawSpan, for purpose: Purpose) throws(CryptoError) {
        try verify(signature, digest: labelledDigest(content, purpose), .suite)
    }
}

private func labelledDigest(_ content: RawSpan, _ purpose: Purpose) throws(CryptoError) -> [UInt8] {
    let phase = Phase.begin()
    defer { phase.end("digest", bytes: content.byteCount) }
    return try DigestContext.pool.use(making: DigestContext.init) { (digest) throws(CryptoError) in
        try digest.begin(.sha256)
        try digest.update(length: purpose.label.utf8CodeUnitCount)
        try digest.update(purpose.label)
        try digest.update(length: content.byteCount)
        try digest.update(content)
        return try digest.finish(.sha256)
    }
}
