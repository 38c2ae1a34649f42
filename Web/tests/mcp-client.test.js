import assert from "node:assert/strict";
import { inspect } from "node:util";
import { test } from "node:test";
import { reasons } from "../reasons.js";
import { FakeClock, Latch } from "./fake-clock.js";
import { freshToken, keyIDOf, sampleToken } from "./sample-tokens.js";
import { bench, failure, scriptedSource, settled, until } from "./support.js";

const isRequest = ({ kind }) => kind === "request";
const requestsOf = (client) => client.records.filter(isRequest);

// requirement, C-01, C-02, C-10, C-11, C-13
test("the handshake carries no token, every operation does, and headers are what the server negotiated", async () => {
    const clock = new FakeClock();
    const token = freshToken(clock);
    const { client, server } = bench(() => token, { clock });
    assert.equal(client.isInitialized, false);
    assert.equal((await client.connect()).serverInfo.name, "scripted");
    assert.equal(client.isInitialized, true);
    assert.deepEqual((await client.callTool("echo", { a: 1 })).structuredContent, { a: 1 });
    await client.listTools();
    await client.ping();
    await client.close();
    assert.deepEqual(server.methods,
        ["initialize", "notifications/initialized", "tools/call", "tools/list", "ping", "DELETE"]);
    assert.deepEqual(server.received.map((one) => one.token), [null, null, token, token, null, token]);
    const [first, ...rest] = server.received;
    assert.equal(first.sessionID, null);
    assert.equal(first.headers.get("MCP-Protocol-Version"), null);
    for (const received of rest) {
        assert.equal(received.sessionID, "session-1");
        assert.equal(received.headers.get("MCP-Protocol-Version"), "2025-11-25");
    }
    for (const received of server.received) {
        assert.equal(received.headers.get("Accept"), "application/json, text/event-stream");
        assert.equal(received.credentials, "omit");
        assert.equal(received.redirect, "manual");
    }
});

test("getToken is never called for a withheld handshake", async () => {
    const source = scriptedSource("undefined");
    const { client } = bench(source);
    await client.initialize();
    await client.ping();
    assert.equal(source.questions.length, 0);
});

test("a call opens the session by itself, once for a hundred callers", async () => {
    const clock = new FakeClock();
    const source = scriptedSource(freshToken(clock));
    const { client, server } = bench(source, { clock });
    await Promise.all(Array.from({ length: 100 }, () => client.callTool("echo")));
    assert.equal(server.methods.filter((method) => method === "initialize").length, 1);
    assert.equal(server.calls.length, 100);
    assert.equal(source.questions.length, 1);
});

// requirement: C-03, F-66, H-02
test("with `handshakeToken: sent` the handshake carries a fresh token", async () => {
    const clock = new FakeClock();
    const token = freshToken(clock);
    const { client, server } = bench(() => token, { clock, handshakeToken: "sent" });
    await client.connect();
    assert.deepEqual(server.received.map((one) => one.token), [token, token]);
});

test("an anonymous client that is challenged says that it has no token source", async () => {
    const { client } = bench(undefined);
    const error = await failure(client.callTool("echo"));
    assert.equal(error.code, "unauthorized");
    assert.equal(error.reason, "token_missing");
    assert.equal(error.remedy, "sign_in");
    assert.match(error.message, /no token source/);
});

// requirement: F-40, H-07
test("a token that is refused is replaced once, and the source is told why and instead of which", async () => {
    const clock = new FakeClock();
    const [old, fresh] = [freshToken(clock, "old"), freshToken(clock, "new")];
    const source = scriptedSource(old, fresh);
    const { client, server } = bench(source, { clock });
    const retired = { reason: "key_retired", detail: "retired at 14:02" };
    server.judgeTokens((token) => (keyIDOf(token) === "old" ? retired : null));
    await client.callTool("echo");
    assert.deepEqual(server.calls.map((call) => call.token), [old, fresh]);
    const { occasion, reason, insteadOf } = source.questions.at(-1);
    assert.deepEqual({ occasion, reason }, { occasion: "refusal", reason: "key_retired" });
    const [refused, taken] = requestsOf(client).slice(-2);
    assert.equal(insteadOf.slice(0, 8), refused.token.fingerprint);
    assert.deepEqual([refused.reason, refused.remedy, refused.detail, refused.occasion],
        ["key_retired", "refresh", "retired at 14:02", "first"]);
    assert.deepEqual([taken.reason, taken.occasion, taken.attempt], [null, "retry_after_refresh", 2]);
});

