internal import CryptoCore
public import Foundation
internal import Harness

/// SHA-256 of a file's bytes as hexadecimal text: what the harness seals files with.
@Sendable
public func sha256(_ data: Data) throws -> String { try Digest.of(Array(data).span.bytes).hexadecimal }
