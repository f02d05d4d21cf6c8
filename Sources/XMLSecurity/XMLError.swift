public import CryptoCore

/// Why a document was refused.
public enum XMLError: Error, Equatable, Sendable {
    case tooLong(limit: Int, actual: Int)
    case tooDeep(limit: Int)
    case tooManyAttributes(limit: Int)
    /// Anything beyond JXTA's bare `<!DOCTYPE name>`.
    case documentTypeRefused
    /// Not well-formed; `code` is libxml2's `xmlParserErrors`.
    case notWellFormed(code: Int32, line: Int32)
    case canonicalisationFailed
    /// The signature's structure is not the one that the profile allows; the word says where it differs.
    case signatureStructure(StaticReason)
    /// The content does not have the digest that was signed.
    case digestMismatch
    case missingElement(String)
    case crypto(CryptoError)
}
