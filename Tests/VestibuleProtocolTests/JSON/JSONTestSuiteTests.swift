import Testing
import VestibuleProtocol

/// The corpus of "Parsing JSON is a Minefield": `y_` must be accepted, `n_` refused, `i_` is ours to decide.
@Suite("JSON parsing test suite")
struct JSONTestSuiteTests {
    private static let folder = "vectors/json/test_parsing"
    private static let files = SharedFiles.names(in: folder).filter { $0.hasSuffix(".json") }

    enum Verdict: Sendable, Hashable {
        case accepted
        case refused(JSONError.Code)
    }

    /// What is decided where RFC 8259 leaves it open. The same table stands in the documentation.
    static let decisions: [String: Verdict] = [
        // Numbers keep their text, so none is too large or too exact; only their length is bounded.
        "i_number_double_huge_neg_exp.json": .accepted,
        "i_number_huge_exp.json": .refused(.numberTooLong),
        "i_number_neg_int_huge_exp.json": .accepted,
        "i_number_pos_double_huge_exp.json": .accepted,
        "i_number_real_neg_overflow.json": .accepted,
        "i_number_real_pos_overflow.json": .accepted,
        "i_number_real_underflow.json": .accepted,
        "i_number_too_big_neg_int.json": .accepted,
        "i_number_too_big_pos_int.json": .accepted,
        "i_number_very_big_negative_int.json": .accepted,
        // An escape must name a Unicode scalar: no lone or inverted surrogates.
        "i_object_key_lone_2nd_surrogate.json": .refused(.invalidUTF8),
        "i_string_1st_surrogate_but_2nd_missing.json": .refused(.invalidUTF8),
        "i_string_1st_valid_surrogate_2nd_invalid.json": .refused(.invalidUTF8),
        "i_string_incomplete_surrogate_and_escape_valid.json": .refused(.invalidUTF8),
        "i_string_incomplete_surrogate_pair.json": .refused(.invalidUTF8),
        "i_string_incomplete_surrogates_escape_valid.json": .refused(.invalidUTF8),
        "i_string_invalid_lonely_surrogate.json": .refused(.invalidUTF8),
        "i_string_invalid_surrogate.json": .refused(.invalidUTF8),
        "i_string_inverted_surrogates_U+1D11E.json": .refused(.invalidUTF8),
        "i_string_lone_second_surrogate.json": .refused(.invalidUTF8),
        // Text must be UTF-8, well formed.
        "i_string_UTF-8_invalid_sequence.json": .refused(.invalidUTF8),
        "i_string_UTF8_surrogate_U+D800.json": .refused(.invalidUTF8),
        "i_string_invalid_utf-8.json": .refused(.invalidUTF8),
        "i_string_iso_latin_1.json": .refused(.invalidUTF8),
        "i_string_lone_utf8_continuation_byte.json": .refused(.invalidUTF8),
        "i_string_not_in_unicode_range.json": .refused(.invalidUTF8),
        "i_string_overlong_sequence_2_bytes.json": .refused(.invalidUTF8),
        "i_string_overlong_sequence_6_bytes.json": .refused(.invalidUTF8),
        "i_string_overlong_sequence_6_bytes_null.json": .refused(.invalidUTF8),
        "i_string_truncated-utf-8.json": .refused(.invalidUTF8),
        // Other encodings and a byte order mark (RFC 8259 §8.1) are not JSON to begin with.
        "i_string_UTF-16LE_with_BOM.json": .refused(.syntax),
        "i_string_utf16BE_no_BOM.json": .refused(.syntax),
        "i_string_utf16LE_no_BOM.json": .refused(.syntax),
        "i_structure_UTF-8_BOM_empty_object.json": .refused(.syntax),
        // Depth is bounded to 128.
        "i_structure_500_nested_arrays.json": .refused(.tooDeep),
    ]

    @Test("the corpus is there", .enabled(if: SharedFiles.exists(folder)))
    func corpus() {
        #expect(Self.files.count > 300)
        #expect(Set(Self.files.filter { $0.hasPrefix("i_") }) == Set(Self.decisions.keys))
    }

    @Test("every file gets its verdict", .enabled(if: SharedFiles.exists(folder)), arguments: files)
    func verdict(_ file: String) throws {
        let bytes = try SharedFiles.bytes("\(Self.folder)/\(file)")
        let result = Result { () throws(JSONError) in try JSONParser().parse(bytes) }
        switch (file.prefix(2), result) {
        case ("y_", .success), ("n_", .failure): break
        case ("i_", .success): #expect(Self.decisions[file] == .accepted)
        case ("i_", .failure(let error)): #expect(Self.decisions[file] == .refused(error.code), "\(error)")
        default: Issue.record("\(result)")
        }
        if case .failure(let error) = result { #expect((0...bytes.count).contains(error.offset)) }
    }

    @Test("what is accepted survives the way through text", .enabled(if: SharedFiles.exists(folder)), arguments: files)
    func roundTrip(_ file: String) throws {
        guard let value = try? JSONParser().parse(SharedFiles.bytes("\(Self.folder)/\(file)")) else { return }
        #expect(try JSONParser().parse(value.serialized) == value)
    }

    @Test("the scan and the tree parser give one verdict", .enabled(if: SharedFiles.exists(folder)), arguments: files)
    func scanAgrees(_ file: String) throws {
        let bytes = try SharedFiles.bytes("\(Self.folder)/\(file)")
        #expect(Agreement.problem(bytes) == nil)
    }
}
