internal import Foundation
internal import Harness

/// valgrind's callgrind around the counted region of a worker: instructions, calls and system calls, one dump for each
/// time the region was left.
package struct Callgrind {
    package struct Dump: Equatable {
        package var instructions: Int
        /// Those inside libcrypto and libgmp.
        package var cryptoInstructions: Int
        package var systemCalls: Int
        package var allocations: Int

        package init(instructions: Int, cryptoInstructions: Int, systemCalls: Int, allocations: Int) {
            self.instructions = instructions
            self.cryptoInstructions = cryptoInstructions
            self.systemCalls = systemCalls
            self.allocations = allocations
        }
    }

    static let allocators: Set<String> = [
        "malloc", "calloc", "realloc", "aligned_alloc", "posix_memalign", "memalign",
    ]
    static let cryptoLibraries = ["libcrypto.so", "libgmp.so"]

    let version: String

    /// - Throws: `.unavailable` with what to install.
    init() throws(Failure) {
        for tool in ["valgrind", "strip", "setarch"] {
            guard let result = try? Tool.run([tool, "--version"]), result.status == 0 else {
                throw Failure(
                    .unavailable, "\(tool) is missing: install valgrind, binutils and util-linux (tools/setup --counts)"
                )
            }
        }
        version = try Tool.run(["valgrind", "--version"]).output.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs this program with the given arguments under callgrind.
    /// - Returns: what it printed, and the dumps in the order in which the region was left.
    func run(_ arguments: [String], in folder: URL) throws(Failure) -> (output: String, dumps: [Dump]) {
        let copy = try strippedCopy(in: folder)
        let base = folder.appendingPathComponent("callgrind.out")
        var environment = ["SWIFT_DETERMINISTIC_HASHING": "1", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
        // Where the toolchain's libraries are found another way than by the program's own run path.
        environment["LD_LIBRARY_PATH"] = ProcessInfo.processInfo.environment["LD_LIBRARY_PATH"]
        let command =
            [
                "setarch", "-R", "valgrind", "--tool=callgrind", "--quiet", "--collect-atstart=no",
                "--collect-systime=yes", "--toggle-collect=\(CountedRegion.symbol)",
                "--dump-after=\(CountedRegion.symbol)", "--dump-instr=yes", "--compress-pos=no",
                "--callgrind-out-file=\(base.path)", copy.path,
            ] + arguments
        let result = try Tool.run(command, environment: environment, keepsErrors: true)
        guard result.status == 0 else {
            let code = ExitCode(rawValue: result.status) ?? .internalError
            throw Failure(
                code == .wrongResult ? .wrongResult : .unavailable,
                "the worker ended with status \(result.status) under callgrind: \(result.errors.suffix(600))")
        }
        var dumps: [Dump] = []
        while let text = try? String(
            contentsOf: folder.appendingPathComponent("callgrind.out.\(dumps.count + 1)"), encoding: .utf8)
        {
            guard let dump = Self.parse(text) else {
                throw Failure(
                    .badData, "callgrind.out.\(dumps.count + 1) is not what callgrind \(version) should write")
            }
            dumps.append(dump)
        }
        return (result.output, dumps)
    }

    /// valgrind 3.19 cannot read the debug information of Swift 6.3: it counts a copy without any.
    private func strippedCopy(in folder: URL) throws(Failure) -> URL {
        let copy = folder.appendingPathComponent("counted")
        guard !FileManager.default.fileExists(atPath: copy.path) else { return copy }
        let own = ChildProcess.ownProgram.path
        let result = try Tool.run(["strip", "-g", "-o", copy.path, own], keepsErrors: true)
        guard result.status == 0 else { throw Failure(.ioError, "strip: \(result.errors)") }
        return copy
    }

    /// Reads one dump (the callgrind profile format, valgrind manual 6.5): totals, what ran inside the crypto libraries,
    /// and how often the allocators were entered. The numbers on `calls=` lines will not do: they go on counting where
    /// nothing is collected. What a function's first instruction cost is how often it ran.
    package static func parse(_ text: String) -> Dump? {
        var events: [Substring] = []
        var totals: [Int] = []
        var names: [Substring: Substring] = [:]
        var objects: [Substring: Substring] = [:]
        var function: Substring?
        var (isCrypto, cryptoInstructions) = (false, 0)
        var entries: [Substring: (address: UInt64, count: Int)] = [:]
        var isCallCost = false
        for line in text.split(separator: "\n") {
            if line.hasPrefix("events: ") {
                events = line.dropFirst(8).split(separator: " ")
            } else if line.hasPrefix("totals: ") || line.hasPrefix("summary: ") && totals.isEmpty {
                totals = line.drop { $0 != " " }.split(separator: " ").compactMap { Int($0) }
            } else if line.hasPrefix("ob=") {
                let object = name(line.dropFirst(3), &objects)
                isCrypto = cryptoLibraries.contains { object.contains($0) }
            } else if line.hasPrefix("cob=") {
                _ = name(line.dropFirst(4), &objects)
            } else if line.hasPrefix("fn=") {
                // A recursive call's name has a number behind it.
                let plain = name(line.dropFirst(3), &names).prefix { $0 != "'" }
                function = allocators.contains(String(plain)) ? plain : nil
            } else if line.hasPrefix("cfn=") {
                _ = name(line.dropFirst(4), &names)
            } else if line.hasPrefix("calls=") {
                isCallCost = true
            } else if line.hasPrefix("0x") {
                defer { isCallCost = false }
                guard isCrypto || function != nil, !isCallCost else { continue }
                let fields = line.split(separator: " ")
                // Address, line, instructions, ...
                guard fields.count >= 3, let address = UInt64(fields[0].dropFirst(2), radix: 16),
                    let count = Int(fields[2])
                else { return nil }
                if isCrypto { cryptoInstructions += count }
                guard let function else { continue }
                let known = entries[function]
                if let known, known.address < address { continue }
                let before = known?.address == address ? known?.count ?? 0 : 0
                entries[function] = (address, before + count)
            }
        }
        guard let instructions = events.firstIndex(of: "Ir"), totals.indices.contains(instructions) else { return nil }
        let calls = events.firstIndex(of: "sysCount").flatMap { totals.indices.contains($0) ? totals[$0] : nil } ?? 0
        return Dump(
            instructions: totals[instructions], cryptoInstructions: cryptoInstructions, systemCalls: calls,
            allocations: entries.values.reduce(0) { $0 + $1.count })
    }

    /// `(12) name` defines a name, `(12)` refers to it.
    private static func name(_ text: Substring, _ names: inout [Substring: Substring]) -> Substring {
        guard text.first == "(", let end = text.firstIndex(of: ")") else { return text }
        let number = text[...end]
        let rest = text[text.index(after: end)...].drop { $0 == " " }
        if !rest.isEmpty { names[number] = rest }
        return names[number] ?? ""
    }
}
