internal import CryptoCore
internal import Foundation
internal import GRDB
public import Overlay

/// The central database on SQLite: write-ahead log, full synchronisation, one writer.
public final class SQLiteDirectory: AccountDirectory {
    private let pool: DatabasePool

    /// Opens a database, or makes one.
    /// - Throws: `.missing` unless it is there or `creating`; `.newerSchema`, `.locked`, `.storage`.
    public init(path: String, creating: Bool = false) throws(AccountError) {
        guard creating || FileManager.default.fileExists(atPath: path) else { throw .missing(path) }
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase { database in
            // An acknowledged credential must survive a power cut.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            try database.execute(sql: "PRAGMA foreign_keys = ON")
        }
        do {
            pool = try DatabasePool(path: path, configuration: configuration)
            let migrator = Schema.migrator
            let (applied, isNewer) = try pool.read { database in
                (try migrator.appliedIdentifiers(database).count, try migrator.hasBeenSuperseded(database))
            }
            guard !isNewer else { throw AccountError.newerSchema(found: applied, known: migrator.migrations.count) }
            try migrator.migrate(pool)
        } catch {
            throw Self.reason(error)
        }
    }

    // MARK: AccountDirectory

    // What every login asks is compiled once per connection.

    public func password(
        of user: String, orElse dummy: PasswordHash
    ) throws(AccountError) -> (hash: PasswordHash, isKnown: Bool) {
        try read { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT 1 AS isKnown, cost, blockSize, parallelism, salt, hash FROM user WHERE name = ?
                    UNION ALL SELECT 0, ?, ?, ?, ?, ? LIMIT 1
                    """)
            let row = try Row.fetchOne(
                statement,
                arguments: [
                    user, dummy.cost, dummy.blockSize, dummy.parallelism, Data(dummy.salt), Data(dummy.value),
                ])
            guard let row else { throw AccountError.storage("a query without a row") }
            return (Self.password(row), row["isKnown"])
        }
    }

    private static func password(_ row: Row) -> PasswordHash {
        PasswordHash(
            cost: row["cost"], blockSize: row["blockSize"], parallelism: row["parallelism"],
            salt: Array(row["salt"] as Data), value: Array(row["hash"] as Data))
    }

    public func account(of user: String) throws(AccountError) -> Account? {
        try read { database in
            let users = try database.cachedStatement(sql: "SELECT * FROM user WHERE name = ?")
            guard let row = try Row.fetchOne(users, arguments: [user]) else { return nil }
            let memberships = try database.cachedStatement(
                sql: """
                    SELECT peerGroup.* FROM peerGroup JOIN membership ON membership.groupName = peerGroup.name
                    WHERE membership.user = ? ORDER BY peerGroup.name
                    """)
            let groups = try GroupRow.fetchAll(memberships, arguments: [user])
            return Account(
                user: row["name"],
                password: Self.password(row),
                isDisabled: row["isDisabled"], groups: try groups.map { try $0.record() })
        }
    }

    public func record(_ issued: IssuedCredential) throws(AccountError) {
        try write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT INTO credential (serial, holder, role, notBefore, notAfter) VALUES (?, ?, ?, ?, ?)")
            try statement.execute(
                arguments: [
                    Data(issued.serial), issued.holder, issued.role.rawValue, issued.validity.lowerBound,
                    issued.validity.upperBound,
                ])
        }
    }

    public func groups() throws(AccountError) -> [GroupRecord] {
        try read { database in
            try GroupRow.fetchAll(database, sql: "SELECT * FROM peerGroup ORDER BY name").map { try $0.record() }
        }
    }

    public func createGroup(named name: String, by user: String) throws(AccountError) -> GroupRecord {
        let group = try Self.group(named: name, isOpen: true)
        try write { database in
            try Self.insert(group, creator: user, database)
            try database.execute(
                sql: "INSERT INTO membership (user, groupName) VALUES (?, ?)", arguments: [user, name])
        }
        return group
    }

    public func join(_ user: String, group name: String) throws(AccountError) -> GroupRecord {
        try write { database in
            let group = try Self.group(name, database)
            guard group.isOpen else { throw AccountError.conflict("only the administrator fills group \(name)") }
            try database.execute(
                sql: "INSERT OR IGNORE INTO membership (user, groupName) VALUES (?, ?)", arguments: [user, name])
            return group
        }
    }

    public func leave(_ user: String, group name: String) throws(AccountError) -> GroupRecord {
        try write { database in
            let group = try Self.group(name, database)
            try database.execute(
                sql: "DELETE FROM membership WHERE user = ? AND groupName = ?", arguments: [user, name])
            return group
        }
    }

    // MARK: Shared with the administrator's side

    func read<R>(_ body: (Database) throws -> R) throws(AccountError) -> R {
        do { return try pool.read(body) } catch { throw Self.reason(error) }
    }

    @discardableResult
    func write<R>(_ body: (Database) throws -> R) throws(AccountError) -> R {
        do { return try pool.write(body) } catch { throw Self.reason(error) }
    }

    static func group(named name: String, isOpen: Bool) throws(AccountError) -> GroupRecord {
        do throws(OverlayError) {
            return GroupRecord(id: try JXTAID.group(name: name), name: name, isOpen: isOpen)
        } catch {
            throw .storage("\(error)")
        }
    }

    static func insert(_ group: GroupRecord, creator: String?, _ database: Database) throws {
        do {
            try database.execute(
                sql: "INSERT INTO peerGroup (name, id, isOpen, creator) VALUES (?, ?, ?, ?)",
                arguments: [group.name, group.id.text, group.isOpen, creator])
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw AccountError.conflict("group \(group.name) exists")
        }
    }

    static func group(_ name: String, _ database: Database) throws -> GroupRecord {
        let row = try GroupRow.fetchOne(database, sql: "SELECT * FROM peerGroup WHERE name = ?", arguments: [name])
        guard let row else { throw AccountError.notFound("group \(name)") }
        return try row.record()
    }

    private static func reason(_ error: any Error) -> AccountError {
        switch error {
        case let known as AccountError: known
        case let error as DatabaseError where [.SQLITE_BUSY, .SQLITE_LOCKED].contains(error.resultCode): .locked
        case let error as DatabaseError: .storage(error.message ?? "SQLite error \(error.resultCode.rawValue)")
        default: .storage("\(error)")
        }
    }
}

private struct GroupRow: FetchableRecord, Decodable {
    let name: String
    let id: String
    let isOpen: Bool

    func record() throws -> GroupRecord { GroupRecord(id: try JXTAID(id), name: name, isOpen: isOpen) }
}
