/// Masks for code that must not branch on a secret: all ones for true, zero for false.
struct Mask: Sendable {
    let bits: UInt

    private init(bits: UInt) { self.bits = bits }

    static let yes = Mask(bits: ~0)
    static let no = Mask(bits: 0)

    /// Whether `value` is zero: only zero has both its own and its complement-minus-one's top bit set this way.
    static func isZero(_ value: UInt) -> Mask {
        let top = (~value & (value &- 1)) >> UInt(UInt.bitWidth - 1)
        return Mask(bits: 0 &- top)
    }

    static func equal(_ a: UInt, _ b: UInt) -> Mask { isZero(a ^ b) }
    static func & (a: Mask, b: Mask) -> Mask { Mask(bits: a.bits & b.bits) }
    static func | (a: Mask, b: Mask) -> Mask { Mask(bits: a.bits | b.bits) }
    static prefix func ! (a: Mask) -> Mask { Mask(bits: ~a.bits) }

    func select(_ ifYes: UInt8, _ ifNo: UInt8) -> UInt8 {
        let mask = UInt8(truncatingIfNeeded: bits)
        return (ifYes & mask) | (ifNo & ~mask)
    }

    func select(_ ifYes: UInt, _ ifNo: UInt) -> UInt { (ifYes & bits) | (ifNo & ~bits) }
}
