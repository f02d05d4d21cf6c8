import Accounts
import CryptoCore
import Dispatch
import NIOCore
import NIOPosix
import Overlay
import Testing
import Transport

@Suite("A database that takes its time")
struct SlowDatabaseTests {
    private let network = RealNetwork()

    @Test("only who needs it waits; the others are answered meanwhile")
    func others() async throws {
        let (begun, feed) = AsyncStream.makeStream(of: Void.self)
        let disk = DispatchSemaphore(value: 0)
        let accounts = { SlowDirectory($0, begun: { feed.yield() }, disk: disk) }
        try await network.withBroker(accounts: accounts) { address, trust, cryptography in
            let threads = MultiThreadedEventLoopGroup(numberOfThreads: 2)
            let ada = try await network.join("ada", address, trust, cryptography, on: threads.next())
            let bob = try await network.join("bob", address, trust, cryptography, on: threads.next())
            async let made = ada.perform(CreateGroup("poetry"))
            var iterator = begun.makeAsyncIterator()
            await iterator.next()
            let seen = try? await bob.perform(ListGroups()).map(\.name)
            disk.signal()
            #expect(seen == ["chat"])
            #expect(try await made.name == "poetry")
            await ada.stop()
            await bob.stop()
            try await threads.shutdownGracefully()
        }
    }
}

/// A real database whose disk answers a new group when it is told to.
private struct SlowDirectory: AccountDirectory {
    private let base: SQLiteDirectory
    private let begun: @Sendable () -> Void
    private let disk: DispatchSemaphore

    init(_ base: SQLiteDirectory, begun: @escaping @Sendable () -> Void, disk: DispatchSemaphore) {
        self.base = base
        self.begun = begun
        self.disk = disk
    }

    func createGroup(named name: String, by user: String) throws(AccountError) -> GroupRecord {
        begun()
        disk.wait()
        return try base.createGroup(named: name, by: user)
    }

    func password(
        of user: String, orElse dummy: PasswordHash
    ) throws(AccountError) -> (hash: PasswordHash, isKnown: Bool) { try base.password(of: user, orElse: dummy) }
    func account(of user: String) throws(AccountError) -> Account? { try base.account(of: user) }
    func record(_ issued: IssuedCredential) throws(AccountError) { try base.record(issued) }
    func groups() throws(AccountError) -> [GroupRecord] { try base.groups() }
    func join(_ user: String, group: String) throws(AccountError) -> GroupRecord { try base.join(user, group: group) }
    func leave(_ user: String, group: String) throws(AccountError) -> GroupRecord { try base.leave(user, group: group) }
}
