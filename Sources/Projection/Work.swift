public import Harness

/// How much of each elementary operation something takes, counted.
public struct Work: Equatable, Sendable {
    /// By ``Cost``'s ids.
    public var amounts: [String: Double]
    /// Messages that follow each other on the way, and bytes on the wire.
    public var messages: Double
    public var wireBytes: Double
    /// Round trips of the link: half a one each message, and TCP's own.
    public var roundTrips: Double

    /// Work between two of the same kind: everything in it grows in a straight line with the payload.
    static func between(_ low: Work, _ high: Work, _ share: Double) -> Work {
        var work = low
        func mix(_ a: Double, _ b: Double) -> Double { a + (b - a) * share }
        for (id, amount) in high.amounts { work.amounts[id] = mix(low.amounts[id] ?? 0, amount) }
        work.messages = mix(low.messages, high.messages)
        work.wireBytes = mix(low.wireBytes, high.wireBytes)
        work.roundTrips = mix(low.roundTrips, high.roundTrips)
        return work
    }

    /// What `other` has more than `base`, added to this.
    func adding(_ other: Work, less base: Work) -> Work {
        var work = self
        for id in Set(other.amounts.keys).union(base.amounts.keys) {
            work.amounts[id, default: 0] += (other.amounts[id] ?? 0) - (base.amounts[id] ?? 0)
        }
        work.messages += other.messages - base.messages
        work.wireBytes += other.wireBytes - base.wireBytes
        work.roundTrips += other.roundTrips - base.roundTrips
        return work
    }
}

/// The counted work of joins and messages of one suite.
public struct WorkTable: Sendable {
    public let suite: String
    private let rows: [String: Work]
    /// Payloads that messages were counted at, ascending.
    public let countedBytes: [Int]

    /// TCP's handshake before a join's first message: SYN, SYN-ACK, and the ACK travels with the welcome.
    private static let handshakeRoundTrips = 1.0

    /// - Throws: `.incomplete` for counts without instructions, or without the rows of joins and messages.
    public init(_ counts: Counts, from place: String) throws(Failure) {
        suite = counts.suite
        let library = try LibraryInstructions(counts, from: place)
        var rows: [String: Work] = [:]
        for row in counts.rows where !row.id.hasPrefix("core/") {
            rows[row.id] = Self.work(row, counts.suite, instructions: library.unpriced(row))
        }
        self.rows = rows
        countedBytes = rows.keys.compactMap { id in
            id.hasPrefix("message/paper/\(counts.suite)/") ? Int(id.split(separator: "/").last ?? "") : nil
        }.sorted()
        for needed in ["join/plain/\(suite)", "join/paper/\(suite)"] where rows[needed] == nil {
            throw Failure(.incomplete, "\(place) has no counted work of \(needed)")
        }
        guard countedBytes.count > 1, countedBytes.allSatisfy({ rows["message/plain/\(counts.suite)/\($0)"] != nil })
        else {
            throw Failure(.incomplete, "\(place) has counted messages of fewer than two sizes")
        }
    }

    private static func work(_ row: CountRow, _ suite: String, instructions: Double) -> Work {
        let isJoin = row.id.hasPrefix("join/")
        let messages = isJoin ? 2 * Double(row.roundTrips) : 1
        return Work(
            amounts: [
                Cost.privateOperation(suite): Double(row.privateOperations),
                Cost.publicOperation(suite): Double(row.publicOperations),
                Cost.aead(suite): Double(row.aeadBytes), Cost.hash: Double(row.hashedBytes),
                Cost.passwordHash: Double(row.passwordHashes), Cost.instruction: instructions,
                Cost.copy: Double(row.payloadBytesCopied), Cost.kernelMessage: messages,
                Cost.kernelByte: Double(row.wireBytes),
            ], messages: messages, wireBytes: Double(row.wireBytes),
            roundTrips: messages / 2 + (isJoin ? handshakeRoundTrips : 0))
    }

