public import Foundation

/// Writes whole files or nothing: a temporary file beside the target, synchronised, renamed, its folder synchronised.
public enum AtomicFile {
    public static func write(_ data: Data, to target: URL) throws(Failure) {
        let temporary = target.deletingLastPathComponent()
            .appendingPathComponent(".\(target.lastPathComponent).\(getpid()).tmp")
        do {
            let descriptor = open(temporary.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw reason("create", temporary) }
            defer { close(descriptor) }
            try writeAll(data, to: descriptor, temporary)
            guard rename(temporary.path, target.path) == 0 else { throw reason("rename", temporary) }
        } catch {
            unlink(temporary.path)
            throw (error as? Failure) ?? Failure(.ioError, "\(error)")
        }
        let folder = open(target.deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    public static func write(_ text: String, to target: URL) throws(Failure) {
        try write(Data(text.utf8), to: target)
    }

    public static func write(json value: some Encodable, to target: URL) throws(Failure) {
        try write(encode(value), to: target)
    }

    /// Pretty JSON with sorted keys and a line's end: the same value, the same bytes.
    public static func encode(_ value: some Encodable) throws(Failure) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        do { return try encoder.encode(value) + Data("\n".utf8) } catch {
            throw Failure(.internalError, "cannot encode \(type(of: value)): \(error)")
        }
    }

    /// Writes and synchronises.
    fileprivate static func writeAll(_ data: Data, to descriptor: Int32, _ file: URL) throws(Failure) {
        var offset = 0
        while offset < data.count {
            let written = data.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + offset, data.count - offset)
            }
            guard written > 0 else { throw reason("write", file) }
            offset += written
        }
        guard fsync(descriptor) == 0 else { throw reason("synchronise", file) }
    }

    fileprivate static func reason(_ what: String, _ file: URL) -> Failure {
        Failure(
            .ioError, "cannot \(what) \(file.path): \(String(cString: strerror(errno))). Existing files are intact.")
    }
}

/// A file that only ever grows by whole lines.
enum AppendedFile {
    /// - Throws: `.ioError`; a part of the last line that a full disk left behind is cut off again.
    static func append(_ lines: Data, to file: URL) throws(Failure) {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw AtomicFile.reason("open", file) }
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        do { try AtomicFile.writeAll(lines, to: descriptor, file) } catch {
            ftruncate(descriptor, length)
            throw error
        }
    }
}
