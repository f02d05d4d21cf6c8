internal import Foundation
internal import GRDB
public import Overlay

/// What only the administrator does to the database.
extension SQLiteDirectory {
    /// Registers an end user.
    /// - Throws: `.conflict` when the name is taken, `.notFound` for a group that does not exist; nothing is kept then.
    public func addUser(_ user: String, password: PasswordHash, groups: [String]) throws(AccountError) {
        try write { database in
            do {
                try database.execute(
                    sql: """
                        INSERT INTO user (name, cost, blockSize, parallelism, salt, hash) VALUES (?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        user, password.cost, password.blockSize, password.parallelism, Data(password.salt),
                        Data(password.value),
                    ])
            } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
                throw AccountError.conflict("user \(user) exists")
            }
            try Self.place(user, in: groups, database)
        }
    }

    /// Replaces a user's memberships.
    public func setGroups(of user: String, to groups: [String]) throws(AccountError) {
        try write { database in
            try Self.require(user, database)
            try database.execute(sql: "DELETE FROM membership WHERE user = ?", arguments: [user])
            try Self.place(user, in: groups, database)
        }
    }

    public func disableUser(_ user: String) throws(AccountError) {
        try write { database in
            try Self.require(user, database)
            try database.execute(sql: "UPDATE user SET isDisabled = 1 WHERE name = ?", arguments: [user])
        }
    }

    /// Adds a group that only the administrator fills.
    public func addGroup(_ name: String) throws(AccountError) {
        let group = try Self.group(named: name, isOpen: false)
        try write { database in try Self.insert(group, creator: nil, database) }
    }

    /// Serial numbers of a holder's credentials that have not expired.
    public func serials(of holder: String, at time: UnixTime) throws(AccountError) -> [[UInt8]] {
        try read { database in
            try Data.fetchAll(
                database, sql: "SELECT serial FROM credential WHERE holder = ? AND notAfter >= ?",
                arguments: [holder, time]
            ).map { Array($0) }
        }
    }

    public func users() throws(AccountError) -> [String] {
        try read { database in try String.fetchAll(database, sql: "SELECT name FROM user ORDER BY name") }
    }

    private static func require(_ user: String, _ database: Database) throws {
        let found = try Bool.fetchOne(
            database, sql: "SELECT EXISTS (SELECT 1 FROM user WHERE name = ?)", arguments: [user])
        guard found == true else { throw AccountError.notFound("user \(user)") }
    }

    private static func place(_ user: String, in groups: [String], _ database: Database) throws {
        for group in groups {
            _ = try Self.group(group, database)
            try database.execute(
                sql: "INSERT OR IGNORE INTO membership (user, groupName) VALUES (?, ?)", arguments: [user, group])
        }
    }
}
