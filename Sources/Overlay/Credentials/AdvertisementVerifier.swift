public import CryptoCore
internal import XMLSecurity

/// A pipe advertisement that its holder signed, verified up to the administrator.
public struct VerifiedAdvertisement: Sendable {
    public let advertisement: PipeAdvertisement
    public let credential: Credential
    public let peer: JXTAID
    public let group: JXTAID

    public var user: String { credential.holder }
    public var key: RSAPublicKey { credential.key }
}

/// Signs and verifies advertisements as [15] proposes, and remembers what has been verified.
///
/// Verified advertisements are found by their bytes, verified chains by their texts. Both memories are bounded; a hit
/// checks dates and revocation again.
public struct AdvertisementVerifier: Sendable {
    /// PROTOCOL, refused in every profile, 12.
    public static let longest = 64 << 10

    public var trust: TrustAnchor
    private let cryptography: Cryptography
    private var advertisements: VerifiedCache<VerifiedAdvertisement>
    private var chains: VerifiedCache<Credential>

    public init(trust: TrustAnchor, cryptography: Cryptography, capacity: Int = 1024) {
        self.trust = trust
        self.cryptography = cryptography
        advertisements = VerifiedCache(capacity: capacity)
        chains = VerifiedCache(capacity: capacity)
    }

    /// Signs an advertisement as its holder.
    public static func sign(_ advertisement: PipeAdvertisement, as identity: Identity) throws(OverlayError) -> [UInt8] {
        guard let credential = identity.credential else { throw .notLoggedIn }
        return try xml { () throws(XMLError) in
            try SignedDocument.sign(
                advertisement.element, key: identity.key, certificates: credential.chain.map(\.der))
        }
    }

    /// 4.3.1 step 2: validates the signature, the credential behind it, and that ids and key belong together.
    public mutating func verify(_ bytes: RawSpan, at time: UnixTime) throws(OverlayError) -> VerifiedAdvertisement {
        try verify(Self.document(bytes), at: time)
    }

    /// An advertisement as verified ones are remembered by, once its length has been checked.
    static func document(_ bytes: RawSpan) throws(OverlayError) -> ExactBytes {
        guard bytes.byteCount <= longest else {
            throw .tooLarge(what: "advertisement", limit: longest, actual: bytes.byteCount)
        }
        return ExactBytes(copying: bytes)
    }

    /// The same for a document that has been kept since it arrived.
    mutating func verify(_ document: ExactBytes, at time: UnixTime) throws(OverlayError) -> VerifiedAdvertisement {
        if let known = advertisements[document] {
            try trust.checkAgain(known.credential, at: time)
            return known
        }
        let signed = try xml { () throws(XMLError) in
            try SignedDocument(document.bytes.span.bytes, limits: XMLLimits(bytes: Self.longest))
        }
        let credential = try verifyChain(signed, at: time)
        let content = try xml { () throws(XMLError) in try signed.verify(with: credential.key) }
        let verified = try bind(PipeAdvertisement(content.root), to: credential)
        advertisements.insert(verified, for: document)
        return verified
    }

    /// Forgets what has been verified: for measurements of the cold path.
    public mutating func forget(chainsToo: Bool) {
        advertisements.removeAll()
        if chainsToo { chains.removeAll() }
    }

    private mutating func verifyChain(
        _ document: borrowing SignedDocument, at time: UnixTime
    ) throws(OverlayError) -> Credential {
        // The texts are the key, not what they decode to: another spelling of a chain is verified anew.
        let key = document.certificatesKey
        if let known = chains[key] {
            try trust.checkAgain(known, at: time)
            return known
        }
        let texts = document.certificates
        guard (1...2).contains(texts.count) else {
            throw .advertisementInvalid("\(texts.count) certificates in the signature")
        }
        var chain: [Certificate] = []
        for text in texts {
            guard let der = Array(text.utf8).withUnsafeBytes(Base64.decode) else {
                throw .advertisementInvalid("certificate is not base64")
            }
            chain.append(
                try crypto { () throws(CryptoError) in
                    try Certificate(der: der.span.bytes, engines: cryptography.engines)
                })
        }
        let credential = try trust.verify(chain, suite: cryptography.suite, at: time)
        chains.insert(credential, for: key)
        return credential
    }

    /// The pipe must derive from the signer's key in the group it names, and the peer must be the credential's.
    private func bind(
        _ advertisement: PipeAdvertisement, to credential: Credential
    ) throws(OverlayError) -> VerifiedAdvertisement {
        let group = advertisement.group ?? .netGroup
        let peer = credential.peer
        guard advertisement.peer == nil || advertisement.peer == peer else {
            throw .identifierMismatch(claimed: advertisement.peer?.text ?? "", derived: peer.text)
        }
        let pipe = peer.pipe(in: group)
        guard advertisement.id == pipe else {
            throw .identifierMismatch(claimed: advertisement.id.text, derived: pipe.text)
        }
        return VerifiedAdvertisement(advertisement: advertisement, credential: credential, peer: peer, group: group)
    }
}
