internal import HTTPTypes
internal import VestibuleServer

/// What every answer of the site carries, so that no page of another origin can use or look into ours.
enum SecurityHeaders {
    /// Pages load and do nothing but what this server serves: no inline code or style, no frame around them.
    static let pagePolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
        + "form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'"

    /// For what is no page but might be opened as one.
    private static let filePolicy = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    private static let picturePolicy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"

    private static let permissions = [
        "accelerometer", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer", "microphone", "midi",
        "payment", "publickey-credentials-get", "screen-wake-lock", "serial", "usb", "xr-spatial-tracking",
    ]
    .map { "\($0)=()" }.joined(separator: ", ")

    /// Adds what is not set yet: an answer may have reasons for a value of its own.
    ///
    /// - Parameter isSecure: whether browsers come by `https`, and shall go on to (RFC 6797).
    static func add(to fields: inout HTTPFields, isSecure: Bool) {
        let type = fields[.contentType] ?? ""
        let policy =
            if type.hasPrefix("text/html") { pagePolicy } else if type.hasPrefix("image/") { picturePolicy } else {
                filePolicy
            }
        let values: [(HTTPField.Name, String)] = [
            (.contentSecurityPolicy, policy), (.xContentTypeOptions, "nosniff"), (.referrerPolicy, "no-referrer"),
            (.xFrameOptions, "DENY"), (.crossOriginOpenerPolicy, "same-origin"),
            (.crossOriginResourcePolicy, "same-origin"), (.permissionsPolicy, permissions),
            (.cacheControl, "no-store"),
        ]
        for (name, value) in values where fields[name] == nil { fields[name] = value }
        if isSecure { fields[.strictTransportSecurity] = "max-age=31536000" }
    }
}

extension HTTPField.Name {
    static let referrerPolicy = known("Referrer-Policy")
    static let xFrameOptions = known("X-Frame-Options")
    static let crossOriginOpenerPolicy = known("Cross-Origin-Opener-Policy")
    static let crossOriginResourcePolicy = known("Cross-Origin-Resource-Policy")
    static let permissionsPolicy = known("Permissions-Policy")
}
