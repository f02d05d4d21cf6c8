internal import CLibCrypto

/// A bounded stack of reusable workspaces: contexts and scratch space that are dear to make and cheap to keep.
///
/// A caller that finds the stack empty makes a workspace of its own, so nobody waits for another's operation.
final class Pool<Workspace: AnyObject>: @unchecked Sendable {
    // Sendable: `idle` is touched only under `lock`, and a workspace taken out has one holder.
    private let lock: OpaquePointer
    private var idle: [Workspace] = []
    /// Kept workspaces: as many as threads could plausibly use at once.
    private let bound = 16

    init() {
        guard let lock = CRYPTO_THREAD_lock_new() else { preconditionFailure("out of memory") }
        self.lock = OpaquePointer(lock)
    }

    deinit { CRYPTO_THREAD_lock_free(UnsafeMutableRawPointer(lock)) }

    func use<R>(
        making make: () throws(CryptoError) -> Workspace, _ body: (Workspace) throws(CryptoError) -> R
    ) throws(CryptoError) -> R {
        let workspace: Workspace
        if let kept = take() { workspace = kept } else { workspace = try make() }
        let result = try body(workspace)
        // Reached on success only: a workspace that failed half-way is dropped with whatever state it is in.
        give(workspace)
        return result
    }

    private func take() -> Workspace? {
        CRYPTO_THREAD_write_lock(UnsafeMutableRawPointer(lock))
        defer { CRYPTO_THREAD_unlock(UnsafeMutableRawPointer(lock)) }
        return idle.popLast()
    }

    private func give(_ workspace: Workspace) {
        CRYPTO_THREAD_write_lock(UnsafeMutableRawPointer(lock))
        defer { CRYPTO_THREAD_unlock(UnsafeMutableRawPointer(lock)) }
        if idle.count < bound { idle.append(workspace) }
    }
}
