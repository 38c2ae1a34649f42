#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

extension FormEncoding {
    /// A client's id and secret as the value of `Authorization`; both are encoded as in a form first (RFC 6749 §2.3.1).
    package static func basic(_ id: String, _ secret: String) -> String {
        "Basic " + Data("\(escape(id)):\(escape(secret))".utf8).base64EncodedString()
    }
}
