internal import Overlay

/// Two users in one group, without a database: what counts must not drift with.
struct FixedDirectory: AccountDirectory {
    let password: PasswordHash
    let group: GroupRecord

    func password(
        of user: String, orElse dummy: PasswordHash
    ) throws(AccountError) -> (hash: PasswordHash, isKnown: Bool) {
        let isKnown = CountedNetwork.users.contains(user)
        return (isKnown ? password : dummy, isKnown)
    }

    func account(of user: String) throws(AccountError) -> Account? {
        guard CountedNetwork.users.contains(user) else { return nil }
        return Account(user: user, password: password, isDisabled: false, groups: [group])
    }

    func record(_ issued: IssuedCredential) throws(AccountError) {}

    func groups() throws(AccountError) -> [GroupRecord] { [group] }

    func createGroup(named name: String, by user: String) throws(AccountError) -> GroupRecord {
        throw .storage("the counted network has one group")
    }

    func join(_ user: String, group name: String) throws(AccountError) -> GroupRecord { group }

    func leave(_ user: String, group name: String) throws(AccountError) -> GroupRecord { group }
}
