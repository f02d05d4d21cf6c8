#if MEMCHECK
    internal import CMemcheck
#endif

/// What memcheck is told in a build with `-D MEMCHECK`: which numbers are secrets, and where a value that depends on one
/// may be looked at after all. In every other build nothing of this exists.
enum Secret {
    @inline(__always)
    static func mark(_ number: Limbs) {
        #if MEMCHECK
            memcheck_mark_secret(number.words, number.count * Limbs.bytesPerLimb)
        #endif
    }

    @inline(__always)
    static func declassify(_ number: Limbs) {
        #if MEMCHECK
            memcheck_declassify(number.words, number.count * Limbs.bytesPerLimb)
        #endif
    }

    /// A verdict that the caller is told anyway.
    @inline(__always)
    static func declassified<Verdict: BitwiseCopyable>(_ verdict: Verdict) -> Verdict {
        #if MEMCHECK
            var copy = verdict
            withUnsafeMutableBytes(of: &copy) { memcheck_declassify($0.baseAddress, $0.count) }
            return copy
        #else
            return verdict
        #endif
    }
}
