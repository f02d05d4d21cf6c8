internal import CryptoCore
internal import Dispatch
internal import Synchronization

/// Work for another core; whoever needs it does it where no other thread has begun by then.
final class SideWork<Value: Sendable>: Sendable {
    private let hasBegun = Atomic<Bool>(false)
    private let ended = DispatchSemaphore(value: 0)
    private let outcome = Mutex<Result<Value, CryptoError>?>(nil)
    private let work: @Sendable () throws(CryptoError) -> Value

    init(_ work: @escaping @Sendable () throws(CryptoError) -> Value) { self.work = work }

    /// Lets another thread begin.
    func offer() { DispatchQueue.global(qos: .userInitiated).async { self.ensureBegun() } }

    func ensureBegun() {
        guard begin() else { return }
        let made: Result<Value, CryptoError>
        do throws(CryptoError) { made = .success(try work()) } catch { made = .failure(error) }
        outcome.withLock { $0 = made }
        ended.signal()
    }

    func value() throws(CryptoError) -> Value {
        ensureBegun()
        waitForEnd()
        guard let outcome = outcome.withLock({ $0 }) else { preconditionFailure("ended without an outcome") }
        return try outcome.get()
    }

    /// Returns when no thread touches the work's memory any more, or will.
    func abandon() {
        if begin() { ended.signal() } else { waitForEnd() }
    }

    private func begin() -> Bool { !hasBegun.exchange(true, ordering: .acquiringAndReleasing) }

    /// As often as somebody asks.
    private func waitForEnd() {
        ended.wait()
        ended.signal()
    }
}

/// `transform` of every element, on all cores where there may be more threads than one; the order stays.
/// - Throws: the error of the first element that failed.
func mapped<Element: Sendable, Value: Sendable>(
    _ elements: [Element], on threads: Int,
    _ transform: @Sendable (Element) throws(OverlayError) -> Value
) throws(OverlayError) -> [Value] {
    guard threads > 1, elements.count > 1 else { return try elements.map(transform) }
    let outcomes = Mutex([Result<Value, OverlayError>?](repeating: nil, count: elements.count))
    DispatchQueue.concurrentPerform(iterations: elements.count) { index in
        let outcome: Result<Value, OverlayError>
        do throws(OverlayError) { outcome = .success(try transform(elements[index])) } catch {
            outcome = .failure(error)
        }
        outcomes.withLock { $0[index] = outcome }
    }
    return try outcomes.withLock { $0 }.map { (outcome) throws(OverlayError) in
        guard let outcome else { preconditionFailure("an element was left out") }
        return try outcome.get()
    }
}