for (const reason of ["key_retired", "token_expired", "signature_invalid", "audience_mismatch"]) {
    test(`the second 401 (${reason}) ends in an error with the server's reason`, async () => {
        const clock = new FakeClock();
        const source = scriptedSource(freshToken(clock, "a"), freshToken(clock, "b"), freshToken(clock, "c"));
        const { client, server } = bench(source, { clock });
        server.judgeTokens(() => ({ reason, detail: "never" }));
        const error = await failure(client.callTool("echo"));
        assert.equal(error.code, "unauthorized");
        assert.equal(error.reason, reason);
        assert.equal(server.calls.length, reasons[reason].remedy === "refresh" ? 2 : 1);
        assert.equal(client.state, "failed");
        assert.equal(client.failure, error);
        server.judgeTokens(() => null);
        await client.callTool("echo").catch(() => client.callTool("echo"));
        assert.equal(client.state, "ready");
        assert.equal(client.failure, null);
    });
}

for (const headers of [{}, { "WWW-Authenticate": 'Bearer error="invalid_token"' }]) {
    // requirement: F-27, F-40
    test(`a server that is not ours: a 401 with ${JSON.stringify(headers)} means refresh`, async () => {
        const clock = new FakeClock();
        const { client, server } = bench(scriptedSource(freshToken(clock, "a"), freshToken(clock, "b")), { clock });
        server.script("tools/call", { status: 401, headers });
        await client.callTool("echo");
        assert.deepEqual(server.calls.map((call) => keyIDOf(call.token)), ["a", "b"]);
    });
}

// requirement: C-12
test("a hundred callers who lose the session open one new one", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    server.dropSessions();
    await Promise.all(Array.from({ length: 100 }, () => client.callTool("echo")));
    assert.equal(server.methods.filter((method) => method === "initialize").length, 2);
    assert.equal(server.received.at(-1).sessionID, "session-2");
    assert.equal(requestsOf(client).at(-1).occasion, "replay_after_new_session");
});

test("a 404 without a session is a wrong URL, not a lost session", async () => {
    const { client, server } = bench(undefined);
    server.script("initialize", { status: 404, body: "<html>", headers: { "Content-Type": "text/html" } });
    const error = await failure(client.initialize());
    assert.deepEqual([error.code, error.status, error.reason, error.remedy], ["protocolViolation", 404, null, null]);
    assert.match(error.message, /no MCP server is at that path: check the URL/);
});

// requirement: F-65
test("a scope that is missing is asked for once, and kept", async () => {
    const clock = new FakeClock();
    const source = scriptedSource(() => freshToken(clock));
    const { client, server } = bench(source, { clock, canWidenScope: true });
    server.script("tools/call", { reason: "scope_insufficient", scope: ["files:write"] });
    await client.callTool("echo");
    assert.deepEqual(source.questions.map(({ scope }) => scope), [[], ["files:write"]]);
    assert.equal(requestsOf(client).at(-1).occasion, "retry_after_step_up");
    server.script("tools/call",
        { reason: "scope_insufficient", scope: ["a"] }, { reason: "scope_insufficient", scope: ["b"] });
    const error = await failure(client.callTool("echo"));
    assert.deepEqual([error.code, error.reason], ["forbidden", "scope_insufficient"]);
    assert.deepEqual(source.questions.at(-1).scope, ["files:write", "a"]);
});

test("a source that cannot widen its scope is not asked to", async () => {
    const clock = new FakeClock();
    const source = scriptedSource(freshToken(clock));
    const { client, server } = bench(source, { clock });
    server.script("tools/call", { reason: "scope_insufficient", scope: ["x"] });
    assert.equal((await failure(client.callTool("echo"))).code, "forbidden");
    assert.equal(source.questions.length, 1);
});

