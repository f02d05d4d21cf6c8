internal import Foundation

/// How far a run got, beside its samples: what `--resume` continues from. Gone once the run is complete.
public struct RunJournal: Versioned, Sendable {
    public static let schemaName = "juxtapose.journal/1"
    private static let name = "journal.json"

    public var schema = RunJournal.schemaName
    /// What was asked for, in one line: only the same request may go on.
    public var request: String
    /// Titles of the experiments that are done.
    public var completed: [String]
    /// Samples that belong to those: later ones are of an experiment that was cut short.
    public var samples: Int
    /// What has been found so far; rows are made at the end.
    public var summary: Summary
    public var cpuRows: [String]
    public var unpairedRows: [String]

    public init(
        request: String, completed: [String], samples: Int, summary: Summary, cpuRows: [String], unpairedRows: [String]
    ) {
        self.request = request
        self.completed = completed
        self.samples = samples
        self.summary = summary
        self.cpuRows = cpuRows
        self.unpairedRows = unpairedRows
    }

    public func write(in folder: RunFolder) throws(Failure) {
        try AtomicFile.write(json: self, to: folder.url.appendingPathComponent(Self.name))
    }

    public static func remove(from folder: RunFolder) {
        unlink(folder.url.appendingPathComponent(name).path)
    }

    /// Reads a journal and cuts the samples back to what it vouches for.
    /// - Throws: `.inputMissing` for a run that has none, `.notComparable` for another request.
    public static func resume(_ folder: RunFolder, request: String) throws(Failure) -> (RunJournal, SampleStore) {
        let file = folder.url.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(
                .inputMissing,
                "\(folder.url.path) cannot be resumed: it is complete, or no experiment of it was. Run again without --resume."
            )
        }
        let journal = try StrictJSON.read(RunJournal.self, from: file)
        guard journal.request == request else {
            throw Failure(
                .notComparable,
                "that run was asked for something else: \(journal.request); now: \(request). Give the same options.")
        }
        let samples = folder.url.appendingPathComponent("samples.jsonl")
        let data = (try? Data(contentsOf: samples)) ?? Data()
        var lines = data.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
        guard lines.count >= journal.samples else {
            throw Failure(.badData, "\(samples.path) has \(lines.count) samples, the journal \(journal.samples)")
        }
        lines.removeLast(lines.count - journal.samples)
        let kept = Data(lines.joined(separator: Data("\n".utf8)) + (lines.isEmpty ? Data() : Data("\n".utf8)))
        try AtomicFile.write(kept, to: samples)
        var store = try SampleStore(lines: kept, from: samples.path)
        store.markSaved()
        return (journal, store)
    }
}
