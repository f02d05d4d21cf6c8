public import Foundation

/// Published test vectors, read from outside the project: `JUXTAPOSE_TEST_DATA`, or `../shared` beside the checkout,
/// or what `tools/setup --vectors` fetched.
public enum TestData {
    public static let root: URL? = {
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        var candidates = [
            package.appendingPathComponent("../shared"), package.appendingPathComponent(".build/vectors"),
        ]
        if let named = ProcessInfo.processInfo.environment["JUXTAPOSE_TEST_DATA"] {
            candidates = [URL(fileURLWithPath: named)]
        }
        return candidates.first { FileManager.default.fileExists(atPath: $0.appendingPathComponent("vectors").path) }?
            .standardizedFileURL
    }()

    /// What a skipped test says.
    public static let absence = "test vectors are absent: set JUXTAPOSE_TEST_DATA or run tools/setup --vectors"

    /// Whether a folder or file of the test data is there.
    public static func has(_ path: String) -> Bool {
        root.map { FileManager.default.fileExists(atPath: $0.appendingPathComponent(path).path) } ?? false
    }

    public static func url(_ path: String) throws -> URL {
        guard let root else { throw CocoaError(.fileNoSuchFile) }
        return root.appendingPathComponent(path)
    }

    public static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: url(path))) }

    public static func text(_ path: String) throws -> String { String(decoding: try bytes(path), as: UTF8.self) }

    /// The files of a folder with this ending, sorted by name.
    public static func files(_ folder: String, ending: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: url(folder).path).filter { $0.hasSuffix(ending) }.sorted()
            .map { folder + "/" + $0 }
    }

    public static func json(_ path: String) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url(path)))
        return object as? [String: Any] ?? [:]
    }
}

/// Bytes of hexadecimal text; white space is skipped.
public func bytes(hex text: some StringProtocol) -> [UInt8] {
    var digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }.map(UInt8.init)
    if digits.count % 2 == 1 { digits.insert(0, at: 0) }
    return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}