for (const status of [429, 503]) {
    test(`${status} is waited out as told, in seconds or by date`, async () => {
        const clock = new FakeClock();
        const { client, server } = bench(() => freshToken(clock, "k1", { lifetime: 3000 }), { clock });
        await client.connect();
        const date = new Date((clock.now() + 12) * 1000).toUTCString();
        server.script("tools/call",
            { status, headers: { "Retry-After": "5" } }, { status, headers: { "Retry-After": date } });
        const result = client.callTool("echo");
        for (const seconds of [5, 7]) {
            await clock.untilSomebodySleeps(seconds);
            clock.advance(seconds);
        }
        await result;
        assert.equal(server.calls.length, 3);
        assert.deepEqual(requestsOf(client).slice(-2).map(({ occasion }) => occasion),
            ["retry_after_wait", "retry_after_wait"]);
    });
}

test("a 503 that says nothing may have run: a call is not sent again, a listing is", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    server.script("tools/call", { status: 503 });
    assert.equal((await failure(client.callTool("echo"))).code, "outcomeUnknown");
    assert.equal(server.calls.length, 1);
    server.script("tools/list", { status: 503 });
    const tools = client.listTools();
    await clock.untilSomebodySleeps(1);
    clock.advance(1);
    assert.equal((await tools).length, 1);
});

test("patience has an end: too long a wait, or too many, is an error", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock, maximumBusyRetries: 0 });
    server.script("tools/call", { status: 429, headers: { "Retry-After": "31" } },
        { status: 503, headers: { "Retry-After": "1" } });
    const long = await failure(client.callTool("echo"));
    assert.deepEqual([long.code, long.reason], ["busy", "rate_limited"]);
    assert.match(long.message, /31 s/);
    assert.equal((await failure(client.callTool("echo"))).code, "busy");
    assert.equal(server.calls.length, 2);
});

test("a call whose connection broke is not sent again; a listing is, once", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    server.script("tools/call", { broken: true });
    assert.equal((await failure(client.callTool("echo"))).code, "outcomeUnknown");
    assert.equal(server.calls.length, 1);
    server.script("tools/list", { broken: true });
    assert.equal((await client.listTools()).length, 1);
    assert.equal(requestsOf(client).at(-1).occasion, "retry_after_broken_connection");
    server.script("tools/list", { broken: true }, { broken: true });
    assert.equal((await failure(client.listTools())).code, "connection");
});

// requirement: C-05, C-18, D-04
test("a call without an answer ends when its time is up, and the server is told", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    const latch = new Latch();
    server.script("tools/call", { latch });
    const result = failure(client.callTool("echo"));
    await latch.untilWaiting();
    await clock.untilSomebodySleeps(60);
    clock.advance(60);
    const error = await result;
    assert.equal(error.code, "timeout");
    assert.match(error.message, /60 s/);
    await settled();
    const notice = server.received.at(-1);
    assert.equal(notice.method, "notifications/cancelled");
    assert.equal(notice.params.requestId, server.calls.at(-1).id);
    assert.equal(notice.sessionID, "session-1");
    assert.ok(notice.token);
});

// requirement: C-18, D-05
test("a call that its caller aborts is cancelled at the server too, and the next one is served", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    const latch = new Latch();
    server.script("tools/call", { latch });
    const controller = new AbortController();
    const result = failure(client.callTool("echo", {}, { signal: controller.signal }));
    await latch.untilWaiting();
    controller.abort();
    assert.equal((await result).name, "AbortError");
    await settled();
    assert.deepEqual(server.methods.slice(-2), ["tools/call", "notifications/cancelled"]);
    assert.equal(requestsOf(client).at(-2).failure ?? requestsOf(client).at(-1).failure, "cancelled");
    await client.callTool("echo");
    assert.equal(server.methods.filter((method) => method === "initialize").length, 1);
    assert.equal((await failure(client.callTool("echo", {}, { signal: AbortSignal.abort() }))).name, "AbortError");
});

