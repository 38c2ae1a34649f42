internal import Subprocess
internal import VestibuleProtocol

/// Shows a person the page of an authorization server: in a browser, or as a URL to open.
struct SignInPage: Sendable {
    var context: CommandContext
    var opensBrowser: Bool

    /// - Parameter url: Has been checked to be `https`, or `http` on this machine.
    func show(_ url: String) async throws {
        // Checked once more: this is where a foreign text becomes an argument of a program.
        guard let address = ServerAddress(url), address.isSecure || address.isLoopback else {
            throw CommandFailure.couldNotRun("the sign-in page is at no https URL, so it is not opened")
        }
        let opened = opensBrowser ? await open(url) : false
        context.talk.line(
            opened
                ? "Sign in with the browser that has opened. If none has, open:\n  \(url)"
                : "Open this page to sign in:\n  \(url)")
    }

    /// By the program that the system has for it; no shell has a say in it.
    private func open(_ url: String) async -> Bool {
        #if os(macOS)
            let program = "open"
        #else
            let program = "xdg-open"
            guard ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].contains(where: { context.environment[$0] != nil }) else {
                return false
            }
        #endif
        let result = try? await Subprocess.run(
            .name(program), arguments: [url], output: .discarded, error: .discarded)
        if case .exited(0)? = result?.terminationStatus { return true }
        return false
    }
}
