internal import VestibuleProtocol

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#else
    internal import Darwin
#endif

/// Shows a person the page of an authorization server: in a browser, and as a URL to open.
struct SignInPage: Sendable {
    var context: CommandContext
    var opensBrowser: Bool

    /// - Parameter url: Has been checked to be `https`, or `http` on this machine.
    func show(_ url: String) async throws {
        // Checked once more: this is where a foreign text becomes an argument of a program.
        guard let address = ServerAddress(url), address.isSecure || address.isLoopback else {
            throw CommandFailure.couldNotRun("the sign-in page is at no https URL, so it is not opened")
        }
        let isOpening = opensBrowser && open(url)
        context.talk.line(
            isOpening
                ? "Sign in with the browser that opens. If none does, open:\n  \(url)"
                : "Open this page to sign in:\n  \(url)")
    }

    /// Starts the program that the system has for it, and leaves it alone: it may be the browser itself, which outlives
    /// us. No shell has a say in it.
    private func open(_ url: String) -> Bool {
        #if os(macOS)
            let program = "open"
            var actions: posix_spawn_file_actions_t?
        #else
            let program = "xdg-open"
            guard ["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].contains(where: { context.environment[$0] != nil }) else {
                return false
            }
            var actions = posix_spawn_file_actions_t()
        #endif
        guard posix_spawn_file_actions_init(&actions) == 0 else { return false }
        defer { posix_spawn_file_actions_destroy(&actions) }
        for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
            posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
        }
        let arguments = Self.texts([program, url])
        let environment = Self.texts(context.environment.map { "\($0.key)=\($0.value)" })
        defer { for text in arguments + environment { free(text) } }
        var process = pid_t()
        return posix_spawnp(&process, program, &actions, nil, arguments, environment) == 0
    }

    /// As C wants a list of texts: each to be freed, the end marked.
    private static func texts(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
        texts.map { (text: String) -> UnsafeMutablePointer<CChar>? in strdup(text) } + [nil]
    }
}