test("one who gives up waiting for the handshake does not end it for the others", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    const latch = new Latch();
    server.script("initialize", { latch });
    const controller = new AbortController();
    const impatient = failure(client.initialize({ signal: controller.signal }));
    const patient = client.callTool("echo");
    await latch.untilWaiting();
    assert.equal(client.state, "initializing");
    controller.abort();
    assert.equal((await impatient).name, "AbortError");
    latch.open();
    assert.equal((await patient).isError, false);
    assert.equal(server.methods.filter((method) => method === "initialize").length, 1);
});

test("one who gives up waiting for a token does not end the refresh for the others", async () => {
    const clock = new FakeClock();
    const latch = new Latch();
    const source = scriptedSource(async () => {
        await latch.wait();
        return freshToken(clock);
    });
    const { client } = bench(source, { clock });
    const controller = new AbortController();
    const impatient = failure(client.callTool("echo", {}, { signal: controller.signal }));
    const patient = client.callTool("echo");
    await latch.untilWaiting();
    controller.abort();
    assert.equal((await impatient).name, "AbortError");
    assert.equal(source.questions[0].signal.aborted, false);
    latch.open();
    await patient;
    assert.equal(source.questions.length, 1);
});

// requirement: A-41, C-05
test("the handshake has a time of its own, and is never cancelled at the server", async () => {
    const { client, server, clock } = bench(undefined);
    const latch = new Latch();
    server.script("initialize", { latch });
    const result = failure(client.connect());
    await latch.untilWaiting();
    await clock.untilSomebodySleeps(30);
    clock.advance(30);
    assert.equal((await result).code, "timeout");
    await settled();
    assert.deepEqual(server.methods, ["initialize"]);
});

test("a source that does not answer is given up, even where it ignores its signal", async () => {
    const clock = new FakeClock();
    const source = scriptedSource(() => new Promise(() => {}));
    const { client } = bench(source, { clock });
    const result = failure(client.callTool("echo"));
    await until(() => source.questions.length === 1, "the question");
    await clock.untilSomebodySleeps(30);
    clock.advance(30);
    assert.equal((await result).code, "timeout");
    assert.equal(client.tokens.state.name, "failed");
    assert.equal(source.questions[0].signal.aborted, true);
});

test("a denial in band is a result that says why, and is recorded", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    const data = { reason: "argument_forbidden", remedy: "none", detail: 'bucket asks for "b"; allowed: a' };
    server.script("tools/call", { result: { content: [], structuredContent: data, isError: true } });
    const result = await client.callTool("echo");
    assert.equal(result.isError, true);
    assert.equal(result.denial.reason, "argument_forbidden");
    assert.equal(requestsOf(client).at(-1).reason, "argument_forbidden");
    server.script("resources/read", { error: { code: 403, message: "no", data } },
        { error: { code: -32602, message: "what?" } });
    const denied = await failure(client.request("resources/read", { uri: "note://a" }));
    assert.deepEqual([denied.code, denied.reason], ["toolDenied", "argument_forbidden"]);
    const failed = await failure(client.request("resources/read", { uri: "note://a" }));
    assert.deepEqual([failed.code, failed.rpcError.code], ["serverError", -32602]);
    server.script("tools/call", { result: { content: [], isError: true } });
    assert.equal((await client.callTool("echo")).denial, null);
    assert.equal(client.state, "ready");
});

// requirement: C-02, C-19, D-01, D-08
test("a stream of events is read to the answer; progress is told, the server's ping answered", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    server.script("tools/call", {
        events: [
            { jsonrpc: "2.0", id: "s1", method: "ping" }, { jsonrpc: "2.0", id: "s2", method: "roots/list" },
            { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 2, progress: 7 } },
            { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 99, progress: 8 } },
        ],
        answer: { content: [{ type: "text", text: "streamed" }] },
    });
    const heard = [];
    const result = await client.callTool("echo", {}, { onProgress: ({ progress }) => heard.push(progress) });
    assert.deepEqual(result.content, [{ type: "text", text: "streamed" }]);
    assert.deepEqual(heard, [7]);
    assert.equal(server.calls[0].params._meta.progressToken, 2);
    const answers = server.received.filter(({ method, httpMethod }) => method === "" && httpMethod === "POST");
    assert.deepEqual(answers.map(({ message }) => message.result ?? message.error.code), [{}, -32601]);
});

