extension String {
    /// The text in quotes as it may stand in a line that people read: at most 64 characters, with control and format
    /// characters spelt out, so that a value from outside can neither flood, forge nor reverse the line around it.
    package var quoted: String { "\"\(escaped())\"" }

    /// As ``quoted``, without the quotes around it.
    package func escaped(limit: Int = 64) -> String {
        var output = ""
        for scalar in unicodeScalars.prefix(limit) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned, .surrogate:
                output += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                if scalar == "\"" || scalar == "\\" { output += "\\" }
                output.unicodeScalars.append(scalar)
            }
        }
        return unicodeScalars.dropFirst(limit).isEmpty ? output : output + "…"
    }
}
