// What a server's author or somebody else's server writes, and what callers send against it: JSON Schema, mirrored
// arguments, URI templates, text in headers. Of an input the first line is a text, the rest JSON `[schema, value]`.

import FuzzSupport
import VestibuleProtocol

fuzz { input in
    let parts = input.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false)
    let line = String(decoding: parts.first ?? [], as: UTF8.self)
    demand(
        HeaderText.decode(HeaderText.encode(line))?.hasSameBytes(as: line) == true,
        "a text in a header is read back as another")
    demand(
        HeaderText.encode(line).utf8.allSatisfy { $0 >= 0x20 && $0 < 0x7F }, "a header's text holds more than ASCII")
    _ = HeaderText.decode(line)
    guard parts.count == 2, let pair = try? JSONParser().parse(Array(parts[1])).array, pair.count == 2 else { return }
    check(schema: pair[0], value: pair[1])
    if let template = pair[0].string, let uri = pair[1].string { check(template: template, uri: uri) }
}

func check(schema: JSONValue, value: JSONValue) {
    guard let compiled = try? JSONSchema(compiling: schema, foreignReferences: .allowAnything) else { return }
    let problem = compiled.problem(with: value)
    demand(problem == compiled.problem(with: value), "one value is judged in two ways")
    demand(problem?.contains("\n") != true, "a problem has more than one line")
    guard let object = schema.object, let arguments = value.object,
        let mirrored = try? ParameterHeaders(inputSchema: object)
    else { return }
    let fields = mirrored.fields(for: arguments)
    demand(fields.count <= ParameterHeaders.maximumCount, "more headers than there may be")
    for field in fields {
        demand(HeaderText.decode(field.value) != nil, "a header that was written cannot be read")
    }
}

func check(template text: String, uri: String) {
    guard let template = try? URITemplate(text), let values = template.match(uri) else { return }
    // A variable that stands twice in a query is written twice, and a query with a name twice is not matched.
    let mentions = text.split(separator: "{").dropFirst().map { $0.prefix { $0 != "}" }.split(separator: ",").count }
    guard mentions.reduce(0, +) == template.variableNames.count, let expanded = try? template.expand(values) else {
        return
    }
    demand(template.match(expanded) != nil, "what a template was expanded to, it does not match")
}