test("a stream that ends without the answer leaves the outcome unknown", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    server.script("tools/call", { events: [] });
    assert.equal((await failure(client.callTool("echo"))).code, "outcomeUnknown");
});

test("a stream that asks a hundred times and more before it answers is given up", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    const questions = Array.from({ length: 101 }, (_, id) => ({ jsonrpc: "2.0", id: `s${id}`, method: "ping" }));
    server.script("tools/call", { events: questions, answer: { content: [] } });
    assert.match((await failure(client.callTool("echo"))).message, /more than 100 times/);
});

const html = { body: "<html>", headers: { "Content-Type": "text/html" } };
const json = (body) => ({ body, headers: { "Content-Type": "application/json" } });
for (const [reply, words] of [
    [{ status: 200, ...html }, /text\/html/], [json("{"), /not acceptable JSON/], [json("{}"), /not JSON-RPC/],
    [json("[]"), /not JSON-RPC/], [{ status: 405, ...html }, /405/],
    [{ status: 307, headers: { Location: "http://elsewhere.test/" } }, /redirect/],
    [{ status: 202 }, /without an answer/], [{ result: { content: 1 } }, /no content/],
    [json('{"jsonrpc":"2.0","id":77,"result":{}}'), /answers another request/],
]) {
    test(`an answer that is not MCP is refused with a line that says what came: ${words}`, async () => {
        const clock = new FakeClock();
        const { client, server } = bench(() => freshToken(clock), { clock });
        server.script("tools/call", reply);
        const error = await failure(client.callTool("echo"));
        assert.equal(error.code, "protocolViolation");
        assert.match(error.message, words);
        assert.ok(!error.message.includes("\n"));
    });
}

test("a reply of the configured size is read; one byte more is refused", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock, maximumReplySize: 1000 });
    await client.connect();
    // The handshake has id 1, these calls 2 and 3; the others are streams.
    const reply = (id, size) => json(JSON.stringify({ jsonrpc: "2.0", id, result: { content: [] } }).padEnd(size));
    server.script("tools/call", reply(2, 1000), reply(3, 1001));
    assert.deepEqual((await client.callTool("echo")).content, []);
    assert.equal((await failure(client.callTool("echo"))).code, "replyTooLarge");
    server.script("tools/call", { events: [{ jsonrpc: "2.0", method: "x", params: { text: "y".repeat(1000) } }] });
    assert.equal((await failure(client.callTool("echo"))).code, "replyTooLarge");
});

// requirement: D-30, D-31, D-32
test("all pages of a list are read, within bounds", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock, maximumPages: 3, maximumListLength: 3 });
    const page = (names, nextCursor) => ({
        result: { tools: names.map((name) => ({ name, inputSchema: { type: "object" } })), nextCursor },
    });
    server.script("tools/list", page(["a"], ""), page(["b"], "2"), page(["c"]));
    assert.deepEqual((await client.listTools()).map(({ name }) => name), ["a", "b", "c"]);
    server.script("tools/list", page([], "1"), page([], "2"), page([], "3"));
    assert.match((await failure(client.listTools())).message, /3 pages/);
    server.script("tools/list", page(["a", "b", "c", "d"]));
    assert.match((await failure(client.listTools())).message, /3 tools/);
    server.script("tools/list", page([], "1"), page([], "1"));
    assert.match((await failure(client.listTools())).message, /same page/);
    server.script("tools/list", { result: { tools: [{ name: "no schema" }] } });
    assert.match((await failure(client.listTools())).message, /no list of tools/);
});

test("a listing goes without a token where none can be had", async () => {
    const { client, server } = bench(() => undefined);
    assert.equal((await client.listTools()).length, 1);
    assert.ok(server.received.every(({ token }) => token === null));
    const error = await failure(client.callTool("echo"));
    assert.equal(error.code, "tokenSource");
    assert.match(error.message, /"undefined"/);
    assert.equal(server.calls.length, 0);
});

