/// An `access.rules` entry: what a principal needs to call certain tools, and with which arguments.
public struct Rule: Sendable, Hashable {
    public var tools: [Glob]
    /// OAuth scope; what is missing here a new token can bring (`scope_insufficient`).
    public var scope: [String]
    public var permissions: [String]
    public var roles: [String]
    public var arguments: [ArgumentCondition]

    public init(
        tools: [Glob], scope: [String] = [], permissions: [String] = [], roles: [String] = [],
        arguments: [ArgumentCondition] = []
    ) {
        self.tools = tools
        self.scope = scope
        self.permissions = permissions
        self.roles = roles
        self.arguments = arguments
    }
}

/// What one argument of a call has to be.
///
/// An argument that is absent satisfies the condition: the tool's schema says which arguments are due.
public struct ArgumentCondition: Sendable, Hashable {
    /// How an argument is read before it is judged.
    public enum Form: String, Sendable, Hashable, CaseIterable {
        /// The string as it is.
        case text
        /// The bucket that a name (`b`) or an S3 URI (`s3://b/k`) means.
        case bucket
    }

    /// What the argument is held against.
    public enum Allowed: Sendable, Hashable {
        /// One of these strings.
        case values([String])
        /// One of the strings of a claim of the principal's token, by its ``ClaimPath`` (`realm.names`). `sub`, `scope`,
        /// `permissions`, `roles` and `buckets` are the principal's, as the issuer's ``ClaimMapping`` made them.
        case claim(String)
    }

    /// The argument's name.
    public var argument: String
    public var form: Form
    public var allowed: Allowed

    public init(argument: String, form: Form = .text, allowed: Allowed) {
        self.argument = argument
        self.form = form
        self.allowed = allowed
    }
}
