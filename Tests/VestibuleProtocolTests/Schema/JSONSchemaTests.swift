import Testing
import VestibuleProtocol

/// requirement: E-12
@Suite("JSON Schema")
struct JSONSchemaTests {
    @Test(
        "each keyword, by what it allows and by what it says of the rest",
        arguments: [
            (#"true"#, "1", nil), (#"false"#, "1", "the value is not allowed"), (#"{}"#, "null", nil),
            (#"{"type":"integer"}"#, "1.0", nil), (#"{"type":"integer"}"#, "1e400", nil),
            (#"{"type":"integer"}"#, "1.5", "the value has to be of type integer, not number"),
            (#"{"type":["null","array"]}"#, "{}", "the value has to be of type null or array, not object"),
            (#"{"enum":[{"a":1,"b":[2]}]}"#, #"{"b":[2.0],"a":1e0}"#, nil),
            (#"{"enum":["a",1,null]}"#, #""b""#, #"the value has to be one of "a", 1, null"#),
            (#"{"const":0.1}"#, "0.10", nil), (#"{"const":1}"#, "true", "the value has to be 1"),
            (#"{"const":"é"}"#, #""e\u0301""#, #"the value has to be "é""#),
            (#"{"minimum":0.1}"#, "0.1", nil), (#"{"minimum":2}"#, "1", "the value has to be at least 2"),
            (#"{"maximum":99999999999999999999}"#, "99999999999999999998", nil),
            (#"{"maximum":1}"#, "1e400", "the value has to be at most 1"),
            (#"{"exclusiveMinimum":1}"#, "1.0", "the value has to be more than 1"),
            (#"{"exclusiveMaximum":1}"#, "1", "the value has to be less than 1"),
            (#"{"multipleOf":0.0001}"#, "0.0075", nil), (#"{"multipleOf":0.01}"#, "4.35", nil),
            (#"{"multipleOf":3}"#, "10", "the value has to be a multiple of 3"),
            (#"{"multipleOf":1e-8}"#, "12391239123", nil), (#"{"multipleOf":2}"#, "1e308", nil),
            (#"{"minLength":2}"#, #""😀""#, "the value needs at least 2 characters, and has 1"),
            (#"{"maxLength":1}"#, #""😀""#, nil),
            (#"{"pattern":"^a+$"}"#, #""aab""#, "the value has to match the pattern ^a+$"),
            (#"{"minItems":1}"#, "[]", "the value needs at least 1 elements, and has 0"),
            (#"{"maxItems":1}"#, "[1,2]", "the value may have at most 1 elements, and has 2"),
            (#"{"uniqueItems":true}"#, "[1,true,\"1\",[1],{\"a\":1}]", nil),
            (#"{"uniqueItems":true}"#, "[1,2,1.0]", "the value may not have an element twice, as [0] and [2] are"),
            (
                #"{"uniqueItems":true}"#, #"[{"a":1,"b":2},{"b":2,"a":1}]"#,
                "the value may not have an element twice, as [0] and [1] are"
            ),
            (#"{"prefixItems":[{"type":"string"}],"items":{"type":"null"}}"#, #"["a",null]"#, nil),
            (#"{"prefixItems":[{"type":"string"}],"items":false}"#, #"["a",1]"#, "[1] is not allowed"),
            (#"{"contains":{"const":1}}"#, "[2]", "the value needs at least 1 elements of a certain form, and has 0"),
            (#"{"contains":{"const":1},"minContains":0}"#, "[]", nil),
            (
                #"{"contains":{"const":1},"maxContains":1}"#, "[1,1]",
                "the value may have at most 1 elements of a certain form, and has 2"
            ),
            (#"{"minProperties":1}"#, "{}", "the value needs at least 1 members, and has 0"),
            (#"{"maxProperties":0}"#, #"{"a":1}"#, "the value may have at most 0 members, and has 1"),
            (#"{"required":["a"]}"#, "{}", "a is required"),
            (#"{"patternProperties":{"^x":{"type":"null"}}}"#, #"{"x1":1}"#, "x1 has to be of type null, not number"),
            (
                #"{"properties":{"a":{}},"patternProperties":{"^x":{}},"additionalProperties":false}"#, #"{"b":1}"#,
                "b is not known; known are: a"
            ),
            (
                #"{"propertyNames":{"maxLength":1}}"#, #"{"ab":1}"#,
                "ab has a name that may have at most 1 characters, and has 2"
            ),
            (#"{"dependentRequired":{"a":["b"]}}"#, #"{"a":1}"#, "b is required where a is given"),
            (#"{"dependentSchemas":{"a":{"required":["c"]}}}"#, #"{"a":1}"#, "c is required"),
            (#"{"allOf":[{"type":"number"},{"minimum":2}]}"#, "1", "the value has to be at least 2"),
            (#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "1", "the value has to be of type string, not number"),
            (
                #"{"oneOf":[{"type":"integer"},{"minimum":2}]}"#, "3",
                "the value has to fit exactly one of its forms, and fits 2"
            ),
            (#"{"not":{"type":"null"}}"#, "null", "the value is what its schema rules out"),
            (
                #"{"if":{"type":"string"},"then":{"minLength":1},"else":{"type":"null"}}"#, #""""#,
                "the value needs at least 1 characters, and has 0"
            ),
            (
                #"{"if":{"type":"string"},"then":{"minLength":1},"else":{"type":"null"}}"#, "1",
                "the value has to be of type null, not number"
            ),
            (#"{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}"#, #"{"a":1}"#, nil),
            (
                #"{"allOf":[{"properties":{"a":true}}],"unevaluatedProperties":false}"#, #"{"a":1,"b":2}"#,
                "b is not known"
            ),
            (#"{"anyOf":[{"prefixItems":[true]},{"prefixItems":[true,true]}],"unevaluatedItems":false}"#, "[1,2]", nil),
            (#"{"anyOf":[{"prefixItems":[true]}],"unevaluatedItems":false}"#, "[1,2]", "[1] is not allowed"),
            (#"{"format":"email"}"#, #""not one""#, nil), (#"{"contentEncoding":"base64"}"#, #""!""#, nil),
            (#"{"unknown":{"type":"nonsense"}}"#, "1", nil),
        ] as [(String, String, String?)])
    func keyword(_ schema: String, _ value: String, _ line: String?) throws {
        let schema = try JSONSchema(compiling: try JSONValue(parsing: schema))
        #expect(schema.problem(with: try JSONValue(parsing: value)) == line)
    }

    @Test(
        "references lead to places of the schema itself",
        arguments: [
            (##"{"$defs":{"a":{"type":"null"}},"$ref":"#/$defs/a"}"##, false),
            (##"{"$defs":{"a/b~c":{"type":"null"}},"$ref":"#/$defs/a~1b~0c"}"##, false),
            (##"{"$defs":{"é %":{"type":"null"}},"$ref":"#/$defs/%C3%A9%20%25"}"##, false),
            (##"{"$defs":{"a":{"$anchor":"here","type":"null"}},"$ref":"#here"}"##, false),
            (##"{"$id":"https://x.test/root","$defs":{"a":{"$id":"sub/a","type":"null"}},"$ref":"/sub/a"}"##, false),
            (##"{"$id":"urn:x:y","$defs":{"a":{"type":"null"}},"$ref":"urn:x:y#/$defs/a"}"##, false),
            (##"{"$defs":{"a":{"$id":"b/","$defs":{"c":{"$id":"../c","type":"null"}}}},"$ref":"c"}"##, false),
            // Beside a reference, everything else counts too.
            (##"{"$defs":{"a":true},"$ref":"#/$defs/a","type":"null"}"##, false),
            (
                ##"{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":true},"allOf":[{"$ref":"#/definitions/a","type":"null"}]}"##,
                true
            ),
            (
                ##"{"$schema":"http://json-schema.org/draft-07/schema#","definitions":{"a":{"$id":"#n","type":"null"}},"allOf":[{"$ref":"#n"}]}"##,
                false
            ),
        ])
    func references(_ schema: String, _ fits: Bool) throws {
        let schema = try JSONSchema(compiling: try JSONValue(parsing: schema))
        #expect((schema.problem(with: 1) == nil) == fits)
        #expect(schema.problem(with: nil) == nil)
    }

    @Test("a schema may refer to itself")
    func recursion() throws {
        let schema = try JSONSchema(
            compiling: [
                "type": "object", "properties": ["value": ["type": "integer"], "next": ["$ref": "#"]],
                "additionalProperties": false,
            ])
        #expect(schema.problem(with: ["value": 1, "next": ["value": 2, "next": [:]]] as JSONValue) == nil)
        #expect(
            schema.problem(with: ["next": ["next": ["value": "x"]]] as JSONValue)
                == "next.next.value has to be of type integer, not string")
    }

    @Test("a dynamic reference leads to the outermost anchor of its name")
    func dynamicReference() throws {
        let tree: JSONValue = [
            "$id": "https://x.test/strict", "$dynamicAnchor": "node", "$ref": "tree", "unevaluatedProperties": false,
            "$defs": [
                "tree": [
                    "$id": "tree", "$dynamicAnchor": "node", "type": "object",
                    "properties": ["data": true, "children": ["type": "array", "items": ["$dynamicRef": "#node"]]],
                ]
            ],
        ]
        let schema = try JSONSchema(compiling: tree)
        #expect(schema.problem(with: ["children": [["data": 1]]] as JSONValue) == nil)
        #expect(schema.problem(with: ["children": [["daat": 1]]] as JSONValue) == "children[0].daat is not known")
    }

    @Test("draft-07 where the schema says so: arrays of items, dependencies, and nothing of 2020-12")
    func draft07() throws {
        func problem(_ schema: String, _ value: String) throws -> String? {
            let text = #"{"$schema":"http://json-schema.org/draft-07/schema#",\#(schema)}"#
            return try JSONSchema(compiling: JSONValue(parsing: text)).problem(with: JSONValue(parsing: value))
        }
        #expect(try problem(#""items":[{"type":"null"}],"additionalItems":false"#, "[null,1]") == "[1] is not allowed")
        #expect(try problem(#""items":[{"type":"null"}]"#, "[1]") == "[0] has to be of type null, not number")
        #expect(try problem(#""dependencies":{"a":["b"]}"#, #"{"a":1}"#) == "b is required where a is given")
        #expect(try problem(#""dependencies":{"a":{"required":["b"]}}"#, #"{"a":1}"#) == "b is required")
        #expect(try problem(#""prefixItems":[false]"#, "[1]") == nil)
        #expect(try problem(#""unevaluatedItems":false"#, "[1]") == nil)
    }

    /// requirement: E-13
    @Test(
        "a schema that cannot be used is refused with its place",
        arguments: [
            (#"5"#, "the schema's # has to be an object or a boolean, not number"),
            (#"{"type":"text"}"#, "the schema's #/type has to be one or more of"),
            (#"{"properties":{"a":{"minLength":-1}}}"#, "#/properties/a/minLength has to be an integer that is not"),
            (#"{"required":[1]}"#, "#/required has to be an array of strings"),
            (#"{"multipleOf":0}"#, "#/multipleOf has to be more than 0"),
            (#"{"pattern":"("}"#, "#/pattern is not a pattern that can be used: there is a ( without its )"),
            (#"{"items":[true]}"#, "#/items has to be an object or a boolean, not array"),
            (##"{"$ref":"#/$defs/a"}"##, "#/$ref refers to a place that the schema does not have"),
            (##"{"$ref":"#a"}"##, "#/$ref names an anchor that the schema does not have"),
            (#"{"properties":{"a":{"$ref":"https://x.test/s"}}}"#, "#/properties/a/$ref leads out of the schema, and"),
            (#"{"$ref":"other.json"}"#, "leads out of the schema"),
            (#"{"$schema":"http://json-schema.org/draft-04/schema#"}"#, "#/$schema names a dialect that is not"),
            (#"{"$schema":5}"#, "#/$schema names a dialect that is not"),
            (#"{"$defs":{"a":{"$id":"x"},"b":{"$id":"x"}}}"#, "has an $id that another part has already"),
        ])
    func refused(_ schema: String, _ reason: String) throws {
        let json = try JSONValue(parsing: schema)
        let error = #expect(throws: JSONSchemaError.self) { try JSONSchema(compiling: json) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "")")
    }

    /// requirement: E-13
    @Test("a reference that leads out of somebody else's schema is not followed, and allows anything")
    func foreignReference() throws {
        let json: JSONValue = ["properties": ["a": ["$ref": "https://x.test/s"], "b": ["type": "null"]]]
        let schema = try JSONSchema(compiling: json, foreignReferences: .allowAnything)
        #expect(schema.problem(with: ["a": 1, "b": nil] as JSONValue) == nil)
        #expect(schema.problem(with: ["a": 1, "b": 1] as JSONValue) == "b has to be of type null, not number")
    }

    /// requirement: E-13
    @Test("depth, size and steps are bounded, and what is beyond does not fit")
    func bounds() throws {
        let loop = try JSONSchema(compiling: ["$ref": "#"])
        #expect(loop.problem(with: 1) == "the value is nested too deep for its schema: over 128 levels")
        // Nor does it fit what must not fit.
        let not = try JSONSchema(compiling: ["not": ["$ref": "#/not"]])
        #expect(not.problem(with: 1)?.contains("nested too deep") == true)

        var deep: JSONValue = true
        for _ in 0..<200 { deep = ["items": deep] }
        #expect(throws: JSONSchemaError.self) { try JSONSchema(compiling: deep) }
        let wide = JSONObject((0...JSONSchema.maximumSize).map { ("p\($0)", [:] as JSONValue) })
        let error = #expect(throws: JSONSchemaError.self) { try JSONSchema(compiling: ["properties": .object(wide)]) }
        #expect(error?.description.contains("one subschema too many: over 10000") == true)

        // Two branches on each of 128 levels would be two to the 127th.
        let branching = try JSONSchema(
            compiling: ["items": ["anyOf": [["allOf": [["$ref": "#"], false]], ["allOf": [["$ref": "#"], false]]]]])
        var nested: JSONValue = []
        for _ in 0..<30 { nested = [nested] }
        #expect(branching.problem(with: nested)?.contains("too large to be checked") == true)
    }

    /// requirement: E-13
    @Test("comparisons, verdicts and lookups are counted by what they take; small ones hardly")
    func costs() throws {
        let list = JSONValue.array((0..<2_000).map { .integer($0) })
        let choices = JSONValue.array((0..<1_000).map { .array([.integer($0)]) })
        let large = try JSONSchema(compiling: ["items": ["enum": choices]])
        #expect(large.problem(with: .array([list, list]))?.contains("too large to be checked") == true)
        let numbers = try JSONSchema(compiling: ["items": ["enum": list]])
        #expect(numbers.problem(with: list) == nil)

        let verdicts = try JSONSchema(compiling: ["items": ["allOf": .array(Array(repeating: true, count: 2_000))]])
        #expect(verdicts.problem(with: list)?.contains("too large to be checked") == true)
    }

    @Test("only what the schema is asked about is called by its name")
    func wording() throws {
        let schema = try JSONSchema(compiling: ["required": ["a"], "minProperties": 2])
        #expect(schema.problem(with: [:] as JSONObject) == "argument a is required")
        #expect(schema.problem(with: ["a": 1] as JSONObject) == "the arguments needs at least 2 members, and has 1")
        #expect(
            schema.problem(with: [:] as JSONValue, calling: .structuredContent) == "structuredContent a is required")
    }
}
