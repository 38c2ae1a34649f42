import Testing
import VestibuleProtocol

@testable import VestibuleServer

@Suite("Arguments against a schema")
struct SchemaValidatorTests {
    private static let schema = """
        {"type":"object","additionalProperties":false,"required":["bucket"],"properties":{
          "bucket":{"type":"string","minLength":1,"maxLength":4},"count":{"type":"integer","minimum":1,"maximum":10},
          "ratio":{"type":"number","minimum":0.5},"mode":{"enum":["a",1,null]},"fixed":{"const":true},
          "items":{"type":"array","minItems":1,"maxItems":2,"items":{"type":"object","required":["key"],
            "properties":{"key":{"type":"string"}},"additionalProperties":{"type":"boolean"}}},
          "maybe":{"type":["string","null"]},"any":{"anyOf":[{"type":"string"},{"type":"integer"}]},
          "one":{"oneOf":[{"type":"integer"},{"type":"number","minimum":5}]}}}
        """

    @Test(
        "what fits, fits",
        arguments: [
            #"{"bucket":"b"}"#, #"{"bucket":"éééé"}"#, #"{"bucket":"b","count":10}"#, #"{"bucket":"b","count":1.0}"#,
            #"{"bucket":"b","ratio":0.5}"#, #"{"bucket":"b","ratio":7}"#, #"{"bucket":"b","mode":1.0}"#,
            #"{"bucket":"b","mode":null}"#, #"{"bucket":"b","fixed":true}"#,
            #"{"bucket":"b","items":[{"key":"k","x":true}]}"#, #"{"bucket":"b","maybe":null}"#,
            #"{"bucket":"b","any":"x"}"#, #"{"bucket":"b","any":3}"#, #"{"bucket":"b","one":4}"#,
            #"{"bucket":"b","one":5.5}"#,
        ])
    func fits(_ arguments: String) throws {
        #expect(try problem(arguments) == nil)
    }

    @Test(
        "what does not is named",
        arguments: [
            ("{}", "argument bucket is required"),
            (#"{"bucket":1}"#, "argument bucket has to be of type string, not number"),
            (#"{"bucket":""}"#, "argument bucket needs at least 1 characters, and has 0"),
            (#"{"bucket":"abcde"}"#, "argument bucket may have at most 4 characters, and has 5"),
            (#"{"bucket":"b","count":0}"#, "argument count has to be at least 1"),
            (#"{"bucket":"b","count":11}"#, "argument count has to be at most 10"),
            (#"{"bucket":"b","count":1e400}"#, "argument count has to be of type integer, not number"),
            (#"{"bucket":"b","count":99999999999999999999}"#, "argument count has to be at most 10"),
            (#"{"bucket":"b","count":-99999999999999999999}"#, "argument count has to be at least 1"),
            (#"{"bucket":"b","count":1.5}"#, "argument count has to be of type integer, not number"),
            (#"{"bucket":"b","count":"1"}"#, "argument count has to be of type integer, not string"),
            (#"{"bucket":"b","ratio":-1e999}"#, "argument ratio has to be at least 0.5"),
            (#"{"bucket":"b","mode":"b"}"#, #"argument mode has to be one of "a", 1, null"#),
            (#"{"bucket":"b","fixed":false}"#, "argument fixed has to be true"),
            (#"{"bucket":"b","items":[]}"#, "argument items needs at least 1 elements, and has 0"),
            (#"{"bucket":"b","items":[{"key":"k"},{}]}"#, "argument items[1].key is required"),
            (
                #"{"bucket":"b","items":[{"key":"k","x":1}]}"#,
                "argument items[0].x has to be of type boolean, not number"
            ),
            (#"{"bucket":"b","any":true}"#, "argument any has to be of type string, not boolean"),
            (#"{"bucket":"b","one":6}"#, "argument one has to fit exactly one of its forms, and fits 2"),
            (
                #"{"bucket":"b","buckte":1}"#,
                "argument buckte is not known; known are: bucket, count, ratio, mode, fixed, items, maybe, any, one"
            ),
        ])
    func doesNotFit(_ arguments: String, _ line: String) throws {
        #expect(try problem(arguments) == line)
    }

    private func problem(_ arguments: String) throws -> String? {
        let schema = try #require(try JSONValue(parsing: Self.schema).object)
        return SchemaValidator.problem(with: try #require(try JSONValue(parsing: arguments).object), schema: schema)
    }
}
