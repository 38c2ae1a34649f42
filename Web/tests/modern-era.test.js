import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock, Latch } from "./fake-clock.js";
import { freshToken } from "./sample-tokens.js";
import { bench, failure, settled, until } from "./support.js";

const prefix = "io.modelcontextprotocol/";

/** A client of a modern server. */
function modern(options = {}, getToken = null) {
    const clock = new FakeClock();
    const parts = bench(getToken ?? (() => freshToken(clock)), { clock, era: "automatic", ...options });
    parts.server.speak("modern");
    return parts;
}

// requirement, C-31
test("every request says revision, capabilities and who asks, in its body and its headers", async () => {
    const { client, server } = modern({ clientInfo: { name: "page", version: "7" } });
    await client.connect();
    await client.listTools();
    await client.callTool("echo", { a: 1 });
    await client.ping();
    assert.deepEqual(server.methods, ["server/discover", "tools/list", "tools/call", "server/discover"]);
    for (const { params, headers, method } of server.received) {
        assert.deepEqual(params._meta, { [`${prefix}protocolVersion`]: "2026-07-28",
            [`${prefix}clientCapabilities`]: {}, [`${prefix}clientInfo`]: { name: "page", version: "7" } });
        assert.equal(headers.get("MCP-Protocol-Version"), "2026-07-28");
        assert.equal(headers.get("Mcp-Method"), method);
        assert.equal(headers.get("Mcp-Session-Id"), null);
    }
    const { era, protocolVersion, serverInfo, hasSessionID } = client.server;
    assert.deepEqual([era, protocolVersion, serverInfo.name, hasSessionID],
        ["modern", "2026-07-28", "scripted", false]);
    assert.equal(client.era, "modern");
    assert.deepEqual(client.records.filter(({ kind }) => kind === "request").map((record) => record.era),
        ["modern", "modern", "modern", "modern"]);
});

// requirement: C-30, C-38
test("a modern call that its caller aborts ends with its connection; nothing else is sent", async () => {
    const { client, server } = modern();
    await client.connect();
    const latch = new Latch();
    server.script("tools/call", { latch });
    const controller = new AbortController();
    const result = failure(client.callTool("echo", {}, { signal: controller.signal }));
    await latch.untilWaiting();
    controller.abort();
    assert.equal((await result).name, "AbortError");
    await settled();
    assert.deepEqual(server.methods, ["server/discover", "tools/call"]);
});

test("closing a modern client sends nothing, since there is no session to end", async () => {
    const { client, server } = modern();
    await client.connect();
    await client.close();
    assert.deepEqual(server.methods, ["server/discover"]);
});

// requirement: C-30
test("a modern server that asks in the middle of a call, which it may not, is not answered", async () => {
    const { client, server } = modern({ handlers: { roots: [{ uri: "file:///a" }] } });
    server.script("tools/call", {
        events: [{ jsonrpc: "2.0", id: 1, method: "ping" }, { jsonrpc: "2.0", id: 2, method: "roots/list" }],
        answer: { content: [] } });
    await client.callTool("echo");
    await settled();
    assert.deepEqual(server.methods, ["server/discover", "tools/call"]);
});

// requirement: D-08
test("progress and logs come with the call that they belong to", async () => {
    const { client, server } = modern();
    await client.setServerLogLevel("info");
    const logs = [];
    client.addEventListener("log", ({ detail }) => logs.push(detail));
    server.script("tools/call", { latch: { wait: async () => {} }, events: [
        { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 2, progress: 1, total: 2 } },
        { jsonrpc: "2.0", method: "notifications/progress", params: { progressToken: 99, progress: 1 } },
        { jsonrpc: "2.0", method: "notifications/message", params: { level: "info", logger: "l", data: { a: 1 } } },
    ], answer: { content: [] } });
    const heard = [];
    await client.callTool("echo", {}, { onProgress: (progress) => heard.push(progress.progress) });
    assert.deepEqual(heard, [1]);
    assert.deepEqual(logs, [{ level: "info", logger: "l", data: { a: 1 } }]);
    const { _meta } = server.calls[0].params;
    assert.deepEqual([_meta.progressToken, _meta[`${prefix}logLevel`]], [2, "info"]);
});

// requirement: D-21
test("a server with sessions is told the level of its logs by a request", async () => {
    const { client, server } = modern({ era: "legacy" });
    server.speak("legacy");
    server.script("logging/setLevel", { result: {} });
    await client.setServerLogLevel("warning");
    assert.deepEqual(server.received.at(-1).params, { level: "warning" });
});

// requirement: C-05
test("a person who takes five minutes to answer does not make the call fail", async () => {
    const person = new Latch();
    const elicit = async (params, { signal }) => {
        await person.wait(signal);
        return { action: "accept", content: {} };
    };
    const { client, server, clock } = modern({ handlers: { elicit } });
    await client.connect();
    const question = { method: "elicitation/create", params: { message: "?", requestedSchema: { type: "object",
        properties: { name: { type: "string", default: "Ada" } } } } };
    server.script("tools/call", { result: { resultType: "input_required", inputRequests: { q: question } } });
    const result = client.callTool("echo");
    await person.untilWaiting();
    for (let minute = 0; minute < 5; minute += 1) {
        await clock.untilSomebodySleeps(60);
        clock.advance(60);
        await settled();
    }
    person.open();
    assert.equal((await result).isError, false);
    assert.deepEqual(server.calls.at(-1).params.inputResponses, { q: { action: "accept", content: { name: "Ada" } } });
});

