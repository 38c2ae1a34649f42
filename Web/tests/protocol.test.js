import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { AccessToken } from "../access-token.js";
import { decodeBase64URL, encodeBase64URL } from "../base64url.js";
import { parseBearerChallenges } from "../bearer-challenge.js";
import { parseHTTPDate } from "../http-date.js";
import { ServerSentEventParser } from "../server-sent-events.js";
import { sha256 } from "../sha256.js";
import { firstLine, inWords, onOneLine } from "../words.js";
import { sampleToken } from "./sample-tokens.js";

const bytes = (text) => new TextEncoder().encode(text);

function events(text, size = Infinity, limits = {}) {
    const parser = new ServerSentEventParser(limits);
    const all = bytes(text);
    const found = [];
    for (let start = 0; start < all.length; start += size) found.push(...parser.push(all.slice(start, start + size)));
    return found.map(({ event, data }) => `${event}:${data}`);
}

// requirement: C-04
for (const [stream, expected] of [
    ["data: a\n\n", ["message:a"]], ["data: a\r\n\r\n", ["message:a"]], ["data: a\r\r", ["message:a"]],
    ["data: a\r\ndata: b\n\r", ["message:a\nb"]], ["data:a\ndata:  b\n\n", ["message:a\n b"]],
    ["event: x\ndata: a\n\ndata: b\n\n", ["x:a", "message:b"]], ["\ufeffdata: a\n\n", ["message:a"]],
    [": comment\n\n", []], ["event: x\n\n", []], ["data\n\n", ["message:"]], ["data: cut off", []],
    ["data: cut off\n", []],
    ["unknown: x\ndata: ü€😀\n\n", ["message:ü€😀"]], ["data:\n\n", ["message:"]],
    ["id: 1\nretry: 5\ndata: a\n\n", ["message:a"]],
]) {
    // requirement: C-04
    test(`events of ${JSON.stringify(stream)}, however it is cut`, () => {
        for (const size of [Infinity, 1, 2, 3, 5]) assert.deepEqual(events(stream, size), expected, `by ${size}`);
    });
}

// requirement: C-16, C-17
test("an event's id and retry are kept, also of an event without data; those of the wrong form are not", () => {
    const parser = new ServerSentEventParser();
    const [event] = parser.push(bytes("id: 7\nretry: 1500\ndata: a\n\nid: 8\nretry: x\n\nid: n\0l\nretry:\n\n"));
    assert.deepEqual([event.id, event.retry], ["7", 1500]);
    assert.deepEqual([parser.lastEventID, parser.reconnectionTime], ["8", 1500]);
});

test("what is not UTF-8 is read as U+FFFD", () => {
    const parser = new ServerSentEventParser();
    const [event] = parser.push(new Uint8Array([...bytes("data: a"), 0xff, ...bytes("b\n\n")]));
    assert.equal(event.data, "a\ufffdb");
});

test("a line and an event of the bound are read; one byte more is an error, and ever after", () => {
    const limits = { maximumLineLength: 10, maximumEventSize: 7 };
    assert.deepEqual(events("data:1234\n\n", 3, limits), ["message:1234"]);
    assert.deepEqual(events("data:123\ndata:456\n\n", 3, limits), ["message:123\n456"]);
    for (const stream of ["data:123456\n\n", "data:123\ndata:4567\n\n"]) {
        const parser = new ServerSentEventParser(limits);
        assert.throws(() => parser.push(bytes(stream)), RangeError);
        assert.throws(() => parser.push(bytes("\n")), RangeError);
    }
});

for (const [field, expected] of [
    ["Bearer", [[null, null, []]]], ["bearer", [[null, null, []]]], ["", []], ["Basic realm=\"x\"", []], [null, []],
    ['Bearer error="invalid_token", error_description="it is \\"old\\""', [["invalid_token", 'it is "old"', []]]],
    ["Bearer error=invalid_token error_description=old", [["invalid_token", "old", []]]],
    ['Basic abc==, Bearer error="x", scope="a  b"', [["x", null, ["a", "b"]]]],
    ['Bearer ERROR="first", error="second"', [["first", null, []]]],
    ['Bearer error="half', [[null, null, []]]], ['Bearer error = "x" , scope="s"', [["x", null, ["s"]]]],
    ['Bearer error_description="a\u0007b"', [[null, "a b", []]]],
    ['Bearer scope="a", Bearer scope="b"', [[null, null, ["a"]], [null, null, ["b"]]]],
    ["=====,,,;;;", []], [`Bearer error="${"x".repeat(20_000)}"`, []],
]) {
    // requirement: F-40
    test(`the challenges of ${String(field).slice(0, 60)}`, () => {
        const found = parseBearerChallenges(field);
        assert.deepEqual(found.map(({ error, errorDescription, scope }) => [error, errorDescription, scope]), expected);
    });
}

