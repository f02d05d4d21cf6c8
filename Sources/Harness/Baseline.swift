public import Foundation

/// Counts that a gate compares with, schema `juxtapose.baseline/1`: who counted, where, and a digest that shows edits.
public struct Baseline: Versioned, Equatable, Sendable {
    public static let schemaName = "juxtapose.baseline/1"

    public var schema = Baseline.schemaName
    public var name: String
    public var savedUTC: String
    @OrNull public var gitRevision: String?
    public var counts: Counts
    /// SHA-256 of this file as it reads with this field empty.
    public var sha256 = ""

    public init(name: String, savedUTC: String, gitRevision: String?, counts: Counts) {
        self.name = name
        self.savedUTC = savedUTC
        self.gitRevision = gitRevision
        self.counts = counts
    }

    /// `<architecture>-<instruction set>-<digest of the key>`: one folder for each key, readable and unambiguous.
    public static func folderName(_ key: CountKey, _ digesting: Digesting) throws(Failure) -> String {
        let digest = try hexadecimal(AtomicFile.encode(key), digesting)
        return "\(key.architecture)-\(key.instructionSet.prefix { $0 != "+" })-\(digest.prefix(8))"
    }

    public func write(to file: URL, _ digesting: Digesting) throws(Failure) {
        var sealed = self
        sealed.sha256 = ""
        sealed.sha256 = try hexadecimal(AtomicFile.encode(sealed), digesting)
        try AtomicFile.write(json: sealed, to: file)
    }

    /// - Throws: `.inputMissing`; `.badData` for a damaged, edited or newer file, and for counts that none can be.
    public static func read(_ file: URL, _ digesting: Digesting) throws(Failure) -> Baseline {
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(
                .inputMissing, "there is no baseline at \(file.path). Make one with `juxtapose baseline save`.")
        }
        let baseline = try StrictJSON.read(Baseline.self, from: file)
        var open = baseline
        open.sha256 = ""
        guard try hexadecimal(AtomicFile.encode(open), digesting) == baseline.sha256 else {
            throw Failure(.badData, "\(file.path) was changed after it was saved: its digest does not fit")
        }
        try baseline.counts.check(file.path)
        return baseline
    }
}

extension Counts {
    /// Refuses what no count can be: none at all, a row twice, a negative number, no instructions where some were
    /// counted.
    /// - Parameter place: named in the refusal.
    public func check(_ place: String) throws(Failure) {
        guard schema == Counts.schemaName else { throw Failure(.badData, "\(place): counts are \(schema)") }
        guard !rows.isEmpty else { throw Failure(.incomplete, "\(place) has no rows: nothing to compare") }
        var seen: Set<String> = []
        for row in rows {
            guard seen.insert(row.id).inserted else { throw Failure(.badData, "\(place): row \(row.id) stands twice") }
            for figure in CountRow.figures where figure.value(row).map({ $0 < 0 }) ?? false {
                throw Failure(.badData, "\(place): \(row.id) has negative \(figure.name)")
            }
            guard row.instructions != 0, (row.instructions == nil) == (key.valgrind == nil) else {
                throw Failure(.badData, "\(place): \(row.id) has no instructions")
            }
        }
    }
}
