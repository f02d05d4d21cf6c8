public import Foundation

/// Why a key file, a credential file or a folder was refused.
public enum FileError: Error, Equatable, Sendable {
    case missing(String)
    /// Others than the owner can read it.
    case tooOpen(String, mode: String)
    case exists(String)
    case invalid(String, reason: String)
    case io(String, reason: String)
}

/// Files that hold private keys: mode 0600, refused otherwise; never overwritten.
public enum SecretFile {
    public static func write(_ bytes: [UInt8], to url: URL) throws(FileError) {
        let descriptor = open(url.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw errno == EEXIST ? .exists(url.path) : .io(url.path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        var offset = 0
        while offset < bytes.count {
            let written = bytes.withUnsafeBytes {
                Foundation.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
            }
            guard written > 0 else { throw .io(url.path, reason: String(cString: strerror(errno))) }
            offset += written
        }
        guard fsync(descriptor) == 0 else { throw .io(url.path, reason: String(cString: strerror(errno))) }
    }

    /// - Throws: `.tooOpen` when group or others have any right to it.
    public static func read(_ url: URL) throws(FileError) -> [UInt8] {
        let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .missing(url.path) : .io(url.path, reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        // The open file is asked, not its path: nothing can be swapped in between.
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .io(url.path, reason: String(cString: strerror(errno))) }
        guard status.st_mode & 0o077 == 0 else {
            throw .tooOpen(url.path, mode: String(status.st_mode & 0o777, radix: 8))
        }
        guard status.st_size <= 64 << 10 else { throw .invalid(url.path, reason: "longer than 64 KiB") }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = Foundation.read(descriptor, &bytes, bytes.count)
        guard count == bytes.count else { throw .io(url.path, reason: "short read") }
        return bytes
    }
}
