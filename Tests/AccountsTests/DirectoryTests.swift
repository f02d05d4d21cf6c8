import Accounts
import CryptoCore
import Foundation
import Overlay
import TestSupport
import Testing

@Suite("The central database on real SQLite")
struct DirectoryTests {
    private let hash = try! PasswordHash.make(Password("pw"), cost: 16)

    @Test("users, groups and memberships come back; changes are whole")
    func life() throws {
        try withTemporaryFolder { folder in
            let directory = try SQLiteDirectory(path: folder.appendingPathComponent("a.sqlite").path, creating: true)
            try directory.addGroup("chat")
            try directory.addUser("ada", password: hash, groups: ["chat"])
            let account = try #require(try directory.account(of: "ada"))
            #expect(account.password == hash && account.groups.map(\.name) == ["chat"] && !account.isDisabled)
            #expect(try account.password.matches(Password("pw")))
            #expect(try !account.password.matches(Password("pW")))
            #expect(try directory.account(of: "eve") == nil)
            try directory.disableUser("ada")
            #expect(try directory.account(of: "ada")?.isDisabled == true)
            #expect(throws: AccountError.conflict("user ada exists")) {
                try directory.addUser("ada", password: hash, groups: [])
            }
            #expect(throws: AccountError.notFound("group nowhere")) {
                try directory.addUser("bob", password: hash, groups: ["chat", "nowhere"])
            }
            #expect(try directory.users() == ["ada"], "a refused user is not half added")
            #expect(throws: AccountError.notFound("user bob")) { try directory.setGroups(of: "bob", to: []) }
            try directory.setGroups(of: "ada", to: [])
            #expect(try directory.account(of: "ada")?.groups.isEmpty == true)
        }
    }

    @Test("a missing, a foreign and a newer database are refused, each with its reason")
    func refusals() throws {
        try withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.sqlite").path
            #expect(throws: AccountError.missing(path)) { try SQLiteDirectory(path: path) }
            try Data("not a database, and longer than a header of sixteen bytes".utf8).write(
                to: URL(fileURLWithPath: path))
            #expect(throws: AccountError.self) { try SQLiteDirectory(path: path) }
            let newer = folder.appendingPathComponent("b.sqlite").path
            _ = try SQLiteDirectory(path: newer, creating: true)
            let changed = try run(
                "python3",
                [
                    "-c",
                    "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); c.execute(\"insert into grdb_migrations values ('9 later')\"); c.commit()",
                    newer,
                ])
            #expect(changed.status == 0, "\(changed.output)")
            #expect(throws: AccountError.newerSchema(found: 2, known: 1)) { try SQLiteDirectory(path: newer) }
        }
    }

    @Test("a database locked by another process is refused after five seconds, and nothing is lost")
    func locked() throws {
        try withTemporaryFolder { folder in
            let path = folder.appendingPathComponent("a.sqlite").path
            let directory = try SQLiteDirectory(path: path, creating: true)
            try directory.addGroup("chat")
            let holder = Process()
            holder.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            holder.arguments = [
                "python3", "-c",
                "import sqlite3,sys,time; c=sqlite3.connect(sys.argv[1], isolation_level=None); c.execute('begin immediate'); print('held', flush=True); time.sleep(60)",
                path,
            ]
            let output = Pipe()
            holder.standardOutput = output
            try holder.run()
            _ = output.fileHandleForReading.availableData
            #expect(throws: AccountError.locked) { try directory.addGroup("late") }
            kill(holder.processIdentifier, SIGKILL)
            holder.waitUntilExit()
            #expect(try directory.groups().map(\.name) == ["chat"])
        }
    }

    @Test("key files that others can read are refused, and none is overwritten")
    func keyFiles() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("k")
            try SecretFile.write([1, 2, 3], to: file)
            #expect(try SecretFile.read(file) == [1, 2, 3])
            #expect(throws: FileError.exists(file.path)) { try SecretFile.write([4], to: file) }
            try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
            #expect(throws: FileError.tooOpen(file.path, mode: "640")) { try SecretFile.read(file) }
            #expect(throws: FileError.missing(file.path + "x")) {
                try SecretFile.read(URL(fileURLWithPath: file.path + "x"))
            }
        }
    }
}
