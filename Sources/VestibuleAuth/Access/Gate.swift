public import VestibuleProtocol

/// The inner door: decides about each request by itself, from values alone.
///
/// The gate does no I/O, reads no clock and keeps no state, so the whole admission table of the design is tested as a
/// table. It is total: every combination of phase, credential and session has an answer.
public struct Gate: Sendable {
    public var policy: AccessPolicy
    public var rules: RuleSet

    public init(policy: AccessPolicy = AccessPolicy(), rules: RuleSet = RuleSet()) {
        self.policy = policy
        self.rules = rules
    }

    /// Whether the request may go on, and as whom.
    public func admit(_ request: AdmissionRequest) -> Admission {
        let policy = policy.applied(to: request.client)
        let isPublic =
            request.method == "tools/call"
            && request.tool.map { tool in policy.publicTools.contains { $0.matches(tool) } } ?? false
        switch request.credential {
        case .absent:
            return admitAnonymous(request, policy: policy, isPublic: isPublic, rejected: nil)
        case .rejected(let rejection):
            guard policy.rejectedToken == .anonymous else { return .refuse(rejection) }
            return admitAnonymous(request, policy: policy, isPublic: isPublic, rejected: rejection)
        case .verified(let principal):
            return admit(principal, request, policy: policy, isPublic: isPublic)
        }
    }

    private func admitAnonymous(
        _ request: AdmissionRequest, policy: AccessPolicy, isPublic: Bool, rejected: Rejection?
    ) -> Admission {
        let isOpen =
            switch request.phase {
            case .handshake: policy.handshake == .open && !request.needsSessionOwner
            case .listing: policy.listing == .open
            case .operation: isPublic || isOpen(request, policy)
            }
        guard isOpen else {
            return .refuse(
                rejected ?? Rejection(.tokenMissing, "\(request.subjectLine) needs an access token; none was sent"))
        }
        if case .unknown = request.session { return .refuse(.unknownSession) }
        return .admit(principal: nil, rejectedToken: rejected)
    }

    private func admit(
        _ principal: Principal, _ request: AdmissionRequest, policy: AccessPolicy, isPublic: Bool
    ) -> Admission {
        switch request.session {
        case .unknown: return .refuse(.unknownSession)
        case .bound(let owner) where owner != principal.identity: return .refuse(.sessionOfAnotherSubject)
        case .none, .unbound, .bound: break
        }
        if let tool = request.tool, !isPublic {
            if let rejection = rules.refusal(of: tool, arguments: request.arguments, to: principal) {
                return .refuse(rejection, inBand: rejection.reason.isFinalDenial && policy.denials == .inBand)
            }
        }
        return .admit(principal: principal, rejectedToken: nil)
    }

    /// Whether an operation needs no token: where the policy opens operations, and no rule is there to bind a tool.
    private func isOpen(_ request: AdmissionRequest, _ policy: AccessPolicy) -> Bool {
        policy.operation == .open && (request.tool == nil || rules.rules.isEmpty)
    }

    /// Whether a tool is shown to this principal: it may call it, or could with a wider scope.
    public func shows(_ tool: String, to principal: Principal) -> Bool {
        policy.publicTools.contains { $0.matches(tool) } || rules.mightAllow(tool, to: principal)
    }
}

/// Everything that the gate looks at.
public struct AdmissionRequest: Sendable {
    /// What is known of the session that the request names.
    public enum Session: Sendable, Hashable {
        /// The request names none.
        case none
        /// The request names one that is not known here.
        case unknown
        /// Open, and nobody's yet.
        case unbound
        /// Open, and bound to this subject.
        case bound(Principal.Identity)
    }

    public var phase: Phase
    /// The method, or the HTTP method where the request has no body (`DELETE`).
    public var method: String
    /// The tool's name, for `tools/call`; under any other method it makes nothing public.
    public var tool: String?
    /// The bytes of `params.arguments`, read only where a rule asks for an argument.
    public var arguments: ArraySlice<UInt8>?
    public var credential: Credential
    public var session: Session
    public var client: ClientDescription
    /// Whether the request acts on the session itself in a way that is its owner's (GET stream, DELETE).
    public var actsOnSession: Bool

    public init(
        phase: Phase, method: String, tool: String? = nil, arguments: ArraySlice<UInt8>? = nil, credential: Credential,
        session: Session = .none, client: ClientDescription = ClientDescription(), actsOnSession: Bool = false
    ) {
        self.phase = phase
        self.method = method
        self.tool = tool
        self.arguments = arguments
        self.credential = credential
        self.session = session
        self.client = client
        self.actsOnSession = actsOnSession
    }

    fileprivate var needsSessionOwner: Bool {
        if case .bound = session { actsOnSession } else { false }
    }

    fileprivate var subjectLine: String {
        tool.map { "\(method.escaped()) of \($0.escaped(limit: 128))" } ?? method.escaped()
    }
}

/// The gate's answer.
public enum Admission: Sendable, Hashable {
    /// Go on: as this principal, or anonymous with `nil`. `rejectedToken` says why a token that came did not count.
    case admit(principal: Principal?, rejectedToken: Rejection?)
    /// Turn away: over HTTP, or in band where the principal is verified and no new token would change the answer.
    case refuse(Rejection, inBand: Bool = false)
}

extension Rejection {
    package static let unknownSession = Rejection(
        .sessionUnknown, "this session is not known here: it ended, expired, or the server restarted; initialize again")
    package static let sessionOfAnotherSubject = Rejection(
        .sessionSubjectMismatch, "this session belongs to another subject; initialize a session of your own")
}
