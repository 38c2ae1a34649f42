internal import VestibuleProtocol

/// Small pieces of the demonstration's text.
enum DemoText {
    /// An age as one number and one unit: `0s`, `12m`, `26h`.
    static func age(_ duration: Duration) -> String {
        let seconds = Int(exactly: duration.inSeconds.rounded(.down)) ?? 0
        switch seconds {
        case ..<120: return "\(seconds)s"
        case ..<7200: return "\(seconds / 60)m"
        default: return "\(seconds / 3600)h"
        }
    }
}

/// Colours of a terminal, or none.
struct Ink: Sendable {
    var isOn: Bool

    func bold(_ text: String) -> String { paint(text, "1") }
    func faint(_ text: String) -> String { paint(text, "2") }
    func red(_ text: String) -> String { paint(text, "31") }
    func green(_ text: String) -> String { paint(text, "32") }
    func yellow(_ text: String) -> String { paint(text, "33") }

    private func paint(_ text: String, _ code: String) -> String {
        isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
