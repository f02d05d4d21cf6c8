internal import CGMP
internal import CLibCrypto
internal import CLibXML2
internal import GRDB

/// The libraries that this process really runs with.
enum LibraryVersions {
    static var all: [String: String] {
        [
            "libcrypto": String(cString: OpenSSL_version(OPENSSL_VERSION)),
            "libxml2": LIBXML_DOTTED_VERSION,
            "SQLite": (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") })
                ?? "unknown",
            "GMP": String(cString: gmp_library_version()),
        ]
    }
}
