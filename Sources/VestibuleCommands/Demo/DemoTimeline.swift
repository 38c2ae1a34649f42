internal import VestibuleProtocol
internal import VestibuleServer

/// One half of the demonstration as a column of lines: what was sent, with which token, and what came back.
struct DemoTimeline: Sendable {
    static let width = 58

    /// A line: its text to measure, and the same in colour.
    struct Row: Sendable {
        var text: String
        var painted: String

        init(_ text: String = "", _ paint: (String) -> String = { $0 }) {
            self.text = text
            self.painted = paint(text)
        }
    }

    var rows: [Row]

    init(title: String, run: DemoRun, ink: Ink) {
        rows = [Row(title, ink.bold), Row(Self.cells("request", "token: kid, secret, age", "answer"), ink.faint)]
        for request in run.requests {
            if let event = request.event { rows.append(Row("── \(event)", ink.yellow)) }
            rows.append(Self.row(of: request, in: run, ink: ink))
        }
        if let failure = run.failure {
            rows.append(Row(String("✗ the user sees: \(failure)".prefix(Self.width - 1)), ink.red))
        } else {
            rows.append(Row("✓ the user sees: the objects of the bucket", ink.green))
        }
    }

    /// The secret's letter, as the heading introduces it.
    static func letter(_ index: Int) -> String {
        ["A", "B", "C"].indices.contains(index) ? ["A", "B", "C"][index] : "?"
    }

    private static func row(of request: DemoRequest, in run: DemoRun, ink: Ink) -> Row {
        let record = request.server
        let method = record.method == "notifications/initialized" ? "initialized" : record.method ?? record.httpMethod
        let age = record.tokenAge.map { " \(DemoText.age($0))" } ?? ""
        let secret = run.keys.firstIndex { $0 == request.keyFingerprint }.map { " \(letter($0))" } ?? ""
        let token = record.tokenSent ? "\(record.keyID ?? "?")\(secret)\(age)" : "–"
        let isRefused = record.status >= 400
        let answer = "\(isRefused ? "✗" : "✓") \(record.status)" + (record.reason.map { " \($0.rawValue)" } ?? "")
        return Row(cells(method, token, answer), isRefused ? ink.red : { $0 })
    }

    private static func cells(_ method: String, _ token: String, _ answer: String) -> String {
        TextTable.pad(method, to: 12) + TextTable.pad(token, to: 25) + answer
    }

    /// Two columns, with a line between them.
    static func sideBySide(_ left: DemoTimeline, _ right: DemoTimeline, ink: Ink) -> [String] {
        // The users' ends stand on one line, whatever the lengths.
        let body = max(left.rows.count, right.rows.count) - 1
        func row(_ column: DemoTimeline, _ index: Int) -> Row {
            if index == body { return column.rows.last ?? Row() }
            return index < column.rows.count - 1 ? column.rows[index] : Row()
        }
        return (0...max(0, body))
            .map { index in
                let (left, right) = (row(left, index), row(right, index))
                let gap = String(repeating: " ", count: max(0, width - left.text.count))
                return left.painted + gap + ink.faint("│") + (right.text.isEmpty ? "" : " \(right.painted)")
            }
    }
}
