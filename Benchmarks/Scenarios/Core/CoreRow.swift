internal import CryptoCore

/// `core/<operation>/<suite>/<implementation>[-<mask>][/<bytes>]`, taken apart.
struct CoreRow: Hashable {
    enum Operation: String, CaseIterable {
        case `private`, `public`, sign, verify, wrap, unwrap, batch8, message
        /// The same with a second core for hashing, as the overlay seals and opens large payloads.
        case messageOnTwoCores = "message-2cores"
    }

    var operation: Operation
    var suite: Suite
    /// An engine of ours, `auto` for the engines that calibration takes in this process (messages only), or a reference:
    /// `libcrypto` (bare EVP calls), `swiftcrypto` where it was built in, `cms`, `curve25519`.
    var implementation: String
    var mask: InstructionMask = .native
    var bytes: Int?

    var id: String {
        let masked = mask == .native ? implementation : "\(implementation)-\(mask.rawValue)"
        return "core/\(operation.rawValue)/\(suite.name)/\(masked)" + (bytes.map { "/\($0)" } ?? "")
    }

    init(
        _ operation: Operation, _ suite: Suite, _ implementation: String, _ mask: InstructionMask = .native,
        bytes: Int? = nil
    ) {
        self.operation = operation
        self.suite = suite
        self.implementation = implementation
        self.mask = mask
        self.bytes = bytes
    }

    /// - Parameter id: as ``id`` gives it.
    init?(id: String) {
        let parts = id.split(separator: "/").map(String.init)
        guard parts.count >= 4, let operation = Operation(rawValue: parts[1]), let suite = Suite(name: parts[2]) else {
            return nil
        }
        let names = parts[3].split(separator: "-").map(String.init)
        let mask = names.count > 1 ? InstructionMask(rawValue: names[1]) : .native
        guard let mask else { return nil }
        self.init(operation, suite, names[0], mask, bytes: parts.count > 4 ? Int(parts[4]) : nil)
    }
}
