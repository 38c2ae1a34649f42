internal import VestibuleProtocol

/// All rules together. Without any, every verified principal may call every tool; with any, a tool that no rule lists
/// is forbidden.
///
/// Rules are alternatives: a call is allowed when one rule that lists the tool is satisfied. When none is, the refusal
/// that came nearest is the one that is told: an argument before a scope, a scope before a permission; among equals,
/// that of the first rule.
public struct RuleSet: Sendable, Hashable {
    public var rules: [Rule] {
        didSet { prepared = [:] }
    }

    /// By tool, the rules that list it: of the tools that ``prepare(for:)`` was told.
    private var prepared: [ByteKey: [Rule]] = [:]

    public init(_ rules: [Rule] = []) {
        self.rules = rules
    }

    /// Finds out which rules list these tools once and for all, so that a call or a listing does not have to hold every
    /// rule's patterns against every tool's name. Changes no decision.
    public mutating func prepare(for tools: some Sequence<String>) {
        guard !rules.isEmpty else { return }
        for tool in tools { prepared[ByteKey(tool)] = listing(tool) }
    }

    /// Whether the rules that list the tool are known.
    package func isPrepared(for tool: String) -> Bool { prepared[ByteKey(tool)] != nil }

    private func rules(for tool: String) -> [Rule] {
        prepared[ByteKey(tool)] ?? listing(tool)
    }

    private func listing(_ tool: String) -> [Rule] {
        rules.filter { rule in rule.tools.contains { $0.matches(tool) } }
    }

    public static func == (left: RuleSet, right: RuleSet) -> Bool { left.rules == right.rules }
    public func hash(into hasher: inout Hasher) { hasher.combine(rules) }

    /// Why the principal may not make this call, or `nil` where it may.
    func refusal(of tool: String, arguments: ArraySlice<UInt8>?, to principal: Principal) -> Rejection? {
        guard !rules.isEmpty else { return nil }
        var nearest: Rejection?
        for rule in rules(for: tool) {
            guard let refusal = rule.refusal(of: tool, arguments: arguments, to: principal) else { return nil }
            if refusal.reason.nearness > (nearest?.reason.nearness ?? -1) { nearest = refusal }
        }
        return nearest ?? Rejection(.toolForbidden, "no rule allows \(tool.escaped(limit: 128))")
    }

    /// The scope that a call of the tool needs, by the first rule that lists it.
    public func scope(for tool: String) -> [String] {
        rules(for: tool).first?.scope ?? []
    }

    /// Whether some rule would let the principal call the tool with some arguments and some scope.
    func mightAllow(_ tool: String, to principal: Principal) -> Bool {
        rules.isEmpty || rules(for: tool).contains { $0.missingRight(of: principal) == nil }
    }
}

extension Reason {
    /// How close a refusal by a rule was to being none.
    fileprivate var nearness: Int {
        switch self {
        case .argumentForbidden: 2
        case .scopeInsufficient: 1
        default: 0
        }
    }
}

extension Rule {
    func refusal(of tool: String, arguments: ArraySlice<UInt8>?, to principal: Principal) -> Rejection? {
        if let missing = missingRight(of: principal) {
            let tool = tool.escaped(limit: 128)
            return Rejection(.toolForbidden, "\(tool) needs \(missing), which this principal does not have")
        }
        let missingScope = scope.isEmpty ? [] : scope.filter { !principal.scope.contains(ByteKey($0)) }
        if !missingScope.isEmpty {
            let tool = tool.escaped(limit: 128)
            return Rejection(
                .scopeInsufficient, "\(tool) needs the scope \(missingScope.joined(separator: " "))",
                requiredScope: scope)
        }
        guard !self.arguments.isEmpty else { return nil }
        let tool = tool.escaped(limit: 128)
        let parsed: JSONObject?
        do {
            parsed = try Self.parse(arguments)
        } catch {
            return Rejection(.argumentForbidden, "the arguments of \(tool) cannot be judged: \(error)")
        }
        guard let parsed else {
            return Rejection(.argumentForbidden, "the arguments of \(tool) cannot be judged: they are not an object")
        }
        return self.arguments.lazy.compactMap { $0.refusal(of: tool, arguments: parsed, to: principal) }.first
    }

    /// The first permission or role that the principal lacks, in words.
    func missingRight(of principal: Principal) -> String? {
        if let permission = permissions.first(where: { !principal.permissions.contains(ByteKey($0)) }) {
            return "the permission \(permission)"
        }
        return roles.first { !principal.roles.contains(ByteKey($0)) }.map { "the role \($0)" }
    }

    /// A member that is named twice is refused: the handler might read the other one. `nil` where the arguments are
    /// something other than an object, in which no condition can be looked up.
    private static func parse(_ arguments: ArraySlice<UInt8>?) throws(JSONError) -> JSONObject? {
        guard let arguments else { return JSONObject() }
        return try JSONParser(limits: JSONLimits(duplicates: .refuse)).parse(arguments).object
    }
}

extension ArgumentCondition {
    func refusal(of tool: String, arguments: JSONObject, to principal: Principal) -> Rejection? {
        guard let value = arguments[argument], !value.isNull else { return nil }
        let allowed = allowedTexts(for: principal)
        guard let asked = value.string else {
            return refusal(of: tool, asked: "a value of type \(value.kind)", allowed: allowed)
        }
        guard let judged = form.normalise(asked) else {
            return refusal(of: tool, asked: "\(asked.quoted), which names no bucket", allowed: allowed)
        }
        guard allowed.contains(where: { $0.hasSameBytes(as: judged) }) else {
            return refusal(of: tool, asked: judged.quoted, allowed: allowed)
        }
        return nil
    }

    private func refusal(of tool: String, asked: String, allowed: [String]) -> Rejection {
        let list = allowed.isEmpty ? "none" : allowed.prefix(20).map { $0.escaped() }.joined(separator: ", ")
        let more = allowed.count > 20 ? " and \(allowed.count - 20) more" : ""
        return Rejection(
            .argumentForbidden,
            "\(tool): \(argument) asks for \(asked); allowed to this principal: \(list)\(more)")
    }

    private func allowedTexts(for principal: Principal) -> [String] {
        let raw: [String]
        switch allowed {
        case .values(let values): raw = values
        case .claim("buckets"): raw = principal.buckets
        case .claim("scope"): raw = principal.scope.map(\.text).sorted()
        case .claim("permissions"): raw = principal.permissions.map(\.text).sorted()
        case .claim("roles"): raw = principal.roles.map(\.text).sorted()
        case .claim("sub"): raw = [principal.subject]
        case .claim(let path): raw = principal.strings(atClaim: path)
        }
        return raw.compactMap(form.normalise)
    }
}

extension ArgumentCondition.Form {
    func normalise(_ text: String) -> String? {
        switch self {
        case .text: text
        case .bucket: BucketName(text)?.name
        }
    }
}

extension Principal {
    /// The strings of the claim at that path: one string, or an array of them. Anything else is none.
    func strings(atClaim path: String) -> [String] {
        switch ClaimPath(path).value(in: claims) {
        case .string(let text): [text]
        case .array(let values): values.compactMap(\.string)
        default: []
        }
    }
}