test("what a handler throws is what the call fails with, and nothing is sent again", async () => {
    const { client, server } = modern({ handlers: { sample: () => { throw new RangeError("no model"); } } });
    server.script("tools/call", { result: { resultType: "input_required",
        inputRequests: { q: { method: "sampling/createMessage", params: {} } } } });
    assert.equal((await failure(client.callTool("echo"))).message, "no model");
    assert.equal(server.calls.length, 1);
});

// requirement: E-54, E-56
test("elicitation by URL is offered only where there is a handler, and only for addresses of the web", async () => {
    const asked = [];
    const elicitURL = ({ url }) => {
        asked.push(url);
        return { action: "accept", content: { ignored: true } };
    };
    const wanted = (params) => ({ result: { resultType: "input_required",
        inputRequests: { q: { method: "elicitation/create", params } } } });
    const { client, server } = modern({ handlers: { elicitURL } });
    server.script("tools/call", wanted({ mode: "url", message: "Go", url: "https://a.test/x" }));
    await client.callTool("echo");
    const { _meta, inputResponses } = server.calls.at(-1).params;
    assert.deepEqual(_meta[`${prefix}clientCapabilities`], { elicitation: { url: {} } });
    assert.deepEqual(inputResponses, { q: { action: "accept" } });
    for (const params of [{ mode: "url", url: "javascript:alert(1)" }, { mode: "form", message: "?" }, { message: "?" },
        { mode: "other" }]) {
        server.script("tools/call", wanted(params));
        assert.equal((await failure(client.callTool("echo"))).code, "protocolViolation");
    }
    assert.deepEqual(asked, ["https://a.test/x"]);
});

