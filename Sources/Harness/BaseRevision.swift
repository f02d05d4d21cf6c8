public import Foundation

/// Another revision of this project, built beside this one to be measured against it.
public struct BaseRevision: Sendable {
    public let revision: String
    public let program: URL

    /// Builds release: in `.build/base-ref`, which later builds of other revisions start from, or in this checkout's own
    /// `.build`.
    /// - Parameter shares: build where this checkout was built, with the dependencies that are compiled there. Its next
    ///   build compiles the project again. The running program must not lie there: see ``goOnAsCopy()``.
    /// - Throws: `.inputMissing` for a revision that git does not know, `.incomplete` for one that does not build.
    public static func build(_ name: String, shares: Bool, note: (String) -> Void) throws(Failure) -> BaseRevision {
        let machine = Machine()
        let root = try root(machine)
        guard let revision = machine.git(["rev-parse", "--verify", "--quiet", "\(name)^{commit}"]) else {
            throw Failure(
                .inputMissing, "git does not know the revision \(name). On a shallow clone fetch it first.")
        }
        let folder = folder(root)
        let source = folder.appendingPathComponent("source")
        try checkOut(revision, at: source, root)
        // The same dependencies on both sides: else they would be compared instead.
        let pins = source.appendingPathComponent("Package.resolved")
        try? FileManager.default.removeItem(at: pins)
        try? FileManager.default.copyItem(
            at: URL(fileURLWithPath: root).appendingPathComponent("Package.resolved"), to: pins)
        note("building the base revision \(revision.prefix(8)), minutes where its dependencies are compiled too")
        let scratch = shares ? "\(root)/.build" : folder.appendingPathComponent("build").path
        let result = try Tool.run(
            [
                "swift", "build", "-c", "release", "--product", "juxtapose", "--package-path", source.path,
                "--scratch-path", scratch,
            ], keepsErrors: true)
        guard result.status == 0 else {
            throw Failure(
                .incomplete, "the base revision \(revision.prefix(8)) does not build: \(result.output.suffix(2000))")
        }
        return BaseRevision(
            revision: revision, program: URL(fileURLWithPath: scratch).appendingPathComponent("release/juxtapose"))
    }

    /// Replaces this process by a copy of its program, with the same arguments, where no build replaces the program
    /// itself. The copy returns from here at once.
    public static func goOnAsCopy() throws(Failure) {
        let program = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let folder = folder(try root(Machine())).appendingPathComponent("head")
        let copy = folder.appendingPathComponent("juxtapose")
        guard copy.resolvingSymlinksInPath() != program else { return }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            if FileManager.default.fileExists(atPath: copy.path) { try FileManager.default.removeItem(at: copy) }
            try FileManager.default.copyItem(at: program, to: copy)
        } catch {
            throw Failure(.ioError, "cannot copy \(program.path) to \(copy.path): \(error.localizedDescription)")
        }
        var arguments = CommandLine.arguments.map { strdup($0) }
        arguments.append(nil)
        execv(copy.path, &arguments)
        throw Failure(.internalError, "cannot run \(copy.path): \(String(cString: strerror(errno)))")
    }

    private static func root(_ machine: Machine) throws(Failure) -> String {
        guard let root = machine.git(["rev-parse", "--show-toplevel"]) else {
            throw Failure(.inputMissing, "--base-ref needs a git checkout of this project around it")
        }
        return root
    }

    private static func folder(_ root: String) -> URL {
        URL(fileURLWithPath: root).appendingPathComponent(".build/base-ref")
    }

    /// Counts with the base revision's own program.
    /// - Throws: `.notComparable` for a revision that cannot count.
    public func count(suite: String, engine: String) throws(Failure) -> Counts {
        let result = try Tool.run(
            [program.path, "count", "--suite", suite, "--engine", engine, "--format", "json"], keepsErrors: true)
        guard result.status == 0 else {
            throw Failure(
                .notComparable,
                "the base revision \(revision.prefix(8)) cannot count: \(result.errors.suffix(300))")
        }
        let place = "counts of \(revision.prefix(8))"
        let counts = try StrictJSON.decode(Counts.self, Data(result.output.utf8), from: place)
        try counts.check(place)
        return counts
    }

    private static func checkOut(_ revision: String, at source: URL, _ root: String) throws(Failure) {
        let isThere = FileManager.default.fileExists(atPath: source.appendingPathComponent(".git").path)
        let arguments =
            isThere
            ? ["-C", source.path, "checkout", "--quiet", "--force", "--detach", revision]
            : ["-C", root, "worktree", "add", "--force", "--quiet", "--detach", source.path, revision]
        let result = try Tool.run(["git"] + arguments, keepsErrors: true)
        guard result.status == 0 else {
            throw Failure(.ioError, "git cannot check out \(revision.prefix(8)): \(result.errors)")
        }
    }
}
