public import VestibuleProtocol

/// What an issuer's mapping makes of a token's claims, for a person. It verifies nothing.
public struct MappingExplanation: Sendable, Hashable {
    /// Subject, scope, permissions, roles and buckets, a line each with the claims that they come from; and a line for
    /// each template that opens no bucket.
    public let lines: [String]
    /// The same for programs: `subject`, `scope`, `permissions`, `roles`, `buckets`, or only `problem`.
    public let json: JSONObject

    public init(_ claims: JSONObject, by mapping: ClaimMapping) {
        let mapped: MappedClaims
        do throws(Rejection) {
            mapped = try MappedClaims(claims, by: mapping)
        } catch {
            lines = ["nobody: \(error.detail)"]
            json = ["problem": .string(error.detail)]
            return
        }
        json = [
            "subject": .string(mapped.subject), "scope": .strings(mapped.scope),
            "permissions": .strings(mapped.permissions), "roles": .strings(mapped.roles),
            "buckets": .strings(mapped.buckets),
        ]
        let rows = [
            ("subject", "\(mapped.subject.escaped()) (\(mapping.subject.escapedText))"),
            ("scope", Self.row(mapped.scope, claims, mapping.scope)),
            ("permissions", Self.row(mapped.permissions, claims, mapping.permissions)),
            ("roles", Self.row(mapped.roles, claims, mapping.roles)),
            ("buckets", Self.row(mapped.buckets, claims, mapping.buckets, byRole: mapping.opens(mapped.roles))),
        ]
        let width = rows.map { $0.0.count }.max() ?? 0
        lines =
            rows.map { name, text in name + String(repeating: " ", count: width - name.count + 2) + text }
            + Self.unopened(mapped, claims, mapping)
    }

    private static func row(
        _ values: [String], _ claims: JSONObject, _ paths: [ClaimPath], byRole: Bool = false
    ) -> String {
        let sources = paths.map { path in
            switch path.value(in: claims) {
            case nil: "no \(path.escapedText)"
            case .string?, .array?: path.escapedText
            case .some(let value): "\(path.escapedText) is neither text nor list, but \(value.kind)"
            }
        }
        let shown = values.prefix(20).map { $0.escaped() }.joined(separator: ", ")
        let more = values.count > 20 ? " and \(values.count - 20) more" : ""
        return (values.isEmpty ? "none" : shown + more)
            + " (\((sources + (byRole ? ["bucketsByRole"] : [])).joined(separator: ", ")))"
    }

    private static func unopened(
        _ mapped: MappedClaims, _ claims: JSONObject, _ mapping: ClaimMapping
    ) -> [String] {
        mapping.bucketsByRole.filter { $0.isFor(mapped.roles) }
            .flatMap { entry in
                entry.buckets.filter { $0.name(subject: mapped.subject, claims: claims) == nil }
                    .map { template in
                        "bucketsByRole.\(entry.role.escaped()): \(template.description.quoted) opens no bucket, because a value in "
                            + "it is missing or holds something else than lower-case letters, digits and -_."
                    }
            }
    }
}

extension ClaimMapping {
    fileprivate func opens(_ roles: [String]) -> Bool { bucketsByRole.contains { $0.isFor(roles) } }
}
