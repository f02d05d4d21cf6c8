internal import Foundation

/// Which cores this process may use.
enum Placement {
    private typealias SetAffinity = @convention(c) (pid_t, Int, UnsafeRawPointer) -> Int32

    /// glibc declares the call for C programs that define _GNU_SOURCE only, so it is looked up by name.
    private static let setAffinity = dlsym(nil, "sched_setaffinity").map { unsafeBitCast($0, to: SetAffinity.self) }

    /// Pins every thread of the process. A process may be moved again between blocks.
    static func pin(to cores: [Int]) throws {
        guard let setAffinity else { throw CocoaError(.featureUnsupported) }
        var mask: UInt64 = 0
        for core in cores { mask |= 1 << UInt64(core) }
        let threads = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { pid_t($0) }
        for thread in threads {
            // A thread may have ended since the listing.
            guard setAffinity(thread, 8, &mask) == 0 || errno == ESRCH else { throw CocoaError(.featureUnsupported) }
        }
    }

    static var coreCount: Int { ProcessInfo.processInfo.activeProcessorCount }
}
