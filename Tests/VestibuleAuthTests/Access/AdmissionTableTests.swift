import Testing
import VestibuleProtocol

@testable import VestibuleAuth

/// One cell of the design's admission table, and the settings under which it is looked at.
struct AdmissionCell: Sendable, CustomTestStringConvertible {
    enum Request: CaseIterable { case handshake, ownSession, listing, publicTool, operation, method }
    enum Sent: CaseIterable { case absent, verified, rejected }
    enum Session: CaseIterable { case none, unknown, unbound, ownBound, othersBound }

    var request: Request
    var sent: Sent
    var session: Session
    var rejectedToken: AccessPolicy.RejectedToken
    var handshake: AccessPolicy.Openness
    var listing: AccessPolicy.Openness

    var testDescription: String {
        "\(request), token \(sent), session \(session), rejectedToken: \(rejectedToken), "
            + "handshake: \(handshake), listing: \(listing)"
    }

    static let all = Request.allCases.flatMap { request in
        Sent.allCases.flatMap { sent in
            Session.allCases.flatMap { session in
                AccessPolicy.RejectedToken.allCases.flatMap { rejectedToken in
                    AccessPolicy.Openness.allCases.flatMap { handshake in
                        AccessPolicy.Openness.allCases.map { listing in
                            AdmissionCell(
                                request: request, sent: sent, session: session, rejectedToken: rejectedToken,
                                handshake: handshake, listing: listing)
                        }
                    }
                }
            }
        }
    }
}

extension AdmissionCell {
    static let ada = Principal(issuer: "i", subject: "ada", expiration: Fixture.now)
    static let bob = Principal(issuer: "i", subject: "bob", expiration: Fixture.now)
    static let expired = Rejection(.tokenExpired, "expired")

    var admission: Admission {
        let gate = Gate(
            policy: AccessPolicy(
                handshake: handshake, listing: listing, rejectedToken: rejectedToken, publicTools: ["docs_*"]))
        let (phase, method, tool): (Phase, String, String?) =
            switch request {
            case .handshake: (.handshake, "ping", nil)
            case .ownSession: (.handshake, "DELETE", nil)
            case .listing: (.listing, "tools/list", nil)
            case .publicTool: (.operation, "tools/call", "docs_search")
            case .operation: (.operation, "tools/call", "bucket_list")
            case .method: (.operation, "resources/read", nil)
            }
        let credential: Credential =
            switch sent {
            case .absent: .absent
            case .verified: .verified(Self.ada)
            case .rejected: .rejected(Self.expired)
            }
        let state: AdmissionRequest.Session =
            switch session {
            case .none: .none
            case .unknown: .unknown
            case .unbound: .unbound
            case .ownBound: .bound(Self.ada.identity)
            case .othersBound: .bound(Self.bob.identity)
            }
        return gate.admit(
            AdmissionRequest(
                phase: phase, method: method, tool: tool, credential: credential, session: state,
                actsOnSession: request == .ownSession))
    }

    /// The table of the design, row by row, in words that know nothing of how the gate is written.
    var expected: String {
        let isBound = session == .ownBound || session == .othersBound
        let isOpenToAnybody =
            switch request {
            case .handshake: handshake == .open
            case .ownSession: handshake == .open && !isBound
            case .listing: listing == .open
            case .publicTool: true
            case .operation, .method: false
            }
        switch (sent, session) {
        case (.rejected, _) where rejectedToken == .reject: return "token_expired"
        case (.rejected, _) where !isOpenToAnybody: return "token_expired"
        case (.absent, _) where !isOpenToAnybody: return "token_missing"
        case (_, .unknown): return "session_unknown"
        case (.verified, .othersBound): return "session_subject_mismatch"
        case (.verified, _): return "ada"
        case (.absent, _): return "anonymous"
        case (.rejected, _): return "anonymous, told token_expired"
        }
    }
}

@Suite("The admission table")
struct AdmissionTableTests {
    /// requirement: B-06, H-01, H-03
    @Test("every cell, under every setting and session", arguments: AdmissionCell.all)
    func cell(_ cell: AdmissionCell) {
        switch cell.admission {
        case .admit(let principal, let rejected):
            let told = rejected.map { ", told \($0.reason.rawValue)" } ?? ""
            #expect((principal?.subject ?? "anonymous") + told == cell.expected)
        case .refuse(let rejection, let inBand):
            #expect(rejection.reason.rawValue == cell.expected)
            #expect(!inBand, "nothing here is a denial to a verified principal")
        }
    }

    @Test("the table has all its cells")
    func size() {
        #expect(AdmissionCell.all.count == 6 * 3 * 5 * 2 * 2 * 2)
    }

    /// requirement: F-13, H-04
    @Test("invariant: no operation without a verified token, whatever the settings")
    func invariant() {
        for cell in AdmissionCell.all where cell.sent != .verified && [.operation, .method].contains(cell.request) {
            if case .admit = cell.admission { Issue.record("\(cell.testDescription) was admitted") }
        }
    }

    @Test("a challenge of a missing token names what needed it, and does not repeat what would forge a line")
    func challengeLine() {
        let request = AdmissionRequest(
            phase: .operation, method: "tools/call", tool: "x\ny" + String(repeating: "z", count: 500),
            credential: .absent)
        guard case .refuse(let rejection, _) = Gate().admit(request) else {
            Issue.record("admitted")
            return
        }
        #expect(rejection.detail.hasPrefix("tools/call of x\\u{a}yzzz"))
        #expect(rejection.detail.count < 250)
    }

    @Test("a public tool's name under another method makes nothing public")
    func otherMethod() {
        let gate = Gate(policy: AccessPolicy(publicTools: ["*"]))
        let request = AdmissionRequest(phase: .operation, method: "prompts/get", tool: "docs", credential: .absent)
        #expect(gate.admit(request) != .admit(principal: nil, rejectedToken: nil))
    }

    @Test(
        "the first matching client exception applies, and only its own settings",
        arguments: [
            (ClientDescription(userAgent: "Cursor/1.2"), AccessPolicy.Openness.challenge),
            (ClientDescription(userAgent: "curl/8", name: "hosted"), .challenge),
            (ClientDescription(userAgent: "cursor/1.2"), .open), (ClientDescription(), .open),
            (ClientDescription(userAgent: "Cursor/beta"), .open),
        ])
    func clients(_ client: ClientDescription, handshake: AccessPolicy.Openness) {
        let policy = AccessPolicy(
            rejectedToken: .anonymous,
            clients: [
                ClientOverride(userAgent: "Cursor/beta", handshake: .open),
                ClientOverride(userAgent: "Cursor/*", handshake: .challenge),
                ClientOverride(clientName: "hosted", handshake: .challenge), ClientOverride(listing: .challenge),
            ])
        let applied = policy.applied(to: client)
        #expect(applied.handshake == handshake)
        #expect(applied.listing == .open, "an exception that matches on nothing matches nobody")
        #expect(applied.rejectedToken == .anonymous)
    }

    @Test(
        "what is not known to be harmless is an operation",
        arguments: [
            ("initialize", Phase.handshake), ("ping", .handshake), ("notifications/initialized", .handshake),
            ("server/discover", .handshake), ("tools/list", .listing), ("resources/templates/list", .listing),
            ("tools/call", .operation), ("Initialize", .operation), ("", .operation), ("ping ", .operation),
            ("notifications/cancelled", .operation), ("logging/setLevel", .operation),
        ])
    func phases(_ method: String, phase: Phase) {
        #expect(Phase(method: method) == phase)
    }
}
