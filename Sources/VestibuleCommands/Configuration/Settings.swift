internal import VestibuleProtocol

/// Typed access to a section that was read by the table.
///
/// What the table gives a default is there. What was refused is not, and reads as an empty value: the configuration is
/// then refused as a whole.
struct Settings {
    private let section: SettingSection
    let place: SettingPlace

    init(_ section: SettingSection, at place: SettingPlace = .start) {
        self.section = section
        self.place = place
    }

    var entries: [SettingSection.Entry] { section.entries }

    func entry(_ name: String) -> SettingSection.Entry? { section[name] }

    func text(_ name: String) -> String? {
        if case .text(let text)? = section[name]?.value.value { text } else { nil }
    }

    func choice<Choice: RawRepresentable<String>>(_ name: String) -> Choice? {
        text(name).flatMap(Choice.init)
    }

    /// A whole number or a size in bytes.
    func integer(_ name: String) -> Int {
        switch section[name]?.value.value {
        case .integer(let number)?, .size(let number)?: number
        default: 0
        }
    }

    func boolean(_ name: String) -> Bool {
        if case .boolean(true)? = section[name]?.value.value { true } else { false }
    }

    func duration(_ name: String) -> Duration? {
        if case .duration(let duration)? = section[name]?.value.value { duration } else { nil }
    }

    func date(_ name: String) -> NumericDate? {
        if case .date(let date)? = section[name]?.value.value { date } else { nil }
    }

    /// The texts of a list, or the one text that stands in its place.
    func texts(_ name: String) -> [String] { placedTexts(name).map(\.text) }

    func placedTexts(_ name: String) -> [(text: String, place: SettingPlace)] {
        guard let value = section[name]?.value else { return [] }
        switch value.value {
        case .text(let text): return [(text, value.place)]
        case .list(let values):
            return values.compactMap { element in
                if case .text(let text) = element.value { (text, element.place) } else { nil }
            }
        default: return []
        }
    }

    func section(_ name: String) -> Settings {
        guard let value = section[name]?.value, case .section(let inner) = value.value else {
            return Settings(SettingSection(), at: place)
        }
        return Settings(inner, at: value.place)
    }

    func sections(_ name: String) -> [Settings] {
        guard case .list(let values)? = section[name]?.value.value else { return [] }
        return values.compactMap { element in
            if case .section(let section) = element.value { Settings(section, at: element.place) } else { nil }
        }
    }
}
