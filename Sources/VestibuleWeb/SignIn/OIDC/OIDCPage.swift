/// What the person sees where a sign-in did not come about.
enum OIDCPage {
    /// - Parameter again: The path that begins the sign-in anew.
    static func html(_ failure: OIDCFailure, again: String) -> String {
        let body = """
            <main>
            <h1>\(failure.title.escapedForHTML)</h1>
            <p>\(failure.message.sentence.escapedForHTML)</p>
            <p>What to do: \(failure.advice.escapedForHTML).</p>
            <p><a href="\(again.escapedForHTML)">Sign in again</a> · <a href="/">Front page</a></p>
            <p><small>Reason: <code>\(failure.code.rawValue.escapedForHTML)</code></small></p>
            </main>
            """
        return SimplePage(title: failure.title, body: body).html
    }
}

extension String {
    /// With a capital at its beginning and a full stop at its end.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() + "." }
}