// requirement: E-58
test("roots that are no files are the page's mistake", async () => {
    const { client, server } = modern({ handlers: { roots: () => [{ uri: "https://a.test/" }] } });
    server.script("tools/call", { result: { resultType: "input_required",
        inputRequests: { q: { method: "roots/list" } } } });
    assert.match((await failure(client.callTool("echo"))).message, /file:\/\//);
});

test("more questions at once than anybody would answer are refused", async () => {
    const { client, server } = modern({ handlers: { roots: [] } });
    const questions = Array.from({ length: 101 }, (_, index) => [`q${index}`, { method: "roots/list" }]);
    server.script("tools/call", { result: { resultType: "input_required",
        inputRequests: Object.fromEntries(questions) } });
    assert.match((await failure(client.callTool("echo"))).message, /more than 100 things/);
});

// requirement: D-30, D-31, D-32
test("every list is read from all of its pages, and every feature has its method", async () => {
    const { client, server } = modern();
    const page = (member, names, nextCursor) => ({ result: { resultType: "complete", ttlMs: 0, cacheScope: "private",
        [member]: names.map((name) => ({ name, uri: `note://${name}`, uriTemplate: `note://{${name}}` })), nextCursor } });
    for (const [method, member, list] of [["resources/list", "resources", () => client.listResources()],
        ["resources/templates/list", "resourceTemplates", () => client.listResourceTemplates()],
        ["prompts/list", "prompts", () => client.listPrompts()]]) {
        server.script(method, page(member, ["a"], ""), page(member, ["b"], null));
        assert.deepEqual((await list()).map(({ name }) => name), ["a", "b"], method);
        const [first, second] = server.received.filter((one) => one.method === method);
        assert.deepEqual([first.params.cursor, second.params.cursor], [undefined, ""]);
        server.script(method, { result: { [member]: [{}] } });
        assert.match((await failure(list())).message, /holds no list/);
    }
    server.script("resources/read", { result: { contents: [{ uri: "note://a", text: "x" }] } }, { result: {} });
    assert.deepEqual(await client.readResource("note://a"), [{ uri: "note://a", text: "x" }]);
    assert.match((await failure(client.readResource("note://a"))).message, /resources\/read of note:\/\/a: .*no contents/);
    server.script("prompts/get", { result: { messages: [] } }, { result: {} });
    assert.deepEqual((await client.getPrompt("p", { a: "b" })).messages, []);
    assert.equal((await failure(client.getPrompt("p"))).code, "protocolViolation");
    server.script("completion/complete", { result: { completion: { values: ["x"] } } }, { result: {} });
    const ref = { type: "ref/prompt", name: "p" };
    const completion = await client.complete(ref, { name: "a", value: "x" }, { context: { b: "c" } });
    assert.deepEqual(completion.values, ["x"]);
    const { _meta, ...params } = server.received.at(-1).params;
    assert.deepEqual(params, { ref, argument: { name: "a", value: "x" }, context: { arguments: { b: "c" } } });
    assert.equal((await failure(client.complete(ref, { name: "a", value: "x" }))).code, "protocolViolation");
});

// requirement: C-35
test("the console says why a tool is left out", async () => {
    const lines = [];
    const write = (line) => lines.push(line);
    const console = { debug: write, info: write, warn: write, error: write };
    const { client, server } = modern({ logLevel: "warn", ambient: { console } });
    server.tools = [{ name: "bad\nname", inputSchema: { type: "object", properties: { a: { "x-mcp-header": "A B" } } } }];
    assert.deepEqual(await client.listTools(), []);
    assert.match(lines.join(), /the tool "bad" is left out: x-mcp-header "A B" is not the name of a header/);
});

// requirement: E-17
test("structured content of a modern server may be any JSON value", async () => {
    const { client, server } = modern();
    for (const value of [[1, 2], "text", 7, false, { a: null }]) {
        server.script("tools/call", { result: { resultType: "complete", content: [], structuredContent: value } });
        assert.deepEqual((await client.callTool("echo")).structuredContent, value);
    }
});

test("a token is not judged by a wrong clock: a modern server is asked for its time by server/discover", async () => {
    const { client, server, clock } = modern();
    server.tellTime(0);
    await client.callTool("echo");
    clock.jump(3600);
    server.tellTime(-3600);
    await client.callTool("echo");
    assert.deepEqual(server.methods, ["server/discover", "tools/call", "server/discover", "tools/call"]);
    assert.equal(server.received[2].token, null);
});

test("an era that does not exist is the page's mistake", () => {
    assert.throws(() => bench(undefined, { era: "newest" }), /automatic, legacy, modern/);
});

test("clients of one page ask a legacy server only once what it is", async () => {
    const first = modern();
    first.server.speak("legacy");
    await first.client.connect();
    assert.equal(first.server.methods[0], "server/discover");
    const { EraVerdicts } = await import("../era-verdicts.js");
    const verdicts = new EraVerdicts();
    const [one, two] = [1, 2].map(() => bench(undefined, { clock: first.clock, server: first.server, verdicts,
        era: "automatic", url: "http://server.test/mcp?some=query" }));
    first.server.received.length = 0;
    await one.client.initialize();
    await two.client.initialize();
    assert.deepEqual(first.server.methods.filter((method) => !method.startsWith("notifications")),
        ["server/discover", "initialize", "initialize"]);
    first.clock.advance(3601);
    await two.client.close();
    const late = bench(undefined, { clock: first.clock, server: first.server, verdicts, era: "automatic" });
    await late.client.initialize();
    assert.equal(first.server.methods.filter((method) => method === "server/discover").length, 2);
});

// requirement
test("a legacy verdict that fails is dropped at once, and the server asked", async () => {
    const { EraVerdicts } = await import("../era-verdicts.js");
    const verdicts = new EraVerdicts();
    const { client, server, clock } = modern({ verdicts });
    verdicts.noteLegacy("http://server.test/mcp", clock.monotonic());
    await client.connect();
    assert.deepEqual(server.methods, ["initialize", "server/discover"]);
    assert.equal(client.era, "modern");
    assert.equal(verdicts.isLegacy("http://server.test/mcp", clock.monotonic()), false);
});

test("a session whose server has become modern is found out, and the call sent again", async () => {
    const { client, server } = modern();
    server.speak("legacy");
    await client.connect();
    server.speak("modern");
    server.script("tools/call", { status: 400, error: { code: -32020, message: "no Mcp-Method" } });
    assert.equal((await client.callTool("echo")).isError, false);
    assert.equal(client.era, "modern");
});

test("a handler's question to a legacy call has its own time, and is told when the call is over", async () => {
    const person = new Latch();
    let told = null;
    const sample = async (params, { signal }) => {
        signal.addEventListener("abort", () => { told = signal.reason.message; });
        await person.wait(signal);
    };
    const { client, server } = modern({ era: "legacy", handlers: { sample } });
    server.speak("legacy");
    await client.connect();
    let stream;
    const body = new ReadableStream({ start: (controller) => { stream = controller; } });
    server.script("tools/call", { headers: { "Content-Type": "text/event-stream" }, body });
    const send = (message) => {
        server.asks(message);
        stream.enqueue(new TextEncoder().encode(`data: ${JSON.stringify(message)}\n\n`));
    };
    const result = client.callTool("echo");
    await until(() => server.calls.length === 1);
    send({ jsonrpc: "2.0", id: 7, method: "sampling/createMessage", params: { messages: [] } });
    await person.untilWaiting();
    send({ jsonrpc: "2.0", id: 8, method: "ping" });
    await until(() => server.received.at(-1).id === 8, "the answer to the ping");
    send({ jsonrpc: "2.0", id: server.calls[0].id, result: { content: [] } });
    await result;
    assert.equal(told, "the call is over");
    await settled();
    assert.equal(server.received.filter(({ id, method }) => method === "" && id === 7).length, 0);
});
