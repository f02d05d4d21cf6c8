/// The stretch of code that a counting tool looks at: one C symbol, so that no compiler names it otherwise.
enum CountedRegion {
    static let symbol = "juxtapose_counted_region"
    // Unsafe globals, since a C function has nowhere else to find its work. CountWorker guarantees them: it alone calls
    // run() and burn(), from its synchronous main thread, and its network is in memory and starts no other.
    nonisolated(unsafe) fileprivate static var work: (() throws -> Void)?
    // Guaranteed as `work` is: CountWorker's one thread.
    nonisolated(unsafe) fileprivate static var failure: (any Error)?

    static func run(_ work: @escaping () throws -> Void) throws {
        Self.work = work
        failure = nil
        let entry: @convention(c) () -> Void = countedRegion
        entry()
        Self.work = nil
        if let failure { throw failure }
    }

    // Where the result goes, so that no compiler drops the work. Guaranteed as `work` is: CountWorker's one thread.
    nonisolated(unsafe) private static var ashes = 0

    /// Executes at least so many instructions, for nothing.
    @inline(never)
    static func burn(_ instructions: Int) {
        var value = ashes
        for step in 0..<instructions { value = value &* 3 ^ step }
        ashes = value
    }
}

@_cdecl("juxtapose_counted_region")
@inline(never)
func countedRegion() {
    do { try CountedRegion.work?() } catch { CountedRegion.failure = error }
}
