import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { IndicatorElement } from "../devtools/indicator.js";
import { PanelElement } from "../devtools/panel.js";
import {
    answerWords, methodWords, outcome, recordSentence, redacted, searchText, tokenWords,
} from "../devtools/records.js";
import {
    ageWords, codeSentence, durationWords, occasionTag, occasionWords, remedySentence, shown, skewSentence,
    stateSentence,
} from "../devtools/words.js";
import { recordsOf, tokenFacts } from "../page/replay-record.js";
import { reasons } from "../reasons.js";
import { withoutTokens } from "../words.js";
import { sampleToken } from "./sample-tokens.js";

const request = {
    kind: "request", sequence: 3, httpMethod: "POST", method: "tools/call", tool: "echo",
    token: { keyID: "k1", age: 4, fingerprint: "1a2b3c4d" }, tokenSent: true, sessionSent: true, occasion: "first",
    attempt: 1, startedAt: 0, duration: 12.3, status: 200, reason: null, remedy: null, detail: null, failure: null,
    requestId: "r1",
};
const refused = { ...request, status: 401, reason: "key_retired", remedy: "refresh" };

test("the modules load where there is no browser", () => {
    assert.equal(typeof IndicatorElement, "function");
    assert.equal(typeof PanelElement, "function");
});

test("an exported record holds known members only, and no token in any text", () => {
    const token = sampleToken({ iat: 1, exp: 301 });
    const copy = redacted({
        ...refused, detail: `the token ${token} was signed`, failure: `Authorization: Bearer ${"x".repeat(40)}`,
        secret: token, token: { ...request.token, text: token },
    });
    const text = JSON.stringify(copy);
    assert.ok(!text.includes(token) && !text.includes("x".repeat(40)), text);
    assert.ok(!("secret" in copy));
    assert.deepEqual(copy.token, request.token);
    assert.equal(copy.detail, "the token (token) was signed");
});

test("words that are no token stay as they are", () => {
    const line = "bucket asks for \"payroll\"; see http://127.0.0.1:8080/mcp, accounts.some-company.example.com";
    assert.equal(withoutTokens(line), line);
});

test("what is invisible, or turns the line, is shown as its code", () => {
    assert.equal(shown("a\u202egpj.exe\n\u0000\u200b"), "a\\u{202e}gpj.exe\\u{a}\\u{0}\\u{200b}");
    assert.equal(shown("ü漢😀❤\ufe0f"), "ü漢😀❤\ufe0f");
    assert.equal(shown("a\u{e0041}\u00ad\u3164"), "a\\u{e0041}\\u{ad}\\u{3164}");
    assert.equal(shown("12345", 3), "123…");
});

for (const [record, expected] of [
    [request, "good"], [refused, "bad"], [{ ...request, reason: "argument_forbidden" }, "warn"],
    [{ ...request, status: null }, "none"], [{ ...request, status: null, failure: "broken" }, "bad"],
    [{ kind: "token", token: request.token, failure: null }, "good"],
    [{ kind: "token", token: null, failure: "no" }, "bad"], [{ kind: "note", text: "rotated" }, "none"],
]) {
    test(`a ${record.kind} of status ${record.status} ${record.reason ?? ""} is ${expected}`, () => {
        assert.equal(outcome(record), expected);
    });
}

test("a record as a sentence says method, tool, token, answer and time", () => {
    assert.equal(recordSentence(request), "tools/call echo, with token k1 · 4 s · 1a2b3c4d. Answer: 200, 12 ms");
    assert.equal(
        recordSentence({ ...request, method: "initialize", tool: null, token: null, tokenSent: false }),
        "initialize, without a token. Answer: 200, 12 ms");
    assert.equal(
        recordSentence({ kind: "token", token: request.token, shared: true, occasion: "start", failure: null }),
        "Token taken over from another tab, the first token: k1 · 4 s · 1a2b3c4d");
});

