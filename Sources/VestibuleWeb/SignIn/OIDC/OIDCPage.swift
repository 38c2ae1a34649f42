/// What the person sees where a sign-in did not come about.
enum OIDCPage {
    /// - Parameter again: The path that begins the sign-in anew.
    static func html(_ failure: OIDCFailure, again: String) -> String {
        let body = """
            <main class="sign-in">
            <h1>\(failure.title.escapedForHTML)</h1>
            <p>\(failure.message.sentence.escapedForHTML)</p>
            <h2>What to do</h2>
            <p>\(failure.advice.sentence.escapedForHTML)</p>
            <p><a class="button primary" href="\(again.escapedForHTML)">Sign in again</a> \
            <a class="button" href="/">Front page</a></p>
            <p>Reason: <code>\(failure.code.rawValue.escapedForHTML)</code></p>
            </main>
            """
        return SimplePage(title: failure.title, body: body).html
    }
}

extension String {
    /// With a capital at its beginning and a full stop at its end.
    fileprivate var sentence: String { prefix(1).uppercased() + dropFirst() + (hasSuffix(".") ? "" : ".") }
}
