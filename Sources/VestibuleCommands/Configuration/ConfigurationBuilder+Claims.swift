internal import VestibuleAuth

extension ConfigurationBuilder {
    /// What an issuer's claims mean, with templates that were refused left out.
    mutating func claims(_ settings: Settings, path: String) -> ClaimMapping {
        var mapping = ClaimMapping.standard
        if let subject = settings.text("subject") { mapping.subject = ClaimPath(subject) }
        let paths: (String) -> [ClaimPath] = { settings.texts($0).map { ClaimPath($0) } }
        mapping.scope = paths("scope")
        mapping.permissions = paths("permissions")
        mapping.roles = paths("roles")
        mapping.bucketsByRole = bucketsByRole(settings, path: path)
        // Where the configuration says which role opens what, a claim counts only if it says that as well.
        if settings.entry("buckets") != nil {
            mapping.buckets = paths("buckets")
        } else if !mapping.bucketsByRole.isEmpty {
            mapping.buckets = []
        }
        return mapping
    }

    private mutating func bucketsByRole(_ settings: Settings, path: String) -> [ClaimMapping.RoleBuckets] {
        let section = settings.section("bucketsByRole")
        return section.entries.map { entry in
            var buckets: [BucketTemplate] = []
            for (text, place) in section.placedTexts(entry.name) {
                do throws(BucketTemplate.Malformed) {
                    buckets.append(try BucketTemplate(text))
                } catch {
                    report(place, "\(path).bucketsByRole.\(entry.name): \"\(text.prefix(80))\": \(error)")
                }
            }
            return ClaimMapping.RoleBuckets(role: entry.name, buckets: buckets)
        }
    }

    mutating func requiredClaims(_ settings: Settings, path: String) -> [ClaimRequirement] {
        let section = settings.section("requiredClaims")
        return section.entries.map { entry in
            // What is checked of every token needs no line here, and a value of it would be checked twice.
            if ["exp", "nbf", "iat"].contains(entry.name), section.text(entry.name) != "present" {
                report(
                    entry.value.place,
                    "\(path).requiredClaims.\(entry.name): a date is judged by the clock; write `present`, or leave it out"
                )
            }
            let claim = ClaimPath(entry.name)
            if case .text("present") = entry.value.value { return ClaimRequirement(claim, .present) }
            return ClaimRequirement(claim, .oneOf(section.texts(entry.name)))
        }
    }
}
