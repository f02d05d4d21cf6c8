internal import Synchronization

/// A stretch of work that a measurement may time, by name: `sign`, `aead`, `xml`. Phases are leaves and never nest.
///
///     let phase = Phase.begin()
///     defer { phase.end("sign") }
///
/// Nothing here reads a clock. Without an observer, and there is none outside a measurement's second pass, a phase costs
/// some thirty instructions.
package struct Phase {
    package struct Observer {
        package var began: () -> Void
        package var ended: (_ name: StaticString, _ bytes: Int) -> Void

        package init(began: @escaping () -> Void, ended: @escaping (StaticString, Int) -> Void) {
            self.began = began
            self.ended = ended
        }
    }

    private static let isObserved = Atomic<Bool>(false)
    // Unsafe global. PhaseBreakdown guarantees it: it alone calls observe(with:), before and after each operation, in the
    // run's own process, where no other thread does cryptography while its pass lasts.
    private nonisolated(unsafe) static var observer: Observer?

    /// For whoever measures, while nothing else runs.
    package static func observe(with observer: Observer?) {
        self.observer = observer
        isObserved.store(observer != nil, ordering: .relaxed)
    }

    @inline(__always)
    package static func begin() -> Phase {
        if isObserved.load(ordering: .relaxed) { observer?.began() }
        return Phase()
    }

    /// - Parameter bytes: how much the work was about; 0 where that says nothing.
    @inline(__always)
    package func end(_ name: StaticString, bytes: Int = 0) {
        if Self.isObserved.load(ordering: .relaxed) { Self.observer?.ended(name, bytes) }
    }
}