// requirement: C-13
for (const status of [404, 405, 401, 500]) {
    // requirement: C-13
    test(`closing tolerates a server that answers DELETE with ${status}, and ends everything`, async () => {
        const clock = new FakeClock();
        const { client, server } = bench(() => freshToken(clock), { clock });
        await client.callTool("echo");
        server.script("DELETE", { status });
        await client.close();
        await client.close();
        assert.equal(server.methods.filter((method) => method === "DELETE").length, 1);
        assert.equal(client.tokens.state.name, "closed");
        assert.equal(client.state, "closed");
        assert.equal((await failure(client.callTool("echo"))).code, "closed");
    });
}

test("closing ends what is under way, and so does the client's signal", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const { client, server } = bench(() => freshToken(clock), { clock, signal: controller.signal });
    await client.connect();
    const latch = new Latch();
    server.script("tools/call", { latch });
    const call = failure(client.callTool("echo"));
    await latch.untilWaiting();
    controller.abort();
    assert.equal((await call).code, "closed");
    await settled();
    assert.deepEqual(server.methods.slice(-1), ["DELETE"]);
});

// requirement
test("a server that speaks no legacy version is told from a broken one", async () => {
    const { client, server } = bench(undefined);
    server.script("initialize", {
        result: { protocolVersion: "2026-07-28", capabilities: {}, serverInfo: { name: "x", version: "1" } } });
    const error = await failure(client.connect());
    assert.equal(error.code, "protocolViolation");
    assert.match(error.message, /2026-07-28/);
    assert.deepEqual(server.methods, ["initialize"]);
    assert.equal(client.state, "failed");
});

for (const url of ["", "ftp://x/", "localhost:80", "http://", "http://u@h/", "http://h/#f"]) {
    test(`"${url}" is said to be no URL of a server`, async () => {
        const { client, server } = bench(undefined, { url });
        assert.equal((await failure(client.connect())).code, "connection");
        assert.equal(server.received.length, 0);
    });
}

// requirement: F-25
test("records, errors and descriptions name tokens by a fingerprint only", async () => {
    const clock = new FakeClock();
    const token = freshToken(clock, "k1", { age: 4 });
    const lines = [];
    const write = (line) => lines.push(line);
    const console = { debug: write, info: write, warn: write, error: write };
    const { client, server } = bench(() => token, { clock, logLevel: "debug", ambient: { console } });
    server.script("tools/call", { reason: "tool_forbidden" });
    const error = await failure(client.callTool("echo"));
    assert.equal(error.code, "forbidden");
    const record = requestsOf(client).at(-1);
    const { token: { keyID, age, fingerprint }, status, tool } = record;
    assert.deepEqual([keyID, age, fingerprint.length, status, tool], ["k1", 4, 8, 403, "echo"]);
    assert.ok(lines.includes("[vestibule] MCP session established (token sent: no)"));
    const texts = [inspect(client, { depth: 9 }), inspect(client.tokens.freshToken), inspect(error), String(error),
        JSON.stringify([client.records, client.tokens.freshToken, client.tokens.getStatus()]), ...lines];
    for (const text of texts) assert.ok(!text.includes(token), text.slice(0, 200));
});

test("neither records nor errors nor console hold a token that a source or a server puts into words", async () => {
    const clock = new FakeClock();
    const token = freshToken(clock);
    const lines = [];
    const write = (line) => lines.push(line);
    const console = { debug: write, info: write, warn: write, error: write };
    const heard = [];
    for (const source of [() => { throw new Error(`cannot parse ${token}`); }, () => token]) {
        const { client, server } = bench(source, { clock, logLevel: "debug", ambient: { console } });
        server.judgeTokens(() => ({ reason: "token_revoked", detail: `${"x ".repeat(100)}revoked: ${token}` }));
        const error = await failure(client.callTool("echo", {}));
        heard.push(error.message, String(error), JSON.stringify(error.rejection), JSON.stringify(client.records));
        heard.push(JSON.stringify(client.state), JSON.stringify(client.tokens.state));
    }
    const [header, payload] = token.split(".");
    for (const text of [...heard, ...lines]) {
        assert.ok(!text.includes(header) && !text.includes(payload.slice(0, 12)), text);
    }
    assert.ok(heard.some((text) => text.includes("(token)")));
});

