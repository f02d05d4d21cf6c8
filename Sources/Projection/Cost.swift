internal import Harness

/// The elementary operations that work is made of: what a profile prices.
public enum Cost {
    /// One RSA private operation with CRT, blinding and the check of its result, as our core does it.
    public static func privateOperation(_ suite: String) -> String { "private/\(suite)" }

    /// One RSA public operation: the number of primes does not matter.
    public static func publicOperation(_ suite: String) -> String {
        "public/\(suite.split(separator: "x").first.map(String.init) ?? suite)"
    }

    /// AES-GCM a byte; `rsa1024` has keys of 128 bits, all other suites of 256.
    public static func aead(_ suite: String) -> String { suite == "rsa1024" ? "aes128gcm" : "aes256gcm" }

    /// SHA-256 a byte.
    public static let hash = "sha256"
    /// A byte moved from one place in memory to another.
    public static let copy = "copy"
    /// An instruction of everything that has no price of its own: protocol, XML, the language's runtime, parsing keys.
    public static let instruction = "instruction"
    /// scrypt with N = 16384, r = 8, p = 1.
    public static let passwordHash = "passwordHash"
    /// What the kernel does for one message between two processes: calls, wake-up, TCP.
    public static let kernelMessage = "kernelMessage"
    /// What the kernel does for one byte of it.
    public static let kernelByte = "kernelByte"

    public static let suites = ["rsa1024", "rsa2048", "rsa3072", "rsa4096"]
    public static let multiPrimeSuites = ["rsa2048x3", "rsa3072x3", "rsa4096x4"]

    /// Every operation with the unit of its price.
    public static let all: [(id: String, unit: HardwareProfile.Unit)] =
        (suites + multiPrimeSuites).map { (privateOperation($0), .nanoseconds) }
        + suites.map { (publicOperation($0), .nanoseconds) }
        + ["aes128gcm", "aes256gcm", hash, copy, kernelByte].map { ($0, .nanosecondsPerByte) }
        + [instruction, passwordHash, kernelMessage].map { ($0, .nanoseconds) }

    static func unit(of id: String) -> HardwareProfile.Unit? { all.first { $0.id == id }?.unit }

    /// Prices that err together: one draw moves all of a group, so that errors do not average out.
    static func group(of id: String) -> Int {
        if id.hasPrefix("private/") || id.hasPrefix("public/") { return 0 }
        if id.hasPrefix("aes") || id == hash { return 1 }
        switch id {
        case passwordHash: return 2
        case instruction: return 3
        default: return 4
        }
    }

    static let groups = 5
}
