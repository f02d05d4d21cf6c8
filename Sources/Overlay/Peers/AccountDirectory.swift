public import CryptoCore

/// The central database of section 2.1: users, passwords and group membership. Only brokers and the administrator
/// open it.
public protocol AccountDirectory: Sendable {
    /// What a login's password is checked against: the user's hash, or the dummy, read in the same way. Nothing else is
    /// looked up before the password was right, so that the time of a refusal does not tell who is a user.
    func password(
        of user: String, orElse dummy: PasswordHash
    ) throws(AccountError) -> (hash: PasswordHash, isKnown: Bool)
    /// Nil for an unknown user.
    func account(of user: String) throws(AccountError) -> Account?
    /// Records a credential before it is handed out: one commit.
    func record(_ issued: IssuedCredential) throws(AccountError)
    func groups() throws(AccountError) -> [GroupRecord]
    /// - Throws: `.conflict` when the name is taken.
    func createGroup(named name: String, by user: String) throws(AccountError) -> GroupRecord
    /// - Throws: `.notFound`, and `.conflict` for a group that only the administrator fills.
    func join(_ user: String, group name: String) throws(AccountError) -> GroupRecord
    func leave(_ user: String, group name: String) throws(AccountError) -> GroupRecord
}

public struct Account: Equatable, Sendable {
    public var user: String
    public var password: PasswordHash
    public var isDisabled: Bool
    public var groups: [GroupRecord]

    public init(user: String, password: PasswordHash, isDisabled: Bool, groups: [GroupRecord]) {
        self.user = user
        self.password = password
        self.isDisabled = isDisabled
        self.groups = groups
    }
}

public struct GroupRecord: Hashable, Sendable {
    public var id: JXTAID
    public var name: String
    /// Whether users may join by themselves; the administrator's groups are closed.
    public var isOpen: Bool

    public init(id: JXTAID, name: String, isOpen: Bool) {
        self.id = id
        self.name = name
        self.isOpen = isOpen
    }

    public var advertisement: PeerGroupAdvertisement { PeerGroupAdvertisement(id: id, name: name) }
}

public struct IssuedCredential: Sendable {
    public var serial: [UInt8]
    public var holder: String
    public var role: CredentialRole
    public var validity: ClosedRange<UnixTime>

    public init(_ certificate: Certificate) {
        serial = certificate.serial
        holder = certificate.commonName
        role = certificate.extensions.role
        validity = certificate.validity
    }
}
