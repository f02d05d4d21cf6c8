internal import Harness

/// Pieces of a page.
enum HTML {
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }

    /// A table that scrolls within the page, reachable by keyboard.
    static func table(_ table: TextTable, caption: String) -> String {
        let header = table.header.map { "<th scope=\"col\">\(escaped($0))</th>" }.joined()
        let rows = table.rows.map { row in
            row.enumerated().map { column, text in
                column == 0 ? "<th scope=\"row\">\(escaped(text))</th>" : "<td>\(escaped(text))</td>"
            }.joined()
        }
        return
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(escaped(caption))\">\n<table><caption>"
            + "\(escaped(caption))</caption>\n<thead><tr>\(header)</tr></thead>\n<tbody>\n"
            + rows.map { "<tr>\($0)</tr>\n" }.joined() + "</tbody></table></div>\n"
    }

    /// A drawing in the page's own colours: ids made unique, colours replaced by the theme's.
    static func inlined(_ drawing: String, _ name: String, description: String) -> String {
        var text = drawing.replacing("id=\"", with: "id=\"\(name)-").replacing("url(#", with: "url(#\(name)-")
        text = text.replacing(Palette.ink, with: "var(--ink)").replacing(Palette.faint, with: "var(--faint)")
        for (index, color) in Palette.light.enumerated() { text = text.replacing(color, with: "var(--c\(index))") }
        return
            "<div class=\"chart\" role=\"img\" aria-label=\"\(escaped(description))\" id=\"chart-\(name)\">\(text)</div>\n"
    }
}