    public func join(_ arm: String) -> Work { rows["join/\(arm)/\(suite)"] ?? Work.nothing }

    /// - Parameter bytes: between counted payloads the work is interpolated, beyond them extended in a straight line.
    public func message(_ arm: String, bytes: Int) -> Work {
        if arm == "paper-uncached" { return uncached(bytes) }
        let above = countedBytes.dropFirst().first { $0 >= bytes } ?? countedBytes[countedBytes.count - 1]
        let below = countedBytes[(countedBytes.firstIndex(of: above) ?? 1) - 1]
        let share = Double(bytes - below) / Double(above - below)
        return .between(counted(arm, below), counted(arm, above), share)
    }

    /// What verifying both advertisements adds does not depend on the payload: it is counted at one.
    private func uncached(_ bytes: Int) -> Work {
        let base = message("paper", bytes: bytes)
        let marked = rows.keys.first { $0.hasPrefix("message/paper-uncached/\(suite)/") }
        guard let marked, let other = rows[marked], let size = Int(marked.split(separator: "/").last ?? "") else {
            return base
        }
        return base.adding(other, less: message("paper", bytes: size))
    }

    private func counted(_ arm: String, _ bytes: Int) -> Work {
        rows["message/\(arm)/\(suite)/\(bytes)"] ?? Work.nothing
    }
}

extension Work {
    static let nothing = Work(amounts: [:], messages: 0, wireBytes: 0, roundTrips: 0)
}

/// How many instructions the crypto libraries spend on what is priced by the operation: what they do beyond, parsing keys
/// above all, is priced by the instruction like everything else.
struct LibraryInstructions {
    private let privateOperation: Double
    private let publicOperation: Double
    /// Of AES-GCM and SHA-256 together, a byte through either.
    private let symmetricByte: Double
    private let passwordHash: Double

    /// - Throws: `.incomplete` for counts without instructions or without the rows that tell.
    init(_ counts: Counts, from place: String) throws(Failure) {
        let suite = counts.suite
        func row(_ id: String) throws(Failure) -> CountRow {
            guard let row = counts.rows.first(where: { $0.id == id }) else {
                throw Failure(.incomplete, "\(place) has no counted work of \(id)")
            }
            return row
        }
        func spent(_ id: String) throws(Failure) -> Double {
            guard let instructions = try row(id).cryptoInstructions else {
                throw Failure(
                    .incomplete,
                    "\(place) counted no instructions (\(counts.notCounted ?? "unknown")). Install what counts them with `tools/setup --counts`, then measure again."
                )
            }
            return Double(instructions)
        }
        privateOperation = try spent("core/private/\(suite)/openSSL")
        publicOperation = try spent("core/public/\(suite)/openSSL")
        let ids = ["message/paper/\(suite)/1024", "message/paper/\(suite)/65536"]
        let (less, more) = (try row(ids[0]), try row(ids[1]))
        let bytes = more.aeadBytes + more.hashedBytes - less.aeadBytes - less.hashedBytes
        symmetricByte = (try spent(ids[1]) - spent(ids[0])) / Double(max(1, bytes))
        let join = try row("join/plain/\(suite)")
        passwordHash =
            (try spent(join.id) - symmetricByte * Double(join.hashedBytes)) / Double(max(1, join.passwordHashes))
    }

    /// Instructions of a row that no price of an operation or a byte covers.
    func unpriced(_ row: CountRow) -> Double {
        let priced =
            privateOperation * Double(row.privateOperations) + publicOperation * Double(row.publicOperations)
            + symmetricByte * Double(row.aeadBytes + row.hashedBytes) + passwordHash * Double(row.passwordHashes)
        let inLibraries = Double(row.cryptoInstructions ?? 0)
        return Double(row.instructions ?? 0) - inLibraries + max(0, inLibraries - priced)
    }
}
