internal import Foundation
internal import Harness

/// What counts depend on beside the source: read from the machine, never assumed.
enum CountEnvironment {
    static var key: CountKey {
        CountKey(
            architecture: architecture, instructionSet: instructionSet, compiler: compiler, libraries: libraries,
            valgrind: nil)
    }

    private static var architecture: String {
        #if arch(x86_64)
            "x86_64"
        #elseif arch(arm64)
            "aarch64"
        #else
            "other"
        #endif
    }

    /// Named by the widest vectors that valgrind 3.19 passes through: it has no AVX-512.
    private static var instructionSet: String {
        let flags = Set((Machine().cpuInfo("flags") ?? Machine().cpuInfo("Features") ?? "").split(separator: " "))
        for name in ["avx2", "avx", "ssse3", "sse2", "asimd"] where flags.contains(Substring(name)) {
            let extras = ["aes", "pclmulqdq", "bmi2", "adx", "sha_ni"].filter { flags.contains(Substring($0)) }
            return ([name] + extras).joined(separator: "+")
        }
        return "none"
    }

    /// With the release's own number: two patch releases generate different code.
    private static var compiler: String {
        guard let result = try? Tool.run(["swift", "--version"]), result.status == 0,
            let version = result.output.split(separator: "\n").first(where: { $0.contains("Swift version") })
        else { return Machine.compiler }
        return version + Machine.optimisation
    }

    /// Build ids of what this process has mapped, for the libraries that counted work runs in.
    private static var libraries: [String: String] {
        let maps = Machine().text("/proc/self/maps") ?? ""
        let wanted = ["libcrypto", "libgmp", "libxml2", "libc.so", "libswiftCore", "libFoundationEssentials"]
        var found: [String: String] = [:]
        for line in maps.split(separator: "\n") {
            guard let start = line.firstIndex(of: "/") else { continue }
            let path = String(line[start...])
            let name = (path as NSString).lastPathComponent
            guard found[name] == nil, wanted.contains(where: name.hasPrefix) else { continue }
            found[name] = buildID(path) ?? "unknown"
        }
        return found
    }

    /// The GNU build id (ELF note type 3): 20 bytes behind the note's name "GNU".
    private static func buildID(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path), let head = try? file.read(upToCount: 16 << 10) else {
            return nil
        }
        let mark = Data([20, 0, 0, 0, 3, 0, 0, 0] + Array("GNU\0".utf8))
        guard let place = head.range(of: mark), place.upperBound + 20 <= head.count else { return nil }
        return head[place.upperBound..<(place.upperBound + 20)].hexadecimal
    }
}
