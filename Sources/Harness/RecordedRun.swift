public import Foundation

/// A run folder, read back.
public struct RecordedRun: Sendable {
    public let manifest: Manifest
    public let summary: Summary
    public let store: SampleStore
    /// The work of the measured operations, counted; nil in plans that count none.
    public let work: Counts?
    public let folder: RunFolder

    /// - Throws: `.inputMissing` for no run folder, `.badData` for a damaged or edited one or one of another schema,
    ///   `.incomplete` for a run that was interrupted or failed, unless that is allowed.
    public init(_ folder: URL, allowsIncomplete: Bool, _ digesting: Digesting) throws(Failure) {
        self.folder = RunFolder(existing: folder)
        manifest = try Self.read(Manifest.self, folder, "manifest.json")
        try self.folder.checkSeal(manifest, digesting)
        summary = try Self.read(Summary.self, folder, "summary.json")
        let counted = folder.appendingPathComponent(RunFolder.workName)
        work =
            manifest.files[RunFolder.workName] == nil
            ? nil : try Self.read(Counts.self, folder, RunFolder.workName)
        try work?.check(counted.path)
        guard summary.isComplete || allowsIncomplete else {
            throw Failure(
                .incomplete, "\(folder.path) was interrupted or failed: its figures are what there was. Run it again.")
        }
        guard !summary.rows.isEmpty else { throw Failure(.incomplete, "\(folder.path) has no rows") }
        for row in summary.rows where row.medianNanoseconds <= 0 || row.samples <= 0 {
            throw Failure(.badData, "\(folder.path): \(row.id) has no positive median")
        }
        let file = folder.appendingPathComponent("samples.jsonl")
        guard let data = try? Data(contentsOf: file) else {
            throw Failure(.inputMissing, "\(file.path) is missing or unreadable")
        }
        store = try SampleStore(lines: data, from: file.path)
        for row in summary.rows where store.samples(of: row.id).count != row.samples {
            throw Failure(
                .badData,
                "\(folder.path): \(row.id) has \(row.samples) samples in its summary and \(store.samples(of: row.id).count) in its samples"
            )
        }
    }

    private static func read<Value: Versioned>(
        _ type: Value.Type, _ folder: URL, _ name: String
    ) throws(Failure) -> Value {
        let file = folder.appendingPathComponent(name)
        guard FileManager.default.fileExists(atPath: file.path) else {
            throw Failure(.inputMissing, "\(folder.path) is no run folder: it has no \(name)")
        }
        return try StrictJSON.read(type, from: file)
    }
}

extension SampleStore {
    /// Samples as a run folder keeps them, one JSON object a line.
    public init(lines data: Data, from place: String) throws(Failure) {
        self.init()
        let decoder = JSONDecoder()
        for (index, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let sample = try? decoder.decode(Sample.self, from: line), sample.nanoseconds > 0 else {
                throw Failure(.badData, "\(place): line \(index + 1) is no sample")
            }
            add(sample)
        }
    }

    /// A row's samples by block, in order.
    public func blocks(of row: String) -> [[Double]] {
        Dictionary(grouping: samples(of: row), by: \.block).sorted { $0.key < $1.key }
            .map { $0.value.map { Double($0.nanoseconds) } }
    }
}
