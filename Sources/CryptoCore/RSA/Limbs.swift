internal import CGMP

/// A natural number as GMP limbs, least significant first, on the heap and wiped when released.
final class Limbs: @unchecked Sendable {
    // Sendable: written during initialisation only, except as scratch space with a single holder.
    typealias Limb = gmp_limb

    let words: UnsafeMutablePointer<Limb>
    let count: Int
    static var bytesPerLimb: Int { MemoryLayout<Limb>.size }

    static func needed(forBytes bytes: Int) -> Int { max(1, (bytes + bytesPerLimb - 1) / bytesPerLimb) }

    /// `count` zero limbs.
    init(count: Int) {
        self.count = count
        words = .allocate(capacity: max(1, count))
        words.initialize(repeating: 0, count: max(1, count))
    }

    /// A big-endian number in `count` limbs; in as few as its length needs when `count` is nil.
    convenience init(bigEndian bytes: UnsafeRawBufferPointer, count: Int? = nil) {
        self.init(count: count ?? Limbs.needed(forBytes: bytes.count))
        load(bigEndian: bytes)
    }

    deinit {
        wipe(UnsafeMutableRawBufferPointer(start: words, count: max(1, count) * Limbs.bytesPerLimb))
        words.deallocate()
    }

    /// Overwrites the number. The work depends on the lengths only.
    func load(bigEndian bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count <= count * Limbs.bytesPerLimb)
        for index in 0..<count { words[index] = 0 }
        for position in 0..<bytes.count {
            let byte = bytes[bytes.count - 1 - position]
            words[position / Limbs.bytesPerLimb] |= Limb(byte) << Limb(8 * (position % Limbs.bytesPerLimb))
        }
    }

    /// Writes the low `target.count` bytes, big-endian.
    static func store(_ words: UnsafePointer<Limb>, bigEndian target: UnsafeMutableRawBufferPointer) {
        for position in 0..<target.count {
            let limb = words[position / bytesPerLimb] >> Limb(8 * (position % bytesPerLimb))
            target[target.count - 1 - position] = UInt8(truncatingIfNeeded: limb)
        }
    }

    /// Bits up to the highest set one. For public numbers and for the sizes of secret ones.
    var bitCount: Int {
        for index in stride(from: count - 1, through: 0, by: -1) where words[index] != 0 {
            return index * Limb.bitWidth + (Limb.bitWidth - words[index].leadingZeroBitCount)
        }
        return 0
    }

    /// Limbs without leading zero ones: GMP's division wants the top limb set.
    var significantCount: Int {
        var significant = count
        while significant > 0, words[significant - 1] == 0 { significant -= 1 }
        return significant
    }

    var isOdd: Bool { words[0] & 1 == 1 }

    func trimmed() -> Limbs {
        let copy = Limbs(count: max(1, significantCount))
        copy.words.update(from: words, count: copy.count)
        return copy
    }

    /// The number in `count` limbs, or nil where it does not fit; which limbs are zero is not told otherwise.
    func resized(to count: Int) -> Limbs? {
        let copy = Limbs(count: count)
        copy.words.update(from: words, count: min(count, self.count))
        return Limbs.equal(copy, self) ? copy : nil
    }

    /// The product, in as many limbs as both factors together.
    static func product(_ a: Limbs, _ b: Limbs) -> Limbs {
        let (long, short) = a.count >= b.count ? (a, b) : (b, a)
        let result = Limbs(count: long.count + short.count)
        let scratch = Limbs(count: gmp_sec_mul_itch(long.count, short.count))
        gmp_sec_mul(result.words, long.words, long.count, short.words, short.count, scratch.words)
        return result
    }

    /// Whether both hold the same number, whatever their sizes; time depends on the sizes only.
    static func equal(_ a: Limbs, _ b: Limbs) -> Bool {
        var difference: Limb = 0
        for index in 0..<max(a.count, b.count) {
            difference |= (index < a.count ? a.words[index] : 0) ^ (index < b.count ? b.words[index] : 0)
        }
        return Secret.declassified(difference) == 0
    }
}
