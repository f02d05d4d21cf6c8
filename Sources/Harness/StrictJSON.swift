public import Foundation

/// A file that names its schema and its version.
public protocol Versioned: Codable {
    static var schemaName: String { get }
    var schema: String { get }
}

/// Reads the files that decide about a gate: what a lenient decoder would pass over is refused here.
public enum StrictJSON {
    /// Longer files are none of ours.
    private static let longest = 16 << 20

    /// - Throws: `.inputMissing` for no file, `.badData` for anything but one complete document of this type: a
    ///   truncated or repeated part, a key that the type does not know, a number that is none.
    public static func read<Value: Codable>(_ type: Value.Type, from file: URL) throws(Failure) -> Value {
        guard let data = try? Data(contentsOf: file) else {
            throw Failure(.inputMissing, "\(file.path) is missing or unreadable")
        }
        return try decode(type, data, from: file.path)
    }

    /// The same for a file with a version, which is asked first: a newer file may hold keys that we do not know.
    public static func read<Value: Versioned>(_ type: Value.Type, from file: URL) throws(Failure) -> Value {
        guard let data = try? Data(contentsOf: file) else {
            throw Failure(.inputMissing, "\(file.path) is missing or unreadable")
        }
        if let found = try? JSONDecoder().decode(Version.self, from: data).schema, found != Value.schemaName {
            throw Failure(
                .badData,
                "\(file.path) is \(found), this program reads \(Value.schemaName). Use the juxtapose that made it.")
        }
        return try decode(type, data, from: file.path)
    }

    private struct Version: Decodable { var schema: String }

    public static func decode<Value: Codable>(
        _ type: Value.Type, _ data: Data, from place: String
    ) throws(Failure) -> Value {
        guard data.count <= longest else { throw Failure(.badData, "\(place) is longer than \(longest >> 20) MiB") }
        var scanner = KeyScanner(data)
        if let repeated = scanner.firstRepeatedKey() {
            throw Failure(.badData, "\(place): the key \"\(repeated)\" stands twice")
        }
        let value: Value
        do { value = try JSONDecoder().decode(type, from: data) } catch {
            throw Failure(.badData, "\(place) is damaged or no such file: \(reason(error))")
        }
        guard let known = try? JSONSerialization.jsonObject(with: AtomicFile.encode(value)),
            let found = try? JSONSerialization.jsonObject(with: data)
        else { throw Failure(.badData, "\(place) is no JSON document") }
        if let unknown = unknownKey(in: found, against: known, at: "") {
            throw Failure(.badData, "\(place): unknown key \"\(unknown)\"")
        }
        return value
    }

    /// What writing the value again does not give back was not understood.
    private static func unknownKey(in found: Any, against known: Any, at path: String) -> String? {
        if let found = found as? [String: Any], let known = known as? [String: Any] {
            for (key, value) in found.sorted(by: { $0.key < $1.key }) {
                guard let counterpart = known[key] else { return path + key }
                if let inner = unknownKey(in: value, against: counterpart, at: path + key + ".") { return inner }
            }
        } else if let found = found as? [Any], let known = known as? [Any] {
            for (index, (value, counterpart)) in zip(found, known).enumerated() {
                if let inner = unknownKey(in: value, against: counterpart, at: path + "\(index).") { return inner }
            }
        }
        return nil
    }

    private static func reason(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        return switch error as? DecodingError {
        case .keyNotFound(let key, _): "\"\(key.stringValue)\" is missing"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            "\"\(path(context))\" has the wrong type"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty: "\"\(path(context))\" is invalid"
        default: "not one complete JSON document"
        }
    }
}

/// Walks a JSON text and finds a key that an object has twice. Says nothing about text that is no JSON: the decoder
/// does.
private struct KeyScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ data: Data) { bytes = Array(data) }

    mutating func firstRepeatedKey() -> String? {
        // One set per open object, nil per open array.
        var open: [Set<String>?] = []
        var mayBeKey = false
        while index < bytes.count {
            let byte = bytes[index]
            index += 1
            switch byte {
            case UInt8(ascii: "{"):
                open.append([])
                mayBeKey = true
            case UInt8(ascii: "["):
                open.append(nil)
                mayBeKey = false
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                _ = open.popLast()
                mayBeKey = false
            case UInt8(ascii: ","): mayBeKey = open.last.map { $0 != nil } ?? false
            case UInt8(ascii: "\""):
                let text = string()
                guard mayBeKey, let last = open.indices.last, var keys = open[last] else { continue }
                if !keys.insert(text).inserted { return text }
                open[last] = keys
                mayBeKey = false
            default: break
            }
        }
        return nil
    }

    /// The rest of a string, escapes resolved: two spellings of one key are the same key.
    private mutating func string() -> String {
        let start = index - 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") { index += bytes[index] == 0x5c ? 2 : 1 }
        index = min(index + 1, bytes.count)
        let literal = Data(bytes[start..<index])
        return (try? JSONDecoder().decode(String.self, from: literal)) ?? String(decoding: literal, as: UTF8.self)
    }
}
