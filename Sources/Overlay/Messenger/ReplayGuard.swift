internal import NIOCore

/// Remembers delivered sealed messages for ten minutes, by wrapped key and tag, recorded after verification.
///
/// Neither can be changed without breaking the envelope, so a copy of a message has the same mark.
struct ReplayGuard: Sendable {
    /// PROTOCOL, refused in every profile, 11.
    static let windowSeconds: UnixTime = 600
    /// 32 bytes each: 8 MiB at most. Beyond it the oldest are forgotten, and only senders with valid credentials
    /// can push them out.
    static let capacity = 1 << 18

    struct Mark: Hashable, Sendable {
        private let words: (UInt64, UInt64, UInt64, UInt64)

        /// From the first 16 bytes of the wrapped key, at offset 3 of the envelope, and the last 16, the tag.
        init?(envelope: ByteBuffer) {
            let start = envelope.readerIndex
            let end = envelope.writerIndex
            guard envelope.readableBytes >= 3 + 16 + 16,
                let a = envelope.getInteger(at: start + 3, as: UInt64.self),
                let b = envelope.getInteger(at: start + 11, as: UInt64.self),
                let c = envelope.getInteger(at: end - 16, as: UInt64.self),
                let d = envelope.getInteger(at: end - 8, as: UInt64.self)
            else { return nil }
            words = (a, b, c, d)
        }

        static func == (a: Mark, b: Mark) -> Bool { a.words == b.words }

        func hash(into hasher: inout Hasher) {
            hasher.combine(words.0)
            hasher.combine(words.2)
        }
    }

    private var delivered: [Mark: UnixTime] = [:]
    private var order: [(mark: Mark, time: UnixTime)] = []
    private var oldest = 0

    func hasSeen(_ mark: Mark, at time: UnixTime) -> Bool {
        guard let when = delivered[mark] else { return false }
        return time - when < Self.windowSeconds
    }

    mutating func record(_ mark: Mark, at time: UnixTime) {
        delivered[mark] = time
        order.append((mark, time))
        while oldest < order.count, delivered.count > Self.capacity || time - order[oldest].time >= Self.windowSeconds {
            let expired = order[oldest]
            if delivered[expired.mark] == expired.time { delivered[expired.mark] = nil }
            oldest += 1
        }
        // Compacted only when half of it is dead: constant work per message on average.
        if oldest > 1024, oldest * 2 > order.count {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
