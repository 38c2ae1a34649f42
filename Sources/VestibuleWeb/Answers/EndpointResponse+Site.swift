package import HTTPTypes
package import VestibuleProtocol
package import VestibuleServer

// What the parts of a site answer with. The site itself adds what every answer carries.
extension EndpointResponse {
    package static func json(_ status: Int, _ object: JSONObject, fields: [HTTPField] = []) -> EndpointResponse {
        .of(status, type: "application/json", JSONValue.object(object).serialized, fields: fields)
    }

    /// A page. Whatever of it came from outside has to be escaped (``Swift/String/escapedForHTML``).
    package static func page(_ status: Int, _ html: String, fields: [HTTPField] = []) -> EndpointResponse {
        .of(status, type: "text/html; charset=utf-8", Array(html.utf8), fields: fields)
    }

    /// A redirect that is followed by GET.
    ///
    /// - Parameter location: a path of this origin, or a URL that was put together here.
    package static func seeOther(_ location: String, fields: [HTTPField] = []) -> EndpointResponse {
        var head = HTTPResponse(status: .seeOther)
        head.headerFields[.location] = location
        for field in fields { head.headerFields.append(field) }
        return EndpointResponse(head: head)
    }

    package static func empty(_ status: Int, fields: [HTTPField] = []) -> EndpointResponse {
        var head = HTTPResponse(status: .init(code: status))
        for field in fields { head.headerFields.append(field) }
        return EndpointResponse(head: head)
    }

    /// 405 with `Allow` (RFC 9110 §15.5.6).
    package static func methodNotAllowed(_ allowed: String) -> EndpointResponse {
        var response = EndpointResponse.json(
            405, ["error": "method_not_allowed", "detail": .string("this path answers \(allowed)")])
        response.head.headerFields[.allow] = allowed
        return response
    }

    private static func of(_ status: Int, type: String, _ body: [UInt8], fields: [HTTPField]) -> EndpointResponse {
        var response = EndpointResponse.empty(status, fields: fields)
        response.head.headerFields[.contentType] = type
        response.body = .bytes(body)
        return response
    }
}

extension String {
    /// The text as it may stand in HTML, between tags and in attributes in double quotes.
    package var escapedForHTML: String {
        var output = ""
        for scalar in unicodeScalars {
            switch scalar {
            case "&": output += "&amp;"
            case "<": output += "&lt;"
            case ">": output += "&gt;"
            case "\"": output += "&quot;"
            case "'": output += "&#39;"
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}

extension HTTPField.Name {
    static let vestibuleCSRF = known("Vestibule-CSRF")
    static let secFetchSite = known("Sec-Fetch-Site")
}