test("a key's name cannot forge a line of the console", async () => {
    const clock = new FakeClock();
    const lines = [];
    const write = (line) => lines.push(line);
    const console = { debug: write, info: write, warn: write, error: write };
    const now = clock.now();
    const token = sampleToken({ iat: now, exp: now + 300, kid: "k\n[vestibule] all is well\u202e" });
    const { client } = bench(() => token, { clock, logLevel: "debug", ambient: { console } });
    await client.callTool("echo", {});
    assert.ok(lines.some((line) => line.includes("kid k ")));
    for (const line of lines) assert.doesNotMatch(line, /[\n\u202e]/);
});

test("a call goes on where the answer to a question of the server does not get through", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    server.script("tools/call", {
        events: [{ jsonrpc: "2.0", id: "theirs", method: "ping" }], answer: { content: [], isError: false } });
    server.script("POST", { broken: true });
    assert.deepEqual((await client.callTool("echo", {})).content, []);
    assert.equal(client.state, "ready");
    assert.equal(requestsOf(client).filter(({ failure }) => failure !== null).length, 1);
});

test("arguments that JSON cannot write are the caller's mistake, and nothing is sent", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    const circle = {};
    circle.circle = circle;
    for (const args of [circle, { big: 1n }]) {
        assert.ok(await failure(client.callTool("echo", args)) instanceof TypeError);
    }
    assert.deepEqual(server.calls, []);
    assert.equal(client.state, "ready");
});

// requirement: C-05
test("a call that goes on and on ends by the time that a call may take in all, and says which that was", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock, timeouts: { call: 60, maximumCall: 90 } });
    await client.connect();
    /** @type {ReadableStreamDefaultController} */
    let stream;
    const body = new ReadableStream({ start: (controller) => { stream = controller; } });
    server.script("tools/call", { headers: { "Content-Type": "text/event-stream" }, body });
    const error = failure(client.callTool("echo", {}));
    await until(() => server.calls.length === 1);
    await settled();
    clock.advance(50);
    const note = JSON.stringify({ jsonrpc: "2.0", method: "notifications/message", params: {} });
    stream.enqueue(new TextEncoder().encode(`data: ${note}\n\n`));
    await settled();
    clock.advance(10);
    await settled();
    clock.advance(30);
    assert.match((await error).message, /no answer within 90 s/);
});

test("the console says nothing where it is told to be silent", async () => {
    const clock = new FakeClock();
    const lines = [];
    const write = (line) => lines.push(line);
    const console = { debug: write, info: write, warn: write, error: write };
    for (const [logLevel, count] of [["silent", 0], ["info", 1]]) {
        lines.length = 0;
        const { client } = bench(() => freshToken(clock), { clock, logLevel, ambient: { console } });
        await client.connect();
        await settled();
        assert.equal(lines.length, count, logLevel);
    }
    assert.throws(() => bench(undefined, { logLevel: "loud" }), /logLevel/);
});

test("the newest five hundred records are kept, numbered without gaps, and events tell of each", async () => {
    const { client } = bench(undefined);
    let told = 0;
    client.addEventListener("record", () => (told += 1));
    await client.connect();
    for (let count = 0; count < 510; count += 1) await client.ping();
    assert.equal(client.records.length, 500);
    const numbers = Array.from({ length: 500 }, (_, index) => index + 13);
    assert.deepEqual(client.records.map(({ sequence }) => sequence), numbers);
    assert.equal(told, 512);
});

