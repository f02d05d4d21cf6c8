internal import CryptoCore
internal import NIOCore
internal import XMLSecurity

/// The Client Module: what an application joins the network with, and how it messages other members.
///
/// A value owned by one event loop. It does no I/O and reads no clock: messages in, messages and events out.
public struct ClientPeer: Sendable {
    /// What is known of another member of a group: the document as it was pushed, and what it says.
    ///
    /// An object, since every message looks one up: all that an advertisement refers to would be copied each time.
    public final class Contact: Sendable {
        public let advertisement: PipeAdvertisement
        /// Kept as the key that finds the verified advertisement for every message.
        let document: ExactBytes

        init(_ advertisement: PipeAdvertisement, document: ExactBytes) {
            self.advertisement = advertisement
            self.document = document
        }
    }

    public let cryptography: Cryptography
    public private(set) var identity: Identity
    /// Plain primitives: inside a benchmark, or with `--insecure-plain`.
    public let allowsPlain: Bool
    public private(set) var membership: Membership?
    public private(set) var roster = Roster<Contact>() {
        didSet { recent = nil }
    }
    /// Payload bytes copied so far.
    public internal(set) var copies = CopyCounts()
    package var verifier: AdvertisementVerifier
    var replays = ReplayGuard()
    /// Plaintexts are opened into this, one after another.
    var opened = ByteBuffer()
    /// Own input pipes, one per group.
    private var pipes: [JXTAID: JXTAID] = [:] {
        didSet { recent = nil }
    }
    /// Whom the last message went to or came from: the next one's is usually the same, which a comparison shows faster
    /// than a table.
    private var recent: Correspondent?

    private struct Correspondent {
        let peer: JXTAID
        let group: JXTAID
        let contact: Contact
        /// The own input pipe of the group; nil for a group that one is not in.
        let pipe: JXTAID?
    }

    public init(
        identity: Identity, trust: TrustAnchor, cryptography: Cryptography, allowsPlain: Bool = false
    ) throws(OverlayError) {
        guard cryptography.suite.isSecure || allowsPlain else { throw .insecureSuite(cryptography.suite.name) }
        try crypto { () throws(CryptoError) in try cryptography.suite.check(ownKey: identity.key.publicKey) }
        self.identity = identity
        self.cryptography = cryptography
        self.allowsPlain = allowsPlain
        verifier = AdvertisementVerifier(trust: trust, cryptography: cryptography)
    }

    public var trust: TrustAnchor { verifier.trust }

    /// Takes up a membership: from now on messages of its groups are received.
    public mutating func joined(_ membership: Membership) {
        self.membership = membership
        identity.credential = membership.credential
        pipes = [:]
        for group in membership.groups { pipes[identity.peerID.pipe(in: group.id)] = group.id }
    }

    /// Takes up or gives up one group.
    public mutating func joined(_ group: GroupRecord) {
        guard let membership else { return }
        joined(
            Membership(
                user: membership.user, groups: membership.groups.filter { $0.id != group.id } + [group],
                credential: membership.credential))
    }

    public mutating func left(_ group: GroupRecord) {
        guard let membership else { return }
        for (peer, _) in roster.members(of: group.id) { roster.remove(peer, from: group.id) }
        joined(
            Membership(
                user: membership.user, groups: membership.groups.filter { $0.id != group.id },
                credential: membership.credential))
    }

    public mutating func loggedOut() {
        membership = nil
        identity.credential = nil
        pipes = [:]
        roster = Roster()
    }

    /// The own pipe advertisement of a group, signed once there is a credential: ready for ``Publish``.
    public func advertisement(for group: JXTAID, addresses: [String]) throws(OverlayError) -> [UInt8] {
        guard let membership else { throw .notLoggedIn }
        let advertisement = PipeAdvertisement(
            id: identity.peerID.pipe(in: group), name: membership.user, peer: identity.peerID, group: group,
            addresses: addresses)
        guard identity.credential != nil else { return Array(advertisement.document.utf8) }
        return try AdvertisementVerifier.sign(advertisement, as: identity)
    }

    /// Handles a message to one of the own pipes, or pushed by the broker.
    public mutating func receive(
        _ message: Message, under heading: Heading, at time: UnixTime
    ) throws(OverlayError) -> OverlayEvent {
        if let peer = heading.sender {
            guard let pipe = heading.pipe else { throw .missingElement("pipe in the destination address") }
            let group = try group(of: pipe)
            if let sealed = message[.sealed] { return try receiveSealed(sealed, from: peer, in: group, at: time) }
            return try receivePlain(message.required(.payload), from: peer, in: group)
        }
        switch message.primitive {
        case .advertisement: return try learn(message.required(.advertisement), at: time)
        case .presence: return try note(message.required(.presence))
        default: throw .unexpectedReply((try message[.primitive]?.text()) ?? "")
        }
    }

    /// What is known of another member of a group.
    mutating func contact(of peer: JXTAID, in group: JXTAID) throws(OverlayError) -> Contact {
        // Field by field: bound to a name, all of it would be copied.
        if recent?.peer == peer, recent?.group == group, let contact = recent?.contact { return contact }
        guard let contact = roster[group, peer] else { throw .peerUnknown(peer.text) }
        let pipe = identity.peerID.pipe(in: group)
        recent = Correspondent(peer: peer, group: group, contact: contact, pipe: pipes[pipe] == nil ? nil : pipe)
        return contact
    }

    /// The group that an own input pipe is of.
    private func group(of pipe: JXTAID) throws(OverlayError) -> JXTAID {
        if recent?.pipe == pipe, let group = recent?.group { return group }
        guard let group = pipes[pipe] else { throw .notMember(group: pipe.text) }
        return group
    }

    /// A pushed advertisement: verified before it is kept; plain ones only where plain is allowed.
    private mutating func learn(_ pushed: ByteBuffer, at time: UnixTime) throws(OverlayError) -> OverlayEvent {
        // A copy: the document must not hold on to a large read buffer.
        let document = try AdvertisementVerifier.document(pushed.readableBytesSpan)
        let known: PipeAdvertisement
        var user: String?
        if identity.credential != nil {
            let verified = try verifier.verify(document, at: time)
            known = verified.advertisement
            user = verified.user
        } else {
            guard allowsPlain else { throw .plainRefused }
            known = try PipeAdvertisement(parsing: document.bytes.span.bytes)
        }
        guard let peer = known.peer else { throw .missingElement("PID") }
        let group = known.group ?? .netGroup
        roster.insert(Contact(known, document: document), for: peer, in: group)
        return .advertisement(peer: peer, user: user ?? known.name, group: group)
    }

    private mutating func note(_ document: ByteBuffer) throws(OverlayError) -> OverlayEvent {
        let presence = try document.withReadableSpan { (span) throws(OverlayError) in
            try PresenceAdvertisement(parsing: span)
        }
        if presence.status == .offline { roster.remove(presence.peer, from: presence.group) }
        return .presence(presence)
    }
}
