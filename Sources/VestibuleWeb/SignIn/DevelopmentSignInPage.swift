/// The form of ``DevelopmentSignIn``: plain HTML that works without any script.
struct DevelopmentSignInPage {
    var choices: [DevelopmentSignIn.Choice]
    var csrf: String
    var returnTo: ReturnPath
    /// Why the last attempt did not work, as a sentence.
    var problem: String?
    var signedInAs: String?

    var html: String {
        let problem = problem.map { "<p class=\"problem\" role=\"alert\">\($0.escapedForHTML)</p>\n" } ?? ""
        let current = signedInAs.map { "<p>You are signed in as <b>\($0.escapedForHTML)</b>.</p>\n" } ?? ""
        return SimplePage(
            title: "Sign in",
            body: """
                <main class="sign-in">
                <h1>Sign in</h1>
                <p>This is the development sign-in: it asks for no password, and only this machine can reach it.</p>
                \(problem)\(current)<form method="post" action="\(SitePath.signIn)">
                \(hiddenFields)
                <fieldset>
                <legend>Who are you?</legend>
                \(choices.enumerated().map(item).joined(separator: "\n"))
                </fieldset>
                <button type="submit">Sign in</button>
                </form>
                <form method="post" action="\(SitePath.signIn)">
                \(hiddenFields)
                <fieldset>
                <legend>Somebody else?</legend>
                <label>Name <input name="user" type="text" required \
                maxlength="\(DevelopmentSignIn.maximumNameLength)" autocomplete="off" autocapitalize="none" \
                spellcheck="false"></label>
                </fieldset>
                <button type="submit" class="secondary">Go on without rights</button>
                </form>
                </main>
                """
        )
        .html
    }

    private func item(_ index: Int, _ choice: DevelopmentSignIn.Choice) -> String {
        """
        <label><input type="radio" name="user" value="\(choice.subject.escapedForHTML)"\(index == 0 ? " checked" : "")> \
        \(choice.name.escapedForHTML) <span>\(choice.summary.escapedForHTML)</span></label>
        """
    }

    private var hiddenFields: String {
        """
        <input type="hidden" name="csrf" value="\(csrf.escapedForHTML)">
        <input type="hidden" name="return" value="\(returnTo.path.escapedForHTML)">
        """
    }
}
