public import Foundation

/// Digests a file's bytes, as hexadecimal text. Passed in: the harness knows no cryptography.
public typealias Digesting = @Sendable (Data) throws -> String

func hexadecimal(_ data: Data, _ digesting: Digesting) throws(Failure) -> String {
    do { return try digesting(data) } catch { throw Failure(.internalError, "no digest: \(error)") }
}

extension RunFolder {
    /// The manifest has a digest of its own; the journal goes when the run is complete.
    private static let unsealed: Set<String> = ["manifest.json", "journal.json"]

    /// Writes the manifest again, with the digest of every file of the run and its own: an edit shows.
    public func seal(_ manifest: Manifest, _ digesting: Digesting) throws(Failure) {
        var sealed = manifest
        sealed.files = [:]
        for name in try names() { sealed.files[name] = try hexadecimal(try contents(name), digesting) }
        sealed.sha256 = ""
        sealed.sha256 = try hexadecimal(AtomicFile.encode(sealed), digesting)
        try write(sealed)
    }

    /// - Throws: `.badData` for a run that was changed after it ended, naming the file; `.incomplete` for one that never
    ///   ended.
    func checkSeal(_ manifest: Manifest, _ digesting: Digesting) throws(Failure) {
        guard !manifest.sha256.isEmpty else {
            throw Failure(.incomplete, "\(url.path) was killed before it ended: go on with `juxtapose run --resume`.")
        }
        var open = manifest
        open.sha256 = ""
        guard try hexadecimal(AtomicFile.encode(open), digesting) == manifest.sha256 else {
            throw edited("manifest.json")
        }
        let found = try names()
        for name in Set(found).symmetricDifference(manifest.files.keys).sorted() { throw edited(name) }
        for name in found where try hexadecimal(try contents(name), digesting) != manifest.files[name] {
            throw edited(name)
        }
    }

    private func edited(_ name: String) -> Failure {
        Failure(.badData, "\(url.path) was changed after the run: the digest of \(name) does not fit. Measure again.")
    }

    /// Paths within the folder, sorted. Hidden files are none of ours.
    private func names() throws(Failure) -> [String] {
        guard let found = FileManager.default.enumerator(atPath: url.path) else {
            throw Failure(.ioError, "\(url.path) cannot be read back")
        }
        return found.compactMap { $0 as? String }.filter { name in
            var isFolder: ObjCBool = false
            let path = url.appendingPathComponent(name).path
            return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
                && !Self.unsealed.contains(name) && !name.hasPrefix(".")
        }.sorted()
    }

    private func contents(_ name: String) throws(Failure) -> Data {
        let file = url.appendingPathComponent(name)
        guard let data = try? Data(contentsOf: file) else { throw Failure(.ioError, "\(file.path) cannot be read") }
        return data
    }
}
