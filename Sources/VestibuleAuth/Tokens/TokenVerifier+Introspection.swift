internal import VestibuleProtocol

/// An issuer that is asked about its tokens, and how.
struct IntrospectedIssuer: Sendable {
    var issuer: TrustedIssuer
    var introspection: TokenIntrospection

    init?(_ issuer: TrustedIssuer) {
        guard let introspection = issuer.introspection else { return nil }
        self.issuer = issuer
        self.introspection = introspection
    }
}

extension TokenVerifier {
    /// Judges by keys what keys can judge, and asks about the rest.
    func introspect(_ token: String, of introspected: IntrospectedIssuer) async -> Result<Principal, Rejection> {
        if introspected.introspection.scope == .opaque {
            let first = await authenticateByKeys(token)
            guard case .failure(let rejection) = first, rejection.reason == .tokenMalformed else { return first }
            guard introspected.takes(token) else { return first }
        } else if !introspected.takes(token) {
            return await authenticateByKeys(token)
        }
        do throws(Rejection) {
            return judged(try await introspected.introspection.judge(token, of: introspected.issuer))
        } catch {
            return .failure(error)
        }
    }

    /// The same, by what is known already.
    func verify(_ token: String, of introspected: IntrospectedIssuer) -> Result<Principal, Rejection> {
        if introspected.introspection.scope == .opaque {
            let first = verifyByKeys(token)
            guard case .failure(let rejection) = first, rejection.reason == .tokenMalformed else { return first }
            guard introspected.takes(token) else { return first }
        } else if !introspected.takes(token) {
            return verifyByKeys(token)
        }
        do throws(Rejection) {
            guard let principal = try introspected.introspection.remembered(token, of: introspected.issuer) else {
                throw introspected.introspection.unasked(introspected.issuer)
            }
            return judged(principal)
        } catch {
            return .failure(error)
        }
    }

    private func judged(_ principal: Principal) -> Result<Principal, Rejection> {
        revocation?(principal).map { .failure($0) } ?? .success(principal)
    }
}

extension IntrospectedIssuer {
    fileprivate func takes(_ token: String) -> Bool { introspection.takes(token, of: issuer) }
}
