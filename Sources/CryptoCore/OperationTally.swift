internal import Synchronization

/// How much cryptographic work this process has done: what a budget of operations is checked against.
public struct OperationCounts: Equatable, Sendable {
    public var privateOperations: Int
    public var publicOperations: Int
    public var aeadBytes: Int
    public var hashedBytes: Int
    public var passwordHashes: Int

    public static func - (after: OperationCounts, before: OperationCounts) -> OperationCounts {
        OperationCounts(
            privateOperations: after.privateOperations - before.privateOperations,
            publicOperations: after.publicOperations - before.publicOperations,
            aeadBytes: after.aeadBytes - before.aeadBytes,
            hashedBytes: after.hashedBytes - before.hashedBytes,
            passwordHashes: after.passwordHashes - before.passwordHashes)
    }
}

/// The process-wide counters. Relaxed atomics: they are read between pieces of work, never to order them.
public enum OperationTally {
    private static let privateOperations = Atomic<Int>(0)
    private static let publicOperations = Atomic<Int>(0)
    private static let aeadBytes = Atomic<Int>(0)
    private static let hashedBytes = Atomic<Int>(0)
    private static let passwordHashes = Atomic<Int>(0)

    public static var current: OperationCounts {
        OperationCounts(
            privateOperations: privateOperations.load(ordering: .relaxed),
            publicOperations: publicOperations.load(ordering: .relaxed),
            aeadBytes: aeadBytes.load(ordering: .relaxed),
            hashedBytes: hashedBytes.load(ordering: .relaxed),
            passwordHashes: passwordHashes.load(ordering: .relaxed))
    }

    static func countPrivate() { privateOperations.wrappingAdd(1, ordering: .relaxed) }
    static func countPublic() { publicOperations.wrappingAdd(1, ordering: .relaxed) }
    static func countAEAD(_ bytes: Int) { aeadBytes.wrappingAdd(bytes, ordering: .relaxed) }
    static func countHash(_ bytes: Int) { hashedBytes.wrappingAdd(bytes, ordering: .relaxed) }
    static func countPasswordHash() { passwordHashes.wrappingAdd(1, ordering: .relaxed) }
}
