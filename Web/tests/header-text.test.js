import assert from "node:assert/strict";
import { test } from "node:test";
import { headerText } from "../header-text.js";
import { mirroredHeaders, mirrorsOf } from "../parameter-headers.js";

// requirement: C-34
for (const [text, value] of [
    ["", ""], ["us-west1", "us-west1"], ["us west 1", "us west 1"], ["=?base64?", "=?base64?"],
    [" a", "=?base64?IGE=?="], ["a ", "=?base64?YSA=?="], ["\ta", "=?base64?CWE=?="], ["a\tb", "=?base64?YQli?="],
    ["line1\r\nline2", "=?base64?bGluZTENCmxpbmUy?="], ["Hello, 世界", "=?base64?SGVsbG8sIOS4lueVjA==?="],
    ["=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="], ["\u007f", "=?base64?fw==?="], ["😀", "=?base64?8J+YgA==?="],
]) {
    test(`the header of ${JSON.stringify(text)} is ${value}`, () => {
        assert.equal(headerText(text), value);
        const [, base64] = /^=\?base64\?(.*)\?=$/.exec(value) ?? [];
        assert.equal(base64 === undefined ? value : Buffer.from(base64, "base64").toString(), text);
    });
}

const object = (properties) => ({ type: "object", properties });
const marked = (type, name) => ({ type, "x-mcp-header": name });

// requirement: C-32, C-33
test("texts, whole numbers and truth values are mirrored, from any depth; nothing else is", () => {
    const mirrors = mirrorsOf(object({
        a: marked("string", "A"), b: object({ c: object({ d: marked("integer", "D") }) }), e: marked("boolean", "E"),
        plain: { type: "string" },
    }));
    assert.deepEqual(mirroredHeaders(mirrors, { a: "x", b: { c: { d: 42.0 } }, e: true, plain: "y" }),
        { "Mcp-Param-A": "x", "Mcp-Param-D": "42", "Mcp-Param-E": "true" });
    assert.deepEqual(mirroredHeaders(mirrors, { a: null, b: { c: null }, e: [] }), {});
    assert.deepEqual(mirroredHeaders(mirrors, { b: { c: { d: 1.5 } } }), {});
    assert.deepEqual(mirroredHeaders(mirrors, { b: { c: { d: 2 ** 60 } } }), { "Mcp-Param-D": "1152921504606846976" });
    for (const args of [undefined, null, "text", 7]) assert.deepEqual(mirroredHeaders(mirrors, args), {});
});

// requirement: C-35
for (const [name, schema, words] of [
    ["empty", object({ a: marked("string", "") }), /not the name of a header/],
    ["no text", object({ a: marked("string", 7) }), /not the name of a header/],
    ["a space", object({ a: marked("string", "A B") }), /not the name/],
    ["a colon", object({ a: marked("string", "A:") }), /not the name/],
    ["a control character", object({ a: marked("string", "A\n") }), /not the name/],
    ["beyond ASCII", object({ a: marked("string", "Ä") }), /not the name/],
    ["twice", object({ a: marked("string", "Same"), b: marked("string", "SAME") }), /twice/],
    ["a number", object({ a: marked("number", "A") }), /another type/],
    ["an object", object({ a: marked("object", "A") }), /another type/],
    ["no type", object({ a: { "x-mcp-header": "A" } }), /another type/],
    ["the root", { type: "object", "x-mcp-header": "A" }, /not reached by properties/],
    ["an item", object({ a: { type: "array", items: marked("string", "A") } }), /not reached/],
    ["an alternative", { type: "object", anyOf: [object({ a: marked("string", "A") })] }, /not reached/],
    ["a definition", { type: "object", $defs: { a: marked("string", "A") } }, /not reached/],
    ["below an item", object({ a: { type: "array", items: object({ b: marked("string", "A") }) } }), /not reached/],
]) {
    test(`x-mcp-header that is ${name} makes the tool invalid`, () => {
        assert.throws(() => mirrorsOf(schema), (error) => {
            assert.ok(error instanceof RangeError);
            assert.match(error.message, words);
            return true;
        });
    });
}

test("what looks like the annotation in a value is none", () => {
    const looks = { "x-mcp-header": "" };
    assert.deepEqual(mirrorsOf(object({ a: { type: "object", default: looks, enum: [looks], const: looks } })), []);
    assert.deepEqual(mirrorsOf(object({ "x-mcp-header": { type: "string" } })), []);
    for (const schema of [undefined, null, true, "text", { properties: [looks] }]) assert.deepEqual(mirrorsOf(schema), []);
});

test("a schema that is too deep is refused, not read for ever", () => {
    let schema = { type: "string" };
    for (let depth = 0; depth < 100; depth += 1) schema = object({ a: schema });
    assert.throws(() => mirrorsOf(schema), /too large/);
    const circle = object({});
    circle.properties.again = circle;
    assert.throws(() => mirrorsOf(circle), /too large/);
});
