internal import Glibc

/// The clocks that measurements read. All in nanoseconds; monotonic ones have no common epoch with the calendar.
public enum Clock {
    /// CLOCK_MONOTONIC: one time line for every process of a host.
    @inline(__always)
    public static func wall() -> UInt64 { read(CLOCK_MONOTONIC) }

    /// CPU time of the calling thread.
    @inline(__always)
    public static func threadCPU() -> UInt64 { read(CLOCK_THREAD_CPUTIME_ID) }

    /// CPU time of a process of this machine, all its threads: clock_getcpuclockid(3) as Linux numbers it.
    public static func processCPU(of process: Int32) -> UInt64 { read(clockid_t((~process << 3) | 2)) }

    /// Keeps the calling thread's core busy for so long.
    public static func spend(nanoseconds: UInt64) {
        let end = wall() &+ nanoseconds
        while wall() < end {}
    }

    /// Seconds since 1970.
    public static func unix() -> Int64 { Int64(read(CLOCK_REALTIME) / 1_000_000_000) }

    @inline(__always)
    private static func read(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }
}
