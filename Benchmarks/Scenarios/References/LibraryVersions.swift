internal import CLibCrypto
internal import CLibXML2
internal import Foundation
internal import GRDB

/// The libraries that this process really runs with.
enum LibraryVersions {
    static var all: [String: String] {
        [
            "libcrypto": String(cString: OpenSSL_version(OPENSSL_VERSION)),
            "libxml2": LIBXML_DOTTED_VERSION,
            "SQLite": (try? DatabaseQueue().read { try String.fetchOne($0, sql: "SELECT sqlite_version()") })
                ?? "unknown",
            "GMP": mapped("libgmp") ?? "unknown",
        ]
    }

    /// The file that a shared library was loaded from: GMP's version stands in its name.
    private static func mapped(_ name: String) -> String? {
        let maps = (try? String(contentsOfFile: "/proc/self/maps", encoding: .utf8)) ?? ""
        guard let line = maps.split(separator: "\n").first(where: { $0.contains(name) }),
            let path = line.split(separator: " ").last
        else { return nil }
        return URL(fileURLWithPath: String(path)).resolvingSymlinksInPath().lastPathComponent
    }
}