// requirement: F-40
test("a challenge says where the protected resource's metadata lies", () => {
    const [challenge] = parseBearerChallenges('Bearer resource_metadata="https://h/.well-known/x"');
    assert.equal(challenge.resourceMetadata, "https://h/.well-known/x");
});

test("an HTTP date is read in its one form", () => {
    assert.equal(parseHTTPDate("Sun, 06 Nov 1994 08:49:37 GMT"), 784111777);
    for (const text of [null, "", "now", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT"]) {
        assert.equal(parseHTTPDate(text), null, String(text));
    }
});

test("SHA-256 is that of everybody else", () => {
    for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 1000, 100_000]) {
        const text = "é".repeat(length);
        assert.equal(sha256(text), createHash("sha256").update(text).digest("hex"), String(length));
    }
});

test("base64url is decoded strictly, and encoded again to the same", () => {
    for (let length = 0; length < 20; length += 1) {
        const content = Uint8Array.from({ length }, (_, index) => index * 37);
        assert.deepEqual(decodeBase64URL(encodeBase64URL(content)), content);
        assert.equal(encodeBase64URL(content), Buffer.from(content).toString("base64url"));
    }
    for (const text of ["A", "AB==", "A B", "AA+A", "AA/A", "AB", "AAB", "ü"]) {
        assert.equal(decodeBase64URL(text), null, text);
    }
});

test("a token says of itself what its header and claims say", () => {
    const text = sampleToken({ kid: "k", iat: 5, exp: 6, nbf: 4 });
    const token = new AccessToken({ text: ` ${text}\n` }, 9);
    const { keyID, issuedAt, expiration, notBefore, isOpaque, fingerprint } = token;
    assert.deepEqual({ keyID, issuedAt, expiration, notBefore, isOpaque },
        { keyID: "k", issuedAt: 5, expiration: 6, notBefore: 4, isOpaque: false });
    assert.equal(fingerprint, sha256(text).slice(0, 8));
});

const part = (value) => encodeBase64URL(bytes(value));
for (const [text, words] of [
    ["", /nothing came/], [" \n", /nothing came/], ["undefined", /"undefined"/], ["NULL", /"null"/],
    ["[object Object]", /"\[object object\]"/], ["Bearer x.y.z", /"Bearer" came/], ["bearer", /"Bearer" came/],
    ["Authorization: x", /whole Authorization header/], ['{"a":1}', /JSON came/], ['"x.y.z"', /quotation marks/],
    ["<html>", /HTML or XML/], ["a b", /more than one word/], ["abc", /this has 1/], ["a.b.c.d", /this has 4/],
    [`${part("{}")}.${part("[]")}.`, /payload is JSON, but not an object/],
    [`${part("{")}.${part("{}")}.`, /header is not acc/],
    [`${part("{}")}.A.`, /payload is not base64url/], [`${part("{}")}.${part("{}")}.A`, /signature is not base64url/],
    [`${"a".repeat(20_000)}.b.c`, /20004 bytes/],
]) {
    test(`"${text.slice(0, 30)}" is no token: ${words}`, () => {
        assert.throws(() => new AccessToken({ text }, 0), (error) => {
            assert.equal(error.code, "tokenSource");
            assert.equal(error.reason, "token_malformed");
            assert.match(error.message, words);
            return true;
        });
    });
}

test("a token that is no JWT is one only with its lifetime", () => {
    assert.equal(new AccessToken({ text: "2YotnFZFEjr1zCsicMWpAA", expiresIn: 60 }, 0).isOpaque, true);
    assert.throws(() => new AccessToken({ text: "2YotnFZFEjr1zCsicMWpAA" }, 0));
    assert.throws(() => new AccessToken({ text: "with,comma", expiresIn: 60 }, 0));
});

test("foreign words become one line that forges nothing", () => {
    assert.equal(onOneLine("a\nb\u001b[31m\u202ec"), "a b [31m c");
    assert.equal(onOneLine("x".repeat(2000)).length, 1001);
    assert.equal(onOneLine("😀😀😀", 2), "😀😀…");
    assert.equal(firstLine("\n\nfirst\nsecond"), "first");
    assert.equal(firstLine("y".repeat(400)).length, 300);
});

test("numbers of seconds have words", () => {
    for (const [seconds, words] of [[7, "7 s"], [119, "119 s"], [720, "12 min"], [10800, "3 h"], [7776000, "90 d"],
        [-30, "-30 s"], [NaN, "a very long time"], [Infinity, "a very long time"], [1e300, "a very long time"]]) {
        assert.equal(inWords(seconds), words);
    }
});