test("a request without a method or an answer has words, too", () => {
    assert.equal(methodWords({ kind: "request", httpMethod: "DELETE", method: "" }), "DELETE");
    assert.equal(answerWords({ kind: "request", status: null, failure: "offline" }), "no answer: offline");
    assert.equal(tokenWords({ kind: "request", token: null, tokenSent: false }), "no token");
});

test("records are found by method, tool, status, reason, kid and the lack of a token", () => {
    for (const word of ["tools/call", "echo", "401", "key_retired", "k1", "1a2b3c4d"]) {
        assert.ok(searchText(refused).includes(word), word);
    }
    assert.ok(searchText({ ...request, token: null, tokenSent: false }).includes("no token"));
});

test("every state, occasion, remedy and error code of the client has words", () => {
    const folder = new URL("../", import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith(".js"));
    const sources = files.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
    const union = (type) => {
        const [, names] = sources.match(new RegExp(`@typedef \\{([^}]*)\\}[\\s*]*${type}\\b`)) ?? [];
        const found = [...(names ?? "").matchAll(/"([A-Za-z_-]+)"/g)].map((match) => match[1]);
        assert.ok(found.length > 3, type);
        return found;
    };
    for (const state of union("ClientState")) assert.ok(stateSentence(state), state);
    for (const occasion of union("RequestOccasion")) {
        assert.notEqual(occasionWords(occasion), "", occasion);
        assert.ok(occasion === "first" || !occasionTag(occasion).includes("_"), occasion);
    }
    for (const occasion of union("TokenOccasion")) {
        assert.notEqual(occasionTag(occasion), occasion);
    }
    for (const code of union("ErrorCode")) assert.ok(codeSentence(code), code);
    for (const { remedy } of Object.values(reasons)) assert.ok(remedySentence(remedy).endsWith("."), remedy);
});

test("times are short", () => {
    const ages = [0.2, 59, 120, 26 * 3600, 90 * 86400, -3];
    assert.deepEqual(ages.map(ageWords), ["0 s", "59 s", "2 min", "26 h", "90 d", "−3 s"]);
    assert.deepEqual([0.42, 12.4, 1340].map(durationWords), ["0.4 ms", "12 ms", "1.3 s"]);
    assert.equal(ageWords(NaN) + durationWords(null), "");
});

test("a clock that differs is told with its side, one that agrees is not", () => {
    assert.match(skewSentence(600), /10 min behind the server's/);
    assert.match(skewSentence(-600), /10 min ahead of the server's/);
    assert.equal(skewSentence(1), "");
});

test("the replay shows the server's record, and the page's token fetches between", () => {
    const report = {
        requests: [
            { http_method: "POST", method: "initialize", token: false, status: 200 },
            {
                http_method: "POST", method: "tools/call", tool: "t", token: true, kid: "k", key_fingerprint: "bb",
                token_age: 1, status: 401, reason: "key_retired", event_before: "rotated",
            },
        ],
    };
    const fetched = { kind: "token", token: request.token, failure: null };
    const own = [{ ...request, duration: 5 }, fetched, { ...request, duration: 6 }];
    const records = recordsOf(report, ["aa", "bb"], own);
    assert.deepEqual(records.map((record) => record.kind), ["request", "token", "note", "request"]);
    assert.equal(records[3].token.keyID, "secret B · k");
    assert.equal(records[3].duration, 6);
    assert.deepEqual(recordsOf(report, ["aa", "bb"], []).map((record) => record.kind), ["request", "note", "request"]);
});

test("of a token only kid, age and fingerprint are taken", () => {
    const token = sampleToken({ iat: 1, exp: 301 });
    const facts = tokenFacts(token);
    assert.deepEqual(Object.keys(facts), ["keyID", "age", "fingerprint"]);
    assert.match(facts.fingerprint, /^[0-9a-f]{8}$/);
    assert.equal(tokenFacts("nonsense").keyID, null);
});
