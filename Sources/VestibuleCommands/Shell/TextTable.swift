internal import VestibuleProtocol

/// Columns of text, each as wide as its widest cell. Each cell is one line, whoever wrote it.
enum TextTable {
    static func text(headings: [String], rows: [[String]]) -> String {
        let all = ([headings] + rows).map { row in row.map { $0.onOneLine() } }
        var widths = [Int](repeating: 0, count: headings.count)
        for row in all {
            for (index, cell) in row.enumerated() where index < widths.count {
                widths[index] = max(widths[index], cell.count)
            }
        }
        return
            all.map { row in
                let cells = zip(row, widths).map { cell, width in pad(cell, to: width) }
                var line = cells.joined(separator: "  ")
                while line.last == " " { line.removeLast() }
                return line + "\n"
            }
            .joined()
    }

    static func pad(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
