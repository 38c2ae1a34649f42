/// A URI template (RFC 6570, all four levels): makes a URI from variables, and finds the variables of a URI.
public struct URITemplate: Sendable, Hashable, CustomStringConvertible {
    /// The longest template, in bytes.
    public static let maximumLength = 2_048
    /// The most expressions that one template may have.
    public static let maximumExpressions = 32

    /// A piece of the template.
    enum Part: Sendable, Hashable {
        /// Text that stands in the URI as it is, percent-encoded where that is due.
        case literal(String)
        case expression(Expression)
    }

    struct Expression: Sendable, Hashable {
        var form: ExpansionForm
        var variables: [Variable]
    }

    struct Variable: Sendable, Hashable {
        enum Modifier: Sendable, Hashable {
            case none
            /// The first characters only: 1 to 9,999.
            case prefix(Int)
            /// Each element of a list and each pair for itself.
            case explode
        }

        var name: String
        var modifier: Modifier
    }

    public let description: String
    let parts: [Part]

    /// The variables' names, each once, in the order of the template.
    public let variableNames: [String]

    /// - Throws: ``MalformedMessage`` with what is wrong with the template.
    public init(_ text: String) throws(MalformedMessage) {
        guard text.utf8.count <= Self.maximumLength else {
            throw MalformedMessage("the URI template is longer than \(Self.maximumLength) bytes")
        }
        description = text
        parts = try TemplateParser.parts(of: text)
        var names: [String] = []
        for case .expression(let expression) in parts {
            for variable in expression.variables where !names.contains(where: { $0.hasSameBytes(as: variable.name) }) {
                names.append(variable.name)
            }
        }
        variableNames = names
    }

    public static func == (left: Self, right: Self) -> Bool { left.description.hasSameBytes(as: right.description) }
    public func hash(into hasher: inout Hasher) { description.hashBytes(into: &hasher) }
}

extension URITemplate {
    /// What a variable stands for.
    public enum Value: Sendable, Hashable, ExpressibleByStringLiteral, ExpressibleByArrayLiteral {
        case text(String)
        case list([String])
        /// Names and values, in their order; at an even place a name.
        case pairs([String])

        public init(stringLiteral value: String) { self = .text(value) }
        public init(arrayLiteral elements: String...) { self = .list(elements) }

        /// The value as one text; the elements of a list with commas between them.
        public var text: String {
            switch self {
            case .text(let text): text
            case .list(let elements), .pairs(let elements): elements.joined(separator: ",")
            }
        }
    }
}
