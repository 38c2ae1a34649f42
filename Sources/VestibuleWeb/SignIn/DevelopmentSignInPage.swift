/// The form of ``DevelopmentSignIn``: plain HTML that works without any script.
struct DevelopmentSignInPage {
    var choices: [DevelopmentSignIn.Choice]
    var csrf: String
    var returnTo: ReturnPath
    /// Why the last attempt did not work, as a sentence.
    var problem: String?
    var signedInAs: String?

    var html: String {
        let problem = problem.map { "<p class=\"sign-in-problem\" role=\"alert\">\($0.escapedForHTML)</p>\n" } ?? ""
        let current = signedInAs.map { "<p>You are signed in as <b>\($0.escapedForHTML)</b>.</p>\n" } ?? ""
        return SimplePage(
            title: "Sign in",
            body: """
                <main class="sign-in">
                <h1>Sign in</h1>
                <p class="sign-in-note">For development: no password is asked, and only this machine can reach this \
                server.</p>
                \(problem)\(current)<ul class="sign-in-people">
                \(choices.map(item).joined(separator: "\n"))
                </ul>
                <form class="sign-in-other" method="post" action="\(SitePath.signIn)">
                \(hiddenFields)
                <label for="user">Somebody else, without any rights</label>
                <input id="user" name="user" type="text" required maxlength="\(DevelopmentSignIn.maximumNameLength)" \
                autocomplete="off" autocapitalize="none" spellcheck="false">
                <button type="submit">Sign in</button>
                </form>
                </main>
                """
        )
        .html
    }

    private func item(_ choice: DevelopmentSignIn.Choice) -> String {
        """
        <li>
        <form method="post" action="\(SitePath.signIn)">
        \(hiddenFields)
        <button type="submit" name="user" value="\(choice.subject.escapedForHTML)">
        <span class="sign-in-name">\(choice.subject.escapedForHTML)</span>
        <span class="sign-in-rights">\(choice.summary.escapedForHTML)</span>
        </button>
        </form>
        </li>
        """
    }

    private var hiddenFields: String {
        """
        <input type="hidden" name="csrf" value="\(csrf.escapedForHTML)">
        <input type="hidden" name="return" value="\(returnTo.path.escapedForHTML)">
        """
    }
}