test("the one light: every state as it comes", async () => {
    const clock = new FakeClock();
    const source = scriptedSource(freshToken(clock, "a"), () => freshToken(clock, "b"), new Error("down"));
    const { client } = bench(source, { clock });
    const seen = [];
    client.addEventListener("state", ({ detail }) => seen.push(detail.state));
    assert.equal(client.state, "idle");
    await client.connect();
    clock.advance(301);
    await client.callTool("echo");
    clock.advance(301);
    await failure(client.callTool("echo"));
    await client.close();
    assert.deepEqual(seen,
        ["initializing", "ready", "initializing", "ready", "refreshing", "ready", "refreshing", "failed", "closed"]);
});

test("clients are found by elements on the page until they are closed", async () => {
    const { client } = bench(undefined);
    const all = globalThis[Symbol.for("vestibule.clients")];
    assert.ok(all.has(client));
    await client.close();
    assert.ok(!all.has(client));
});

test("a call that learns late of the lost session does not give up the new one", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    server.dropSessions();
    const latch = new Latch();
    server.script("tools/call", { latch, reason: "session_unknown" });
    const late = client.callTool("echo");
    await latch.untilWaiting();
    await client.callTool("echo");
    latch.open();
    await late;
    assert.equal(server.methods.filter((method) => method === "initialize").length, 2);
    assert.equal(server.received.at(-1).sessionID, "session-2");
});

// requirement: A-37
test("nobody uses a session before the server was told that it is open", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    const latch = new Latch();
    server.script("notifications/initialized", { latch });
    const first = client.initialize();
    await latch.untilWaiting();
    const call = client.callTool("echo");
    await settled();
    assert.deepEqual(server.methods, ["initialize", "notifications/initialized"]);
    latch.open();
    await Promise.all([first, call]);
});

test("a stream of many small events has a bound too", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock, maximumReplySize: 1000 });
    const small = Array.from({ length: 20 }, () => ({ jsonrpc: "2.0", method: "notifications/message", params: {} }));
    server.script("tools/call", { events: small, answer: { content: [] } });
    assert.equal((await failure(client.callTool("echo"))).code, "replyTooLarge");
});

// requirement: C-21, G-07
test("a batch is read message by message, in JSON and in a stream", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    await client.connect();
    const note = { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", data: 1 } };
    const answer = (id) => ({ jsonrpc: "2.0", id, result: { content: [] } });
    server.script("tools/call", json(JSON.stringify([note, answer(2)])),
        { headers: { "Content-Type": "text/event-stream" }, body: `data: ${JSON.stringify([note, answer(3)])}\n\n` });
    for (let count = 0; count < 2; count += 1) assert.deepEqual((await client.callTool("echo")).content, []);
});

// requirement: C-14
test("a session id that no header may carry is refused", async () => {
    for (const id of ["a b", "x".repeat(1025), "\u00e9"]) {
        const { client, server } = bench(undefined);
        server.script("initialize", { headers: { "Mcp-Session-Id": id }, result: { protocolVersion: "2025-11-25",
            capabilities: {}, serverInfo: { name: "x", version: "1" } } });
        assert.match((await failure(client.initialize())).message, /unlawful characters/);
    }
});

// requirement: C-41
for (const status of [413, 431]) {
    test(`${status} is told as it is, and nothing is sent again`, async () => {
        const clock = new FakeClock();
        const { client, server } = bench(() => freshToken(clock), { clock });
        server.script("tools/call", { status });
        const error = await failure(client.callTool("echo"));
        assert.deepEqual([error.code, error.status], ["protocolViolation", status]);
        assert.equal(server.calls.length, 1);
    });
}

// requirement: G-02, C-37
test("a listing whose connection broke goes out again under an id that was never used", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    server.script("tools/list", { broken: true });
    await client.listTools();
    const ids = server.received.filter(({ id }) => id !== undefined).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
});

// requirement: A-79
test("a resource that is not there is told by the code that the server has for it", async () => {
    const clock = new FakeClock();
    const { client, server } = bench(() => freshToken(clock), { clock });
    for (const code of [-32002, -32602]) {
        server.script("resources/read", { error: { code, message: "not found", data: { uri: "note://x" } } });
        const error = await failure(client.readResource("note://x"));
        assert.deepEqual([error.code, error.rpcError.code], ["serverError", code]);
    }
});
