internal import Foundation

/// Where, with what and how a run was made, schema `juxtapose.manifest/1`. Null means "could not be told".
public struct Manifest: Versioned, Sendable {
    public static let schemaName = "juxtapose.manifest/1"

    public var schema = Manifest.schemaName
    public var startedUTC: String
    public var commandLine: [String]
    public var plan: String
    public var seed: UInt64
    public var suite: String
    public var engines: [String: String]
    public var link: String
    public var placement: String
    @OrNull public var gitRevision: String?
    @OrNull public var gitIsDirty: Bool?
    public var binarySHA256: String
    public var compiler: String
    public var libraries: [String: String]
    public var kernel: String
    @OrNull public var cpuModel: String?
    @OrNull public var cpuFlags: String?
    @OrNull public var cpuMask: String?
    /// Whether RSA may have run on AVX-512 IFMA: no other machine can be told from such a run.
    public var usesIFMA: Bool
    public var cores: Int
    @OrNull public var governor: String?
    @OrNull public var clockSource: String?
    @OrNull public var loadAverage: String?
    @OrNull public var stealTicks: Int?
    /// SHA-256 of the run's other files, by path within the folder; empty until the run has ended.
    public var files: [String: String] = [:]
    /// SHA-256 of this file as it reads with this field empty; empty until the run has ended.
    public var sha256 = ""

    public init(
        plan: String, seed: UInt64, suite: String, engines: [String: String], usesIFMA: Bool, link: String,
        placement: String, libraries: [String: String], binarySHA256: String
    ) {
        let machine = Machine()
        startedUTC = ISO8601DateFormatter().string(from: Date())
        commandLine = CommandLine.arguments
        self.plan = plan
        self.seed = seed
        self.suite = suite
        self.engines = engines
        self.usesIFMA = usesIFMA
        self.link = link
        self.placement = placement
        gitRevision = machine.git(["rev-parse", "HEAD"])
        gitIsDirty = machine.git(["status", "--porcelain"]).map { !$0.isEmpty }
        self.binarySHA256 = binarySHA256
        compiler = Machine.compiler
        self.libraries = libraries
        kernel = machine.text("/proc/sys/kernel/osrelease") ?? "unknown"
        cpuModel = machine.cpuInfo("model name")
        cpuFlags = machine.cpuInfo("flags")
        cpuMask = ProcessInfo.processInfo.environment["OPENSSL_ia32cap"]
        cores = ProcessInfo.processInfo.activeProcessorCount
        governor = machine.text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
        clockSource = machine.text("/sys/devices/system/clocksource/clocksource0/current_clocksource")
        loadAverage = machine.text("/proc/loadavg")
        stealTicks = machine.stealTicks
    }

    /// Made by a build without optimisation: no figure of it may be quoted.
    public var isOfDebugBuild: Bool { compiler.hasSuffix(Machine.debugMark) }
}

/// What the machine says about itself.
public struct Machine: Sendable {
    public init() {}

    /// Version and optimisation.
    public static var compiler: String {
        #if compiler(>=6.4)
            "Swift 6.4 or later" + optimisation
        #elseif compiler(>=6.3)
            "Swift 6.3" + optimisation
        #else
            "Swift 6.2" + optimisation
        #endif
    }

    /// How a compiler's name ends here: release builds are what everybody compares.
    public static var optimisation: String { isDebugBuild ? debugMark : "" }

    fileprivate static let debugMark = ", not optimised"

    /// What such a build measures says nothing of the program that people run.
    public static var isDebugBuild: Bool {
        #if DEBUG
            true
        #else
            false
        #endif
    }

    public var name: String { text("/proc/sys/kernel/hostname") ?? "unknown" }

    /// A file of the kernel's, whole: those report no size, and a reader that asks for it stops at the first page.
    public func text(_ path: String) -> String? {
        guard let data = try? FileHandle(forReadingAtPath: path)?.readToEnd() else { return nil }
        return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    public func cpuInfo(_ key: String) -> String? {
        text("/proc/cpuinfo")?.split(separator: "\n").first { $0.hasPrefix(key) }?
            .split(separator: ":", maxSplits: 1).last.map { $0.trimmingCharacters(in: .whitespaces) }
    }

    /// The eighth number of the first line of /proc/stat.
    public var stealTicks: Int? {
        let fields = text("/proc/stat")?.split(separator: "\n").first?.split(separator: " ") ?? []
        return fields.count > 8 ? Int(fields[8]) : nil
    }

    public func git(_ arguments: [String]) -> String? {
        guard let result = try? Tool.run(["git"] + arguments), result.status == 0 else { return nil }
        return result.output.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
