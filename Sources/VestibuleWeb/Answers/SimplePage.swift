/// A page that is written here: it has to work where nothing else does.
package struct SimplePage: Sendable {
    package var title: String
    /// HTML: what came from outside has to be escaped already.
    package var body: String

    package init(title: String, body: String) {
        self.title = title
        self.body = body
    }

    package var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>\(title.escapedForHTML) · Vestibule</title>
        <link rel="icon" href="/web/page/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/web/page/theme.css">
        <link rel="stylesheet" href="/web/page/sign-in.css">
        </head>
        <body>
        \(body)
        </body>
        </html>

        """
    }
}
