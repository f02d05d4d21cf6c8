internal import CryptoCore
internal import Dispatch

/// A password on its way: in wiped memory, never printed, never compared directly.
public final class Password: Sendable {
    let bytes: SecretBytes

    /// Longer ones are refused: they would only slow the hash.
    public static let longest = 1024

    public init(_ text: String) throws(OverlayError) {
        let utf8 = Array(text.utf8)
        guard utf8.count <= Self.longest else {
            throw .tooLarge(what: "password", limit: Self.longest, actual: utf8.count)
        }
        bytes = SecretBytes(copying: utf8.span.bytes)
    }

    package init(copying span: RawSpan) { bytes = SecretBytes(copying: span) }
}

/// How the central database keeps a password: scrypt (RFC 7914), with its parameters beside it.
public struct PasswordHash: Equatable, Sendable {
    public var cost: Int
    public var blockSize: Int
    public var parallelism: Int
    public var salt: [UInt8]
    public var value: [UInt8]

    /// N=16384, r=8, p=1: about 16 MiB and 40 ms on a server of 2024.
    public static let standardCost = 16384

    public init(cost: Int, blockSize: Int, parallelism: Int, salt: [UInt8], value: [UInt8]) {
        self.cost = cost
        self.blockSize = blockSize
        self.parallelism = parallelism
        self.salt = salt
        self.value = value
    }

    public static func make(_ password: Password, cost: Int = standardCost) throws(OverlayError) -> PasswordHash {
        let salt = try crypto { () throws(CryptoError) in try randomBytes(16) }
        var hash = PasswordHash(cost: cost, blockSize: 8, parallelism: 1, salt: salt, value: [])
        hash.value = try hash.derive(password)
        return hash
    }

    /// What unknown users are checked against, so that they cost the same hash.
    public static func dummy(cost: Int = standardCost) -> PasswordHash {
        PasswordHash(
            cost: cost, blockSize: 8, parallelism: 1, salt: [UInt8](repeating: 0, count: 16),
            value: [UInt8](repeating: 0, count: 32))
    }

    public func matches(_ password: Password) throws(OverlayError) -> Bool {
        let derived = try derive(password)
        return constantTimeEqual(derived.span.bytes, value.span.bytes)
    }

    private func derive(_ password: Password) throws(OverlayError) -> [UInt8] {
        guard cost > 1, blockSize > 0, parallelism > 0 else { throw .account(.storage("password parameters")) }
        return try crypto { () throws(CryptoError) in
            try password.bytes.withBytes { (bytes) throws(CryptoError) in
                try KeyDerivation.scrypt(
                    password: bytes, salt: salt.span.bytes, cost: UInt64(cost), blockSize: UInt64(blockSize),
                    parallelism: UInt64(parallelism), count: 32)
            }
        }
    }
}

/// The seam around the password hash, the H of every join: whoever implements it may time it.
public protocol PasswordChecking: Sendable {
    func check(_ password: Password, against hash: PasswordHash) throws(OverlayError) -> PasswordVerdict
}

public struct PasswordVerdict: Sendable {
    public var matches: Bool
    /// What the hash took, where the implementation has a clock.
    public var nanoseconds: UInt64?

    public init(matches: Bool, nanoseconds: UInt64? = nil) {
        self.matches = matches
        self.nanoseconds = nanoseconds
    }
}

/// The hash without a clock.
public struct PasswordCheck: PasswordChecking {
    public init() {}

    public func check(_ password: Password, against hash: PasswordHash) throws(OverlayError) -> PasswordVerdict {
        PasswordVerdict(matches: try hash.matches(password))
    }
}

/// No more hashes at once than cores: each takes 16 MiB besides.
public struct BoundedPasswordCheck: PasswordChecking {
    private let base: any PasswordChecking
    private let free: DispatchSemaphore

    public init(_ base: any PasswordChecking, atOnce limit: Int) {
        self.base = base
        free = DispatchSemaphore(value: limit)
    }

    public func check(_ password: Password, against hash: PasswordHash) throws(OverlayError) -> PasswordVerdict {
        free.wait()
        defer { free.signal() }
        return try base.check(password, against: hash)
    }
}
