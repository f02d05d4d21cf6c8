internal import Foundation
internal import Harness

/// Who draws: Vega-Lite through the Python wheel vl-convert-python, or this program itself.
public enum ChartStyle: String, CaseIterable, Sendable {
    /// Vega-Lite where it is installed, else simple.
    case auto
    case vega
    case simple
    case none
}

/// Pictures of some charts.
struct ChartRenderer {
    /// SVG by chart name.
    private(set) var drawings: [String: String] = [:]
    /// PNG by chart name; empty where Vega-Lite is absent.
    private(set) var pictures: [String: Data] = [:]

    /// - Throws: `.unavailable` when Vega-Lite was asked for and is not installed.
    init(_ charts: [Chart], _ style: ChartStyle) throws(Failure) {
        switch style {
        case .none: return
        case .simple: break
        case .vega, .auto:
            if let python = Self.python {
                try render(charts, with: python)
                return
            }
            guard style == .auto else {
                throw Failure(
                    .unavailable,
                    "vl-convert-python is missing: install it with `tools/setup --charts`, or use --charts simple")
            }
        }
        for chart in charts { drawings[chart.name] = SimpleSVG(chart).text }
    }

    /// An interpreter that has the wheel: the one named by JUXTAPOSE_PYTHON, that of `tools/setup --charts`, or the
    /// system's.
    private static var python: String? {
        let named = ProcessInfo.processInfo.environment["JUXTAPOSE_PYTHON"]
        return [named, ".build/charts/bin/python3", "python3"].compactMap { $0 }.first { python in
            guard let result = try? Tool.run([python, "-c", "import vl_convert"]) else { return false }
            return result.status == 0
        }
    }

    /// One process for all: starting its engine takes longer than any chart.
    private mutating func render(_ charts: [Chart], with python: String) throws(Failure) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "juxtapose-charts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for chart in charts {
                let data = try JSONSerialization.data(
                    withJSONObject: VegaLite(chart).specification, options: [.sortedKeys, .withoutEscapingSlashes])
                try data.write(to: folder.appendingPathComponent("\(chart.name).json"))
            }
        } catch { throw Failure(.ioError, "charts: \(error.localizedDescription)") }
        let result = try Tool.run([python, "-c", Self.script, folder.path], keepsErrors: true)
        guard result.status == 0 else { throw Failure(.unavailable, "vl-convert failed: \(result.errors.suffix(600))") }
        for chart in charts {
            let file = folder.appendingPathComponent(chart.name)
            drawings[chart.name] = try? String(contentsOf: file.appendingPathExtension("svg"), encoding: .utf8)
            pictures[chart.name] = try? Data(contentsOf: file.appendingPathExtension("png"))
        }
    }

    private static let script = """
        import glob, json, sys, vl_convert
        for name in sorted(glob.glob(sys.argv[1] + "/*.json")):
            spec = json.load(open(name))
            base = name[:-5]
            open(base + ".svg", "w").write(vl_convert.vegalite_to_svg(spec))
            spec["background"] = "white"
            open(base + ".png", "wb").write(vl_convert.vegalite_to_png(spec, scale=2))
        """
}
