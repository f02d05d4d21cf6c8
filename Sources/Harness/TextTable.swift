/// A table of text: first column to the left, the others to the right.
package struct TextTable: Sendable {
    package let header: [String]
    package private(set) var rows: [[String]] = []

    package init(_ header: [String]) { self.header = header }

    package var isEmpty: Bool { rows.isEmpty }

    package mutating func add(_ row: [String]) {
        precondition(row.count == header.count)
        rows.append(row)
    }

    package var markdown: String {
        let rule = header.indices.map { $0 == 0 ? "---" : "--:" }
        return ([header, rule] + rows).map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n") + "\n"
    }

    package var aligned: String {
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        let lines = ([header] + rows).map { row in
            row.enumerated().map { column, text in
                let space = String(repeating: " ", count: widths[column] - text.count)
                return column == 0 ? text + space : space + text
            }.joined(separator: "  ")
        }
        return lines.map { "  " + $0 }.joined(separator: "\n") + "\n"
    }
}
