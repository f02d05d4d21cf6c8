public import Foundation
internal import Metrology

/// `Results/runs/<utc>_<machine>_<plan>_<sha8>/`: manifest, raw samples, summary, report and histograms of one run.
public struct RunFolder: Sendable {
    public static let workName = "work.json"
    /// What `juxtapose project --validate` adds.
    public static let validationName = "validation.json"

    public let url: URL

    /// A run that was begun earlier.
    public init(existing url: URL) { self.url = url }

    /// Makes the folder.
    /// - Throws: `.ioError` or `.permission` when it cannot be made.
    public init(under root: URL, plan: String, machine: String, revision: String, at time: Date) throws(Failure) {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        let safe = machine.map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let name = "\(format.string(from: time))_\(String(safe))_\(plan)_\(revision.prefix(8))"
        url = root.appendingPathComponent(name)
        do {
            try FileManager.default.createDirectory(
                at: url.appendingPathComponent("histograms"), withIntermediateDirectories: true)
        } catch {
            throw Failure(.ioError, "cannot make \(url.path): \(error.localizedDescription)")
        }
    }

    /// - Throws: `.inputMissing` where there is no run.
    public func manifest() throws(Failure) -> Manifest {
        try StrictJSON.read(Manifest.self, from: url.appendingPathComponent("manifest.json"))
    }

    public func write(_ manifest: Manifest) throws(Failure) {
        try AtomicFile.write(json: manifest, to: url.appendingPathComponent("manifest.json"))
    }

    public func write(_ summary: Summary) throws(Failure) {
        try AtomicFile.write(json: summary, to: url.appendingPathComponent("summary.json"))
    }

    /// The work of what is measured.
    public func write(work: Counts) throws(Failure) {
        try AtomicFile.write(json: work, to: url.appendingPathComponent(Self.workName))
    }

    public func write(report: String) throws(Failure) {
        try AtomicFile.write(report, to: url.appendingPathComponent("report.md"))
    }

    /// Appends raw samples, one JSON object a line, and brings them to the disk: what a block measured is safe from
    /// then on, whatever happens to the process.
    public func append(_ samples: [SampleStore.Sample]) throws(Failure) { try append(samples, to: "samples.jsonl") }

    /// Appends what the machine was doing.
    public func append(_ state: MachineState) throws(Failure) { try append([state], to: "machine.jsonl") }

    private func append(_ values: [some Encodable], to name: String) throws(Failure) {
        guard !values.isEmpty else { return }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var lines = Data()
        for value in values {
            do { lines.append(try encoder.encode(value)) } catch {
                throw Failure(.internalError, "cannot encode a line of \(name): \(error)")
            }
            lines.append(UInt8(ascii: "\n"))
        }
        try AppendedFile.append(lines, to: url.appendingPathComponent(name))
    }

    /// Looks for secrets of the run in everything that it recorded.
    /// - Throws: `.secretFound`, naming the file; what stands there is not repeated.
    public func refuse(secrets: [String]) throws(Failure) {
        guard let files = FileManager.default.enumerator(at: url, includingPropertiesForKeys: nil) else {
            throw Failure(.ioError, "\(url.path) cannot be read back")
        }
        for case let file as URL in files {
            guard let data = try? Data(contentsOf: file) else { continue }
            for secret in secrets + ["PRIVATE KEY-----"] where data.range(of: Data(secret.utf8)) != nil {
                throw Failure(.secretFound, "\(file.path) holds a secret of the run. Delete it, and report this.")
            }
        }
    }

    /// The histogram of each row.
    public func writeHistograms(of store: SampleStore) throws(Failure) {
        for id in store.ids {
            let name = id.replacingOccurrences(of: "/", with: "_") + ".csv"
            let histogram = LatencyHistogram(store.samples(of: id).map(\.nanoseconds))
            try AtomicFile.write(
                histogram.table, to: url.appendingPathComponent("histograms").appendingPathComponent(name))
        }
    }
}
