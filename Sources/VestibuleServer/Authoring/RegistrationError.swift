internal import VestibuleProtocol

/// Something that cannot be offered as it was registered. Found when it is registered, not when it is called.
public struct RegistrationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// One line that names it and says what to do.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}

extension JSONObject {
    /// The schema of a type, as what is registered needs it.
    static func derived<Value: Decodable>(
        from type: Value.Type, for subject: String, closed: Bool = false
    ) throws(RegistrationError) -> JSONObject {
        do {
            return try SchemaDerivation.schema(of: type, closed: closed)
        } catch {
            throw RegistrationError("\(subject): \(error)")
        }
    }
}
