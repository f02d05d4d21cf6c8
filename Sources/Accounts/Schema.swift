internal import GRDB

/// The tables of the central database, by migration. A database with migrations unknown here is refused.
enum Schema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 users, groups, credentials") { database in
            try database.create(table: "user") { table in
                table.primaryKey("name", .text)
                table.column("cost", .integer).notNull()
                table.column("blockSize", .integer).notNull()
                table.column("parallelism", .integer).notNull()
                table.column("salt", .blob).notNull()
                table.column("hash", .blob).notNull()
                table.column("isDisabled", .boolean).notNull().defaults(to: false)
            }
            // "group" is a word of SQL.
            try database.create(table: "peerGroup") { table in
                table.primaryKey("name", .text)
                table.column("id", .text).notNull().unique()
                table.column("isOpen", .boolean).notNull()
                table.column("creator", .text)
            }
            try database.create(table: "membership") { table in
                table.column("user", .text).notNull().references("user", column: "name", onDelete: .cascade)
                table.column("groupName", .text).notNull().references("peerGroup", column: "name", onDelete: .cascade)
                table.primaryKey(["user", "groupName"])
            }
            try database.create(table: "credential") { table in
                table.primaryKey("serial", .blob)
                table.column("holder", .text).notNull().indexed()
                table.column("role", .text).notNull()
                table.column("notBefore", .integer).notNull()
                table.column("notAfter", .integer).notNull()
            }
        }
        return migrator
    }
}
