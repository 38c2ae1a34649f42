/// What the person sees where a sign-in did not come about.
enum OIDCPage {
    /// - Parameter again: The path that begins the sign-in anew.
    static func html(_ failure: OIDCFailure, again: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(failure.title.escapedForHTML)</title>
        <link rel="stylesheet" href="/web/page/page.css">
        </head>
        <body class="sign-in">
        <main>
        <h1>\(failure.title.escapedForHTML)</h1>
        <p class="detail">\(failure.message.capitalisedFirst.escapedForHTML).</p>
        <p class="advice">What to do: \(failure.advice.escapedForHTML).</p>
        <p><code>\(failure.code.rawValue.escapedForHTML)</code></p>
        <p><a href="\(again.escapedForHTML)">Sign in again</a> · <a href="/">Front page</a></p>
        </main>
        </body>
        </html>

        """
    }
}

extension String {
    fileprivate var capitalisedFirst: String { prefix(1).uppercased() + dropFirst() }
}
